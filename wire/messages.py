"""The messages. Field by field in docs/wire.md; the numbers there and here are the same (a test compares them)."""

from enum import IntEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from wire.codec import Fraction, Instant, Key, Message, Row
from wire.topics import Kind

Count = Annotated[int, Field(ge=0, lt=2**63)]
Hash = Annotated[bytes, Field(min_length=32, max_length=32)]
"""A whole SHA-256."""
Digest = Annotated[bytes, Field(min_length=8, max_length=8)]
"""The first 8 bytes of a SHA-256: tells two things of one camera apart; a signature stands for the rest."""
Label = Annotated[str, Field(min_length=1, max_length=32)]
CANARY: Final = "canary"
"""The one label that is no model's: a sighting of nothing else is the daily test of the whole way."""


class ClockQuality(IntEnum):
    """How far a camera's clock can be trusted when it stamped a message."""

    UNSET = 0
    """Nothing has set it since power-up: only the order and the intervals are right."""
    HARDWARE = 1
    """From a battery-backed clock: seconds off per week."""
    NETWORK = 2
    """From NTP or the cellular network."""
    GNSS = 3


class Upward(Message):
    """What every message from a camera begins with."""

    boot: Annotated[Count, Key(1)]
    """Counts the program's starts on this unit. (boot, sequence) orders and names its messages without a clock."""
    sequence: Annotated[Count, Key(2)]
    at: Annotated[Instant, Key(3)]
    """When the message was signed and committed to the spool, by the camera's clock."""
    clock: Annotated[ClockQuality, Key(4)]
    uptime_ms: Annotated[Count, Key(5)]
    """Milliseconds since the program's start, by a clock that never jumps: the distance of two events of one boot."""


class Opening(Row):
    """The (boot, sequence) of the message that opened a sighting, which names the sighting for good."""

    boot: Count
    sequence: Count


class Detection(Row):
    """One box: its left-top corner and size as fractions of the frame."""

    label: Label
    score: Fraction
    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction


class Photo(Row):
    """A photo of which the camera keeps the original, and what was seen on it."""

    original: Hash
    """SHA-256 of the original's bytes."""
    at: Instant
    """When the shutter closed."""
    detections: tuple[Detection, ...] = Field(max_length=32)


class Weights(Row):
    """Which model saw it."""

    name: Annotated[str, Field(max_length=64)]
    digest: Digest


class Stages(Row):
    """When the frame that opened the sighting went through the camera."""

    shutter: Instant
    gated: Instant
    detected: Instant


class State(IntEnum):
    OPEN = 0
    CLOSED = 1


class Sighting(Upward):
    """The whole state of a sighting. Of several, the highest revision wins."""

    KIND: ClassVar[int] = 1
    opening: Annotated[Opening, Key(6)]
    revision: Annotated[Count, Key(7)]
    state: Annotated[State, Key(8)]
    opened_at: Annotated[Instant, Key(9)]
    seen_at: Annotated[Instant, Key(10)]
    """When something was last seen."""
    counts: Annotated[dict[Label, Count], Key(11), Field(max_length=16)]
    """Label → how many at most in one frame."""
    photos: Annotated[tuple[Photo, ...], Key(12), Field(max_length=8)]
    """Best first. A revision names every photo that its forerunners named."""
    model: Annotated[Weights, Key(13)]
    stages: Annotated[Stages, Key(14)]
    previous: Annotated[Opening | None, Key(15)] = None
    """The sighting that reached its longest time and was closed, which this one carries on."""


class Preview(Upward):
    """The small photo that travels at once."""

    KIND: ClassVar[int] = 2
    opening: Annotated[Opening, Key(6)]
    original: Annotated[Hash, Key(7)]
    """Of which original this is the preview."""
    image: Annotated[bytes, Key(8), Field(min_length=1, max_length=64_000)]
    """WebP."""


class Original(Upward):
    """A piece of an original, sent on request."""

    KIND: ClassVar[int] = 3
    original: Annotated[Hash, Key(6)]
    offset: Annotated[Count, Key(7)]
    size: Annotated[Count, Key(8)]
    """Of the whole, in bytes."""
    piece: Annotated[bytes, Key(9), Field(min_length=1, max_length=64_000)]


class Health(Upward):
    """The heartbeat. Everything but the promise is sent as far as the unit knows it."""

    KIND: ClassVar[int] = 4
    next_within_s: Annotated[Count, Key(6)]
    """The promise: the next heartbeat comes within so many seconds. Without one the camera is silent."""
    version: Annotated[str | None, Key(7), Field(max_length=64)] = None
    boot_reason: Annotated[str | None, Key(8), Field(max_length=64)] = None
    frames: Annotated[Count | None, Key(9)] = None
    """Since the program's start."""
    frames_moved: Annotated[Count | None, Key(10)] = None
    """Of these, how many the gate let through."""
    spooled: Annotated[Count | None, Key(11)] = None
    """Messages that still wait for their receipt."""
    disk_free_bytes: Annotated[Count | None, Key(12)] = None
    bytes_sent: Annotated[Count | None, Key(13)] = None
    temperature_c: Annotated[int | None, Key(14)] = None
    camera_fault: Annotated[str | None, Key(15), Field(max_length=200)] = None
    """Why no frames come, when none come."""
    shed: Annotated[Count | None, Key(16)] = None
    """Previews and originals given up for want of room since the program's start."""


class Presence(IntEnum):
    GONE = 0
    """The broker says it, by the last will: the connection broke."""
    HERE = 1
    LEAVING = 2
    """The program ends in good order."""


class Status(Upward):
    """Whether the camera is on line. Kept by the broker (retained), and not receipted: the next one says more."""

    KIND: ClassVar[int] = 5
    presence: Annotated[Presence, Key(6)]
    connection: Annotated[Count, Key(7)]
    """Counts the connections of this boot: a will speaks only of its own."""


class Outcome(IntEnum):
    DONE = 0
    REFUSED = 1
    FAILED = 2


class Reply(Upward):
    """What became of a command."""

    KIND: ClassVar[int] = 6
    command: Annotated[Count, Key(6)]
    """The command's number."""
    outcome: Annotated[Outcome, Key(7)]
    words: Annotated[str, Key(8), Field(max_length=400)] = ""


class Named(Row):
    """A message, named for a receipt: its number and the digest of its signed bytes, so that no other can be meant."""

    boot: Count
    sequence: Count
    digest: Digest


class RefusedMessage(Row):
    """A message that the gateway set aside: it will not be taken however often it is sent."""

    boot: Count
    sequence: Count
    digest: Digest
    reason: Annotated[str, Field(max_length=400)]


class Receipt(Message):
    """The gateway's word that messages are safely stored (or set aside). Only this lets a camera forget them."""

    KIND: ClassVar[int] = 7
    at: Annotated[Instant, Key(1)]
    """By the gateway's clock."""
    stored: Annotated[tuple[Named, ...], Key(2), Field(max_length=256)] = ()
    refused: Annotated[tuple[RefusedMessage, ...], Key(3), Field(max_length=64)] = ()


class Command(Message):
    """What the gateway asks of a camera. Done once, answered by a Reply, void after `expires`."""

    KIND: ClassVar[int] = 8
    at: Annotated[Instant, Key(1)]
    number: Annotated[Count, Key(2)]
    """Grows with each command to this camera."""
    expires: Annotated[Instant, Key(3)]
    order: Annotated[str, Key(4), Field(min_length=1, max_length=32)]
    words: Annotated[dict[str, str | int | bytes], Key(5), Field(max_length=32)] = Field(default_factory=dict)


KINDS: dict[Kind, type[Message]] = {
    Kind.SIGHTING: Sighting,
    Kind.PREVIEW: Preview,
    Kind.ORIGINAL: Original,
    Kind.HEALTH: Health,
    Kind.STATUS: Status,
    Kind.REPLY: Reply,
    Kind.RECEIPT: Receipt,
    Kind.COMMAND: Command,
}
"""The topic's last word → the message that goes there."""


def decode(kind: Kind, payload: bytes) -> Message:
    """The message in a payload that came on a topic of this kind. Raises BadMessage."""
    return KINDS[kind].decode(payload)
