"""When a delivery is to be told next, why, and whether as a new message. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.delivery import Alarm
from alerts.incursion import BACK_AFTER

FIRST = "first notification"
LATE = "first notification, late"
PHOTO_CAME = "photo came"
GREW = "grew"
NEW_CAMERA = "new camera"
CAME_BACK = "came back"


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the telling is."""

    photo_wait: timedelta = timedelta(seconds=3)
    """How long the first notification waits for a photo, from the commit of the sighting's text."""
    photo_interval: timedelta = timedelta(seconds=1)
    """Between a text and the edit that gives it its first photo."""
    edit_interval: timedelta = timedelta(seconds=10)
    """Between any other two edits."""
    anew_interval: timedelta = timedelta(seconds=30)
    """Between two new messages about one incursion: what comes meanwhile is told by one."""
    back_after: timedelta = BACK_AFTER


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to tell of an incursion."""

    revision: int
    stored_at: datetime
    """When the text of its first sighting was committed."""
    has_photo: bool
    cameras: int = 1
    last_at: datetime | None = None
    """When the party was last seen."""
    alarm: Alarm | None = None
    """For this person."""
    late: bool = False
    quiet: bool = False
    """Nothing is worth a sound to this person now: the message is only edited."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a delivery has told so far."""

    revision: int
    with_photo: bool
    at: datetime
    """When the channel last took a message or an edit."""
    new_at: datetime | None = None
    """When it last took a new message."""
    cameras: int = 1
    """As of the last new message, like the next two."""
    last_at: datetime | None = None
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    """Never before the `now` of the decision."""
    reason: str
    anew: bool = False
    """As a message of its own, which makes a sound."""


def due(known: Known, said: Said | None, now: datetime, pace: Pace) -> Due | None:
    """When and why a delivery is to be told next, or None when it has told all there is.

    Ask again whenever `known` or `said` changes, and let the answer replace the one before: what changes while an
    edit waits is told by that same edit.
    """
    if said is None:
        at = now if known.has_photo or known.alarm else max(now, known.stored_at + pace.photo_wait)
        return Due(at, LATE if known.late else FIRST, anew=True)
    found = [each for each in (_anew(known, said, now, pace), _edit(known, said, now, pace)) if each is not None]
    return min(found, key=lambda each: (each.at, not each.anew), default=None)


def _anew(known: Known, said: Said, now: datetime, pace: Pace) -> Due | None:
    if known.alarm is not None and known.alarm != said.alarm:
        return Due(now, known.alarm, anew=True)  # at once, and even to a phone that is else quiet
    told_by_edit = known.revision <= said.revision
    if known.quiet or (told_by_edit and not _fresh(known, now, pace)):
        return None
    at = max(now, (said.new_at or said.at) + pace.anew_interval)
    if known.cameras > said.cameras:
        return Due(at, NEW_CAMERA, anew=True)
    if known.last_at is not None and said.last_at is not None and known.last_at - said.last_at >= pace.back_after:
        return Due(at, CAME_BACK, anew=True)
    return None


def _edit(known: Known, said: Said, now: datetime, pace: Pace) -> Due | None:
    if known.revision <= said.revision:
        return None
    if known.has_photo and not said.with_photo:
        return Due(max(now, said.at + pace.photo_interval), PHOTO_CAME)
    return Due(max(now, said.at + pace.edit_interval), GREW)


def _fresh(known: Known, now: datetime, pace: Pace) -> bool:
    """Whether the party may still be where it was seen. An edit comes sooner than the sound that its news deserves."""
    return known.last_at is not None and now - known.last_at < pace.back_after
