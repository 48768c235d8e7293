"""Sightings and previews, as their messages come: in any order, and perhaps one before the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from gateway.store import tables
from gateway.store.cameras import Cameras
from gateway.taken import Taken
from gateway.times import Correction, correction
from wire import messages
from wire.codec import EPOCH

SightingKey = tuple[str, str, int, int]
"""(park, camera, boot, sequence) of the message that opened it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview that is here: of which original, and the name of its sighting."""

    park: str
    camera: str
    original: str
    boot: int
    sequence: int


@dataclass(slots=True)
class New:
    """A sighting that has no row yet: `insert_new` makes it. An object of the table would cost three times as much."""

    park: str
    camera: str
    boot: int
    sequence: int
    opened_at: datetime
    seen_at: datetime
    late: bool
    stored_at: datetime
    incursion: int | None = None
    grouped_because: str | None = None
    revision: int = -1
    closed: bool = False
    said: dict[str, Any] = field(default_factory=dict[str, Any])
    counts: dict[str, Any] = field(default_factory=dict[str, Any])
    score: float = 0.0
    photos: list[Any] = field(default_factory=list[Any])
    model: str = ""
    previous_boot: int | None = None
    previous_sequence: int | None = None


Row = tables.Sighting | New
_COLUMNS = [each.name for each in fields(New)]


def insert_new(session: Session, rows: Iterable[Row]) -> None:
    """Makes the rows of those that have none."""
    if new := [{name: getattr(row, name) for name in _COLUMNS} for row in rows if isinstance(row, New)]:
        session.execute(insert(tables.Sighting.__table__), new)  # pyright: ignore[reportArgumentType] - a Table


def key_of(row: Row | Preview) -> SightingKey:
    return row.park, row.camera, row.boot, row.sequence


def load(session: Session, keys: Iterable[SightingKey]) -> dict[SightingKey, tables.Sighting]:
    """Those of them that are here."""
    wanted = list(keys)
    if not wanted:
        return {}
    of = tables.Sighting
    rows = session.scalars(select(of).where(tuple_(of.park, of.camera, of.boot, of.sequence).in_(wanted)))
    return {key_of(row): row for row in rows}


def load_previews(session: Session, keys: Iterable[SightingKey]) -> list[Preview]:
    """The previews that came for these sightings."""
    wanted = list(keys)
    if not wanted:
        return []
    of = tables.Photo
    columns = (of.park, of.camera, of.original, of.boot, of.sequence)
    found = session.execute(select(*columns).where(tuple_(of.park, of.camera, of.boot, of.sequence).in_(wanted)))
    return [Preview(*row) for row in found]


def store_previews(session: Session, new: Sequence[Taken], now: datetime) -> list[Preview]:
    """A row for each photo of which this is the first preview."""
    came: dict[tuple[str, str, str], dict[str, Any]] = {}
    for taken in new:
        message = taken.message
        if not isinstance(message, messages.Preview) or taken.preview is None:
            continue
        park, camera, original = taken.topic.park, taken.topic.camera, message.original.hex()
        came.setdefault(
            (park, camera, original),
            {
                "park": park,
                "camera": camera,
                "original": original,
                "boot": message.opening.boot,
                "sequence": message.opening.sequence,
                "path": taken.preview.path,
                "width": taken.preview.width,
                "height": taken.preview.height,
                "size": len(message.image),
                "stored_at": now,
            },
        )
    if not came:
        return []
    columns = (tables.Photo.park, tables.Photo.camera, tables.Photo.original)
    for known in session.execute(select(*columns).where(tuple_(*columns).in_(list(came)))):
        del came[known.park, known.camera, known.original]
    if came:
        session.execute(insert(tables.Photo.__table__), list(came.values()))  # pyright: ignore[reportArgumentType] - a Table
    return [Preview(*key, row["boot"], row["sequence"]) for key, row in came.items()]


def store(session: Session, new: Sequence[Taken], cameras: Cameras, now: datetime, late_after: timedelta) -> list[Row]:
    """The sightings that are new or know more now, each once, in the order in which their messages came.

    Those that are new have no row until `insert_new`.
    """
    told = [(taken, taken.message) for taken in new if isinstance(taken.message, messages.Sighting)]
    rows: dict[SightingKey, Row] = {**load(session, {_opening(taken, message) for taken, message in told})}
    changed: dict[SightingKey, Row] = {}
    for taken, message in told:
        key = _opening(taken, message)
        row = rows.get(key)
        if row is None:
            row = rows[key] = _opened(key, taken, message, now, late_after)
        elif message.revision <= row.revision:
            continue
        _bring_up_to(row, taken, message)
        camera = cameras.get(key[:2])
        if camera is not None and camera.boot is not None and row.boot < camera.boot:
            row.closed = True  # its program has started again since: nobody else will close it
        changed[key] = row
    return list(changed.values())


def _opening(taken: Taken, message: messages.Sighting) -> SightingKey:
    return taken.topic.park, taken.topic.camera, message.opening.boot, message.opening.sequence


def _opened(key: SightingKey, taken: Taken, message: messages.Sighting, now: datetime, late_after: timedelta) -> New:
    park, camera, boot, sequence = key
    opened_at = _correction(taken, message).apply(message.opened_at)
    late = now - opened_at > late_after
    return New(park, camera, boot, sequence, opened_at=opened_at, seen_at=opened_at, late=late, stored_at=now)


def _bring_up_to(row: Row, taken: Taken, message: messages.Sighting) -> None:
    row.revision = message.revision
    row.closed = message.state is messages.State.CLOSED
    row.seen_at = max(row.opened_at, _correction(taken, message).apply(message.seen_at))
    row.said = {"sent": _ms(message.at)} | row.said | _said(message)  # `sent` stays that of the first
    row.counts = dict(message.counts)
    row.photos = [_photo(photo) for photo in message.photos]
    row.score = max((detection["score"] for photo in row.photos for detection in photo["detections"]), default=0.0)
    row.model = f"{message.model.name} {message.model.digest.hex()}"
    if message.previous is not None:
        row.previous_boot, row.previous_sequence = message.previous.boot, message.previous.sequence


def _correction(taken: Taken, message: messages.Sighting) -> Correction:
    newest = max(message.opened_at, message.seen_at)
    return correction(message.at, newest, message.clock, taken.received_at)


def _said(message: messages.Sighting) -> dict[str, Any]:
    times = {
        "opened_at": message.opened_at,
        "seen_at": message.seen_at,
        "at": message.at,
        "shutter": message.stages.shutter,
        "gated": message.stages.gated,
        "detected": message.stages.detected,
    }
    return {name: _ms(moment) for name, moment in times.items()} | {
        "clock": int(message.clock),
        "uptime_ms": message.uptime_ms,
    }


def _photo(photo: messages.Photo) -> dict[str, Any]:
    return {
        "original": photo.original.hex(),
        "at": _ms(photo.at),
        "detections": [detection.model_dump() for detection in photo.detections],
    }


def _ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
