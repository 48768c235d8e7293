"""Topics: who speaks, and about what."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wire.errors import BadTopic
from wire.version import VERSION

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
"""What a park or a camera may be called. Nothing that means something in a topic, path or address."""


class Kind(StrEnum):
    """The last word of a topic. The first six go up, from a camera to the gateway; the last two go down."""

    SIGHTING = "sighting"
    PREVIEW = "preview"
    ORIGINAL = "original"
    HEALTH = "health"
    STATUS = "status"
    REPLY = "reply"
    RECEIPT = "receipt"
    COMMAND = "command"

    @property
    def direction(self) -> str:
        return "down" if self in {Kind.RECEIPT, Kind.COMMAND} else "up"


def checked_name(name: str, what: str = "name") -> str:
    """`name` itself, when it can stand in a topic. Raises BadTopic."""
    if not NAME.fullmatch(name):
        raise BadTopic(
            f"{what}: {name!r} is not a name; expected 1 to 32 letters, digits, '-' or '_', the first not a sign"
        )
    return name


@dataclass(frozen=True, slots=True)
class Topic:
    """One camera's topic for one kind of message."""

    park: str
    camera: str
    kind: Kind

    def __post_init__(self) -> None:
        checked_name(self.park, "park")
        checked_name(self.camera, "camera")

    def __str__(self) -> str:
        return f"sambar/{VERSION}/{self.park}/{self.camera}/{self.kind.direction}/{self.kind}"


def parse(topic: str) -> Topic:
    """The inverse of `str(Topic)`. Raises BadTopic, which for another version of the wire says so."""
    parts = topic.split("/")
    if len(parts) != 6 or parts[0] != "sambar":
        raise BadTopic(f"topic: {topic[:200]!r}; expected 'sambar/{VERSION}/PARK/CAMERA/up|down/KIND'")
    _, version, park, camera, direction, kind = parts
    if version != str(VERSION):
        raise BadTopic(
            f"topic: {topic[:200]!r} is of wire version {version[:20]!r}; this program reads version {VERSION}"
        )
    if kind not in set(Kind) or Kind(kind).direction != direction:
        known = ", ".join(f"{each.direction}/{each}" for each in Kind)
        raise BadTopic(f"topic: {topic[:200]!r} is of no kind that we know; expected one of {known}")
    return Topic(park, camera, Kind(kind))


def uplinks(park: str = "+") -> str:
    """The subscription to all that the cameras of a park (or of all parks) say."""
    return f"sambar/{VERSION}/{park}/+/up/+"


def downlinks(park: str, camera: str) -> str:
    """The subscription of one camera to all that the gateway says to it."""
    return f"sambar/{VERSION}/{checked_name(park, 'park')}/{checked_name(camera, 'camera')}/down/+"
