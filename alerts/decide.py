"""When a delivery is to be told, and why. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = "first notification"
PHOTO_CAME = "photo came"
GREW = "grew"


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the telling is."""

    photo_wait: timedelta = timedelta(seconds=3)
    """How long the first notification waits for a photo, from the commit of the sighting's text."""
    photo_interval: timedelta = timedelta(seconds=1)
    """Between a text and the edit that gives it its first photo. Telegram allows a message a second in one chat."""
    edit_interval: timedelta = timedelta(seconds=10)
    """Between any other two edits. Telegram allows 20 messages a minute in a group, edits among them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to tell of an incursion."""

    revision: int
    stored_at: datetime
    """When the text of its first sighting was committed."""
    has_photo: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a delivery has told so far."""

    revision: int
    with_photo: bool
    at: datetime
    """When the channel last took a message or an edit."""


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    """Never before the `now` of the decision."""
    reason: str


def due(known: Known, said: Said | None, now: datetime, pace: Pace) -> Due | None:
    """When and why a delivery is to be told next, or None when it has told all there is.

    Ask again whenever `known` or `said` changes, and let the answer replace the one before: what changes while an
    edit waits is told by that same edit.
    """
    if said is None:
        return Due(now if known.has_photo else max(now, known.stored_at + pace.photo_wait), FIRST)
    if known.revision <= said.revision:
        return None
    if known.has_photo and not said.with_photo:
        return Due(max(now, said.at + pace.photo_interval), PHOTO_CAME)
    return Due(max(now, said.at + pace.edit_interval), GREW)
