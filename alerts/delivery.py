"""One alert to one person over one channel: the values that the dispatcher, the ledger and the channels share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What a person can say to an alert, by a button or a word."""

    SEEN = "seen"
    READY = "ready"
    """Ready to go. Nobody goes on this alone: an officer approves the party."""
    FALSE_ALARM = "false-alarm"
    OUR_PATROL = "our-patrol"
    APPROVE = "approve"
    """The officer's word: this party goes."""
    ON_THE_WAY = "on-the-way"
    IN_PLACE = "in-place"
    CHECK_IN = "check-in"
    """'We are well': starts the check-in timer anew."""
    HELP = "help"
    CAUGHT = "caught"
    TURNED_BACK = "turned-back"
    LEFT = "left"
    NOTHING_FOUND = "nothing-found"


class Kind(StrEnum):
    """What a notice is about: all that is told and is no incursion."""

    CAMERA_SILENT = "camera-silent"
    CAMERA_BACK = "camera-back"
    TAMPER = "tamper"
    LOW_BATTERY = "low-battery"
    CANARY = "canary"
    """The daily word from a camera, the whole way to a test recipient."""
    CANARY_MISSING = "canary-missing"
    TROUBLE = "trouble"
    """Something of ours fails: for an administrator."""
    MUTED = "muted"
    """Somebody muted alerts: for the area's chief."""
    TEST = "test"
    """`sambar alerts test`."""


class Alarm(StrEnum):
    """What makes an incursion's alert louder than its news."""

    APPROVAL_WANTED = "approval-wanted"
    """A party is ready, and waits for the officer."""
    APPROVED = "approved"
    OVERDUE = "overdue"
    """A party has missed its check-in."""
    HELP = "help"
    UNANSWERED = "unanswered"
    """Nobody has answered: told up the chain."""


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
    incursion: int | None
    """None of a notice."""
    person: str
    channel: str
    address: str
    """What the channel calls the person: a chat's number, a person's name on the web channel."""
    reason: str
    """Why it was decided to tell: 'first notification', 'photo came', …"""
    attempts: int
    """How many failed since the last success."""
    earlier: Accepted | None
    """The message that was sent before, when there is one."""
    held_until: datetime
    """The end of its holder's lease. Names the holder: who lets it pass may find the delivery with somebody else."""
    anew: bool = False
    """Whether the news deserves a message of its own, though there is an earlier one that could be edited."""


@dataclass(frozen=True, slots=True)
class Movement:
    """From camera to camera."""

    heading: str
    """A compass point: 'N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'."""
    km_h: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the answer to an incursion has come. Counts, never names: a third party's chat may show it."""

    seen: int = 0
    """Persons."""
    ready: int = 0
    approved: bool = False
    stage: Answer | None = None
    """ON_THE_WAY, IN_PLACE or an outcome: the furthest."""
    closed_by: Answer | None = None
    """CAUGHT, TURNED_BACK, LEFT, NOTHING_FOUND, FALSE_ALARM or OUR_PATROL, once it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an alert says. Holds no coordinate: a third party's chat must never get one."""

    delivery: int
    """The delivery's number."""
    revision: int
    """Grows with what there is to tell; the ledger compares it."""
    park: str
    """The park's name for people."""
    area: str
    place: str
    """The camera's place in words: 'Khlong E-Thao, north gate'. Empty when it is about no place."""
    camera: str
    zone: str
    """The park's time zone, an IANA name."""
    language: str
    """The person's, a BCP 47 tag."""
    quiet: bool = False
    """Arrives without a sound: an expected patrol, a quiet hour, a party in place."""
    answers: tuple[Answer, ...] = ()
    """Buttons to offer, in this order."""
    link: str | None = None
    """To the signed-in page."""
    has_photo: bool = False
    """Whether there is a photo, asked for or not."""
    photo: bytes | None = None
    """JPEG with its boxes drawn, when there is one and it was asked for."""
    photo_url: str | None = None
    """The same JPEG at a public, signed, short-lived https address, for services that fetch it themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncursionTelling(Telling):
    incursion: int
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
    movement: Movement | None = None
    possibly_ours: bool = False
    """People of ours are expected there: responders, or a planned patrol."""
    alarm: Alarm | None = None
    progress: Progress = Progress()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTelling(Telling):
    notice: int
    kind: Kind
    since: datetime
    """When what it tells of began: the last word of a silent camera, say."""
    facts: Mapping[str, str | float] = field(default_factory=dict[str, "str | float"], hash=False)
    """What is known, by kind; docs/alerts.md lists them. Never a coordinate."""
