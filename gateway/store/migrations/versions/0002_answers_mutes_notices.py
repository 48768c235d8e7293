"""Answers, mutes, notices, phones that take Web Push; who is told is planned, not only routed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one step after another
    op.create_table(
        "mutes",
        sa.Column("park", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("cameras", sa.JSON(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("park", "number", name="pk_mutes"),
    )
    with op.batch_alter_table("mutes", schema=None) as batch_op:
        batch_op.create_index("ix_mutes_park_ends", ["park", "ends"], unique=False)

    op.create_table(
        "notices",
        sa.Column("park", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("park", "number", name="pk_notices"),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_park_over_at", ["park", "over_at"], unique=False)
        batch_op.create_index("ix_notices_park_kind_subject", ["park", "kind", "subject"], unique=False)
        batch_op.create_index("ix_notices_wake_at", ["wake_at"], unique=False)
        batch_op.create_index(
            "uq_notices_open",
            ["park", "kind", "subject"],
            unique=True,
            sqlite_where=sa.text("over_at IS NULL"),
            postgresql_where=sa.text("over_at IS NULL"),
        )

    op.create_table(
        "subscriptions",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("park", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name="pk_subscriptions"),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index("ix_subscriptions_park_person", ["park", "person"], unique=False)

    op.create_table(
        "answers",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("park", sa.Text(), nullable=False),
        sa.Column("incursion", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("may_decide", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["park", "incursion"], ["incursions.park", "incursions.number"], name="fk_answers_park_incursion"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_answers"),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index("ix_answers_park_incursion", ["park", "incursion"], unique=False)

    with op.batch_alter_table("areas", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chief", sa.Text(), nullable=True))

    with op.batch_alter_table("cameras", schema=None) as batch_op:
        batch_op.add_column(sa.Column("canary_at", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notice", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("rank", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("why", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("held", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("alarm", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("anew", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("new_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("told_cameras", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("told_last_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("told_alarm", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))
        batch_op.alter_column("incursion", existing_type=sa.BIGINT(), nullable=True)
        batch_op.create_unique_constraint(
            "uq_deliveries_park_notice_person_channel", ["park", "notice", "person", "channel"]
        )
        batch_op.create_foreign_key("fk_deliveries_park_notice", "notices", ["park", "notice"], ["park", "number"])

    with op.batch_alter_table("incursions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("possibly_ours", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("follows", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("wake_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_incursions_wake_at", ["wake_at"], unique=False)

    with op.batch_alter_table("parks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("routes", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("response", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("last_notice", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("last_mute", sa.BigInteger(), server_default="0", nullable=False))

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("superior", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("quiet_hours", sa.JSON(), nullable=True))

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shifts", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("exchanges", sa.JSON(), server_default="[]", nullable=False))
