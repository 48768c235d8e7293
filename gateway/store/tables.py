"""The tables. The park is the first column of every key, so that no query can forget it.

Moments are kept as microseconds since 1970 in a BigInteger: equal, exact and sortable on SQLite and PostgreSQL alike.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BigNumber = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of type INTEGER."""


class Moment(TypeDecorator[datetime]):
    """A UTC datetime as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - its signature
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON, str: Text, int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it


class Park(Base):
    __tablename__ = "parks"
    park: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    zone: Mapped[str]
    grouping: Mapped[dict[str, Any]]
    """gap_s, reach_m, speed_m_s."""
    tell: Mapped[list[Any]]
    """Which kinds are told: 'person', 'vehicle', 'animal'."""
    last_incursion: Mapped[int] = mapped_column(default=0)
    change: Mapped[int] = mapped_column(default=0)
    """Grows with each commit that a page would show; pages poll this one number."""
    applied: Mapped[int] = mapped_column(default=0)
    """Grows with each `park apply`: whoever keeps the cameras' keys in memory reads them anew."""
    routes: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The routing tree, as park.toml has it."""
    response: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """How a response goes, as park.toml has it: timers, the party's least size, check-ins."""
    last_notice: Mapped[int] = mapped_column(default=0, server_default="0")
    last_mute: Mapped[int] = mapped_column(default=0, server_default="0")


class Area(Base):
    __tablename__ = "areas"
    park: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    team: Mapped[str]
    chief: Mapped[str | None]


class Camera(Base):
    __tablename__ = "cameras"
    park: Mapped[str] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str]
    place: Mapped[str]
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    key: Mapped[str]
    """Its public key, as `str(wire.keys.PublicKey)`."""
    revoked_at: Mapped[datetime | None]
    # What was last heard:
    boot: Mapped[int | None]
    """The highest boot that it has spoken from; sightings of earlier ones are closed."""
    heard_at: Mapped[datetime | None]
    promised_by: Mapped[datetime | None]
    """By when it promised to be heard again."""
    canary_at: Mapped[datetime | None]
    """When its last daily canary was stored; one that has sent none is not missed."""
    presence: Mapped[int | None]
    presence_boot: Mapped[int | None]
    presence_connection: Mapped[int | None]
    health: Mapped[dict[str, Any] | None]
    """The last heartbeat's fields by name."""


class Person(Base):
    __tablename__ = "people"
    park: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    """'ranger', 'operator', 'analyst', 'administrator' or 'villager'."""
    language: Mapped[str]
    channels: Mapped[list[Any]]
    """In order of preference: [{"channel": "telegram", "address": "123"}, …]."""
    superior: Mapped[str | None]
    quiet_hours: Mapped[dict[str, Any] | None]
    """{"begins": "22:00", "ends": "05:00"} by the park's clock."""


class Team(Base):
    __tablename__ = "teams"
    park: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    members: Mapped[list[Any]]
    shifts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    exchanges: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class Message(Base):
    """Every message that was taken, as signed. Its key makes a second coming harmless."""

    __tablename__ = "messages"
    park: Mapped[str] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(primary_key=True)
    boot: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole SHA-256 of the sealed bytes."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The sealed bytes; of a photo, without the image."""
    image_at: Mapped[int | None]
    """Where the image stood in them: sealed[:image_at] + image + sealed[image_at:] is what the camera signed."""
    received_at: Mapped[datetime]


class Quarantine(Base):
    """What was not taken, and why. Bounded: the oldest go."""

    __tablename__ = "quarantine"
    number: Mapped[int] = mapped_column(BigNumber, Identity(), primary_key=True)
    received_at: Mapped[datetime]
    topic: Mapped[str]
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """At most the longest message's bytes of it."""
    reason: Mapped[str]


class Sighting(Base):
    __tablename__ = "sightings"
    park: Mapped[str] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(primary_key=True)
    boot: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    incursion: Mapped[int | None]
    """None while nothing in it is told (an animal)."""
    grouped_because: Mapped[str | None]
    revision: Mapped[int]
    closed: Mapped[bool] = mapped_column(Boolean)
    opened_at: Mapped[datetime]
    """Corrected; what the camera said is in `said`."""
    seen_at: Mapped[datetime]
    said: Mapped[dict[str, Any]]
    """The camera's own times in milliseconds (opened_at, seen_at, at, shutter, gated, detected), clock, uptime_ms.

    `at` is that of the newest revision, `sent` that of the first one stored.
    """
    counts: Mapped[dict[str, Any]]
    score: Mapped[float] = mapped_column(Float)
    photos: Mapped[list[Any]]
    """Best first: [{"original": hex, "at": ms, "detections": [{label, score, x, y, width, height}]}]."""
    model: Mapped[str]
    previous_boot: Mapped[int | None]
    previous_sequence: Mapped[int | None]
    late: Mapped[bool] = mapped_column(Boolean)
    stored_at: Mapped[datetime]
    """When its first message was committed."""
    __table_args__ = (
        Index(None, "park", "incursion"),
        Index(None, "park", "opened_at"),
        # Few at any time: what a reboot leaves behind is found without a walk over history.
        Index(
            "ix_sightings_open",
            "park",
            "camera",
            sqlite_where=text("NOT closed"),
            postgresql_where=text("NOT closed"),
        ),
    )


class Photo(Base):
    """A preview (and later its original) by the original's hash. May come before its sighting."""

    __tablename__ = "photos"
    park: Mapped[str] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(primary_key=True)
    original: Mapped[str] = mapped_column(primary_key=True)
    """Hexadecimal SHA-256."""
    boot: Mapped[int]
    sequence: Mapped[int]
    """(boot, sequence) of the sighting's opening."""
    path: Mapped[str]
    """Of the preview in the photo store."""
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    stored_at: Mapped[datetime]
    __table_args__ = (Index(None, "park", "camera", "boot", "sequence"),)


class Incursion(Base):
    __tablename__ = "incursions"
    park: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Counted per park: people say 'incursion 42'."""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
    """Label → how many at most in one frame of one camera."""
    cameras: Mapped[list[Any]] = mapped_column(default=list)
    """That have seen this party, in the order in which they were stored."""
    photo: Mapped[str | None]
    """The surest photo whose preview has come, as its original's hash; on `photo_camera`."""
    photo_camera: Mapped[str | None]
    photo_score: Mapped[float | None] = mapped_column(Float)
    revision: Mapped[int]
    """Grows with what there is to tell."""
    stored_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    """Whether its first word came long after it happened."""
    possibly_ours: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    follows: Mapped[int | None]
    """The incursion that this party of ours, perhaps, goes after."""
    wake_at: Mapped[datetime | None]
    """When its plan is to be made again, though nothing happens: escalation, fall-back, check-ins."""
    __table_args__ = (Index(None, "park", "last_at"), Index(None, "wake_at"))


class Answer(Base):
    """What a person said to an incursion. Only ever added to; alerts.response folds them into a state."""

    __tablename__ = "answers"
    number: Mapped[int] = mapped_column(BigNumber, Identity(), primary_key=True)
    park: Mapped[str]
    incursion: Mapped[int]
    person: Mapped[str]
    answer: Mapped[str]
    """An alerts.delivery.Answer."""
    at: Mapped[datetime]
    may_decide: Mapped[bool] = mapped_column(Boolean)
    """Whether it was the person's office to, then."""
    channel: Mapped[str]
    """By which it came."""
    note: Mapped[str]
    __table_args__ = (
        Index(None, "park", "incursion"),
        ForeignKeyConstraint(["park", "incursion"], ["incursions.park", "incursions.number"]),
    )


class Mute(Base):
    """A silence, a maintenance or a planned patrol. Never deleted; one that is lifted ends then."""

    __tablename__ = "mutes"
    park: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    author: Mapped[str]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    cameras: Mapped[list[Any]]
    areas: Mapped[list[Any]]
    kinds: Mapped[list[Any]]
    agreed_by: Mapped[str | None]
    lifted_by: Mapped[str | None]
    __table_args__ = (Index(None, "park", "ends"),)


class Notice(Base):
    """What is told and is no incursion: a silent camera, a low battery, trouble of our own."""

    __tablename__ = "notices"
    park: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """An alerts.delivery.Kind."""
    subject: Mapped[str]
    """What it is about, so that it is not opened twice: a camera, a channel, a person."""
    camera: Mapped[str | None]
    since: Mapped[datetime]
    stored_at: Mapped[datetime]
    revision: Mapped[int]
    facts: Mapped[dict[str, Any]]
    people: Mapped[list[Any] | None]
    """Whom it is for, when not for whom the routes name."""
    photo: Mapped[str | None]
    """That shows it, as its original's hash, once it has come; of its camera."""
    wake_at: Mapped[datetime | None]
    """As an incursion's."""
    over_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "park", "over_at"),
        Index(None, "park", "kind", "subject"),
        Index(None, "wake_at"),
        Index(
            "uq_notices_open", "park", "kind", "subject", unique=True,
            sqlite_where=text("over_at IS NULL"), postgresql_where=text("over_at IS NULL"),
        ),
    )  # fmt: skip


class Subscription(Base):
    """A phone that takes Web Push."""

    __tablename__ = "subscriptions"
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    park: Mapped[str]
    person: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    made_at: Mapped[datetime]
    __table_args__ = (Index(None, "park", "person"),)


class Delivery(Base):
    __tablename__ = "deliveries"
    number: Mapped[int] = mapped_column(BigNumber, Identity(), primary_key=True)
    park: Mapped[str]
    incursion: Mapped[int | None]
    """None of a notice's."""
    notice: Mapped[int | None]
    person: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
    """The channel's place in the person's order of preference."""
    why: Mapped[str] = mapped_column(default="", server_default="")
    """Why this person: the route, the escalation, the fall-back."""
    reason: Mapped[str]
    """Why it is told now: 'first notification', 'photo came', …"""
    quiet: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    held: Mapped[str | None]
    """Muted, by this reason: not told as long as it stands."""
    alarm: Mapped[str | None]
    """What makes it louder than its news now, for this person: an alerts.delivery.Alarm."""
    anew: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    """Whether the next telling is a message of its own."""
    decided_at: Mapped[datetime]
    """When it was first decided to tell this person."""
    due_at: Mapped[datetime | None]
    """None when there is nothing to do."""
    told_revision: Mapped[int | None]
    """Of the incursion, as last accepted."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    message_id: Mapped[str | None]
    with_photo: Mapped[bool] = mapped_column(Boolean, default=False)
    accepted_at: Mapped[datetime | None]
    """When the channel first took it."""
    new_at: Mapped[datetime | None]
    """When it last took a new message, of which the next three speak."""
    told_cameras: Mapped[int] = mapped_column(default=0, server_default="0")
    told_last_at: Mapped[datetime | None]
    told_alarm: Mapped[str | None]
    edited_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    """When the phone said that it shows it, on channels that can say so."""
    seen_at: Mapped[datetime | None]
    """Only ever by a human act."""
    over: Mapped[bool] = mapped_column(Boolean, default=False)
    """Refused for good: see `trouble`."""
    trouble: Mapped[str | None]
    """The last thing that went wrong."""
    withdrawn_at: Mapped[datetime | None]
    """When its message was deleted from the service, as far as the service lets us."""
    __table_args__ = (
        UniqueConstraint("park", "incursion", "person", "channel"),
        UniqueConstraint("park", "notice", "person", "channel"),
        ForeignKeyConstraint(["park", "incursion"], ["incursions.park", "incursions.number"]),
        ForeignKeyConstraint(["park", "notice"], ["notices.park", "notices.number"]),
        Index(None, "channel", "due_at"),
    )


class Link(Base):
    """A person's secret address, kept as a hash; opening it gives a cookie."""

    __tablename__ = "links"
    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """SHA-256 of the token."""
    park: Mapped[str]
    person: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Session(Base):
    __tablename__ = "sessions"
    cookie: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """SHA-256 of the cookie."""
    park: Mapped[str]
    person: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
