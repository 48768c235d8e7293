"""What people write in a chat, read as a command. A word that is none is given back, to be said."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d)")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
UNITS = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Status:
    """How it stands: what is open, which cameras are silent."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last incursion, with its photo."""


@dataclass(frozen=True, slots=True)
class Photo:
    camera: str


@dataclass(frozen=True, slots=True)
class Silence:
    camera: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Patrol:
    """'We are at CAM-12 until 06:00'."""

    camera: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Somebody works on the camera: what that causes is no alarm."""

    camera: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Agree:
    number: int


@dataclass(frozen=True, slots=True)
class Lift:
    number: int


@dataclass(frozen=True, slots=True)
class Help:
    """Which words there are."""


@dataclass(frozen=True, slots=True)
class Unknown:
    word: str


Command = Status | Last | Photo | Silence | Patrol | Maintenance | Agree | Lift | Help | Unknown


def read(text: str, now: datetime) -> Command:
    """`now` in the park's zone. The slash of a bot's command may be there or not; capitals do not matter."""
    words = text.strip().removeprefix("/").split()
    if not words:
        return Help()
    head, rest = words[0].casefold(), words[1:]
    match head:
        case "status":
            return Status()
        case "last":
            return Last()
        case "help" | "start":
            return Help()
        case "photo" if len(rest) == 1:
            return Photo(rest[0])
        case "silence" | "patrol" | "maintenance" if len(rest) >= 2 and (until := _until(rest[1], now)) is not None:
            reason = " ".join(rest[2:])
            if head == "silence":
                return Silence(rest[0], until, reason)
            return (Patrol if head == "patrol" else Maintenance)(rest[0], until, reason or head)
        case "agree" | "lift" if len(rest) == 1 and rest[0].isdecimal():
            return Agree(int(rest[0])) if head == "agree" else Lift(int(rest[0]))
        case _:
            return Unknown(" ".join(words)[:60])


def _until(text: str, now: datetime) -> datetime | None:
    """'2h', '90m', '3d', or the next '06:00'."""
    if span := SPAN.fullmatch(text.casefold()):
        return now + int(span[1]) * UNITS[span[2]]
    if (clock := CLOCK.fullmatch(text)) and int(clock[1]) < 24 and int(clock[2]) < 60:
        until = datetime.combine(now.date(), time(int(clock[1]), int(clock[2])), now.tzinfo)
        return until if until > now else until + timedelta(days=1)
    return None
