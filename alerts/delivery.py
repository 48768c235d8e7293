"""One alert to one person over one channel: the values that the dispatcher, the ledger and the channels share."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A service's word that it has taken a message."""

    message_id: str
    """By which the service knows the message; an edit names it."""
    with_photo: bool
    address: str | None = None
    """Where it went, when that is another address than the one asked for: a group that moved. The ledger keeps it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger that its holder is to carry out now."""

    number: int
    park: str
    incursion: int
    person: str
    channel: str
    address: str
    """What the channel calls the person: a chat's number, a person's name on the web channel."""
    reason: str
    """Why it was decided to tell: 'first notification', 'photo came', …"""
    attempts: int
    """How many failed since the last success."""
    earlier: Accepted | None
    """The message that is to be edited, when there is one."""
    held_until: datetime
    """The end of its holder's lease. Names the holder: who lets it pass may find the delivery with somebody else."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What an alert says. Holds no coordinate: a third party's chat must never get one."""

    delivery: int
    """The delivery's number."""
    park: str
    """The park's name for people."""
    incursion: int
    revision: int
    """Grows with what there is to tell; the ledger compares it."""
    area: str
    place: str
    """The camera's place in words: 'Khlong E-Thao, north gate'."""
    camera: str
    zone: str
    """The park's time zone, an IANA name."""
    language: str
    """The person's, a BCP 47 tag."""
    first_seen: datetime
    last_seen: datetime
    counts: dict[str, int] = field(hash=False)
    """Label → how many at most in one frame."""
    score: float
    """The best detection's, 0 to 1."""
    cameras: int
    """How many cameras have seen this party."""
    late: bool
    """Whether it came to the gateway long after it happened."""
    has_photo: bool
    """Whether there is a photo, asked for or not."""
    photo: bytes | None
    """JPEG with its boxes drawn, when there is one and it was asked for."""
    link: str | None
    """To the incursion on the signed-in page."""
