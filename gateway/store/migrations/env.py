"""What Alembic runs to reach our connection; see gateway/store/migrate.py."""

from typing import Any, Literal

from alembic import context

from gateway.store.tables import Base, Moment


def rendered(kind: str, item: Any, _: object) -> str | Literal[False]:
    """How a new revision writes our own column type: by what it is in the database, which later code cannot change."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=context.config.attributes.get("batch", True),  # SQLite changes a column only by a table made anew
    render_item=rendered,
)
with context.begin_transaction():
    context.run_migrations()
