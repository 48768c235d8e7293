"""The timeline's cards: each incursion with its best photo, its cameras, and who was told."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store import tables
from gateway.web import shots, words
from gateway.web.shots import Shot
from gateway.web.told import Told, told


@dataclass(frozen=True, slots=True)
class Park:
    """What every page says of its park."""

    park: str
    name: str
    zone: ZoneInfo
    change: int
    """The page shows everything up to this change, and perhaps more."""


@dataclass(frozen=True, slots=True)
class Card:
    number: int
    first_at: datetime
    last_at: datetime
    stored_at: datetime
    what: str
    score: float
    open: bool
    """Whether a camera still sees them."""
    late: bool
    """Whether its first word came long after it happened."""
    places: tuple[str, ...]
    """In the order in which the party passed them."""
    areas: tuple[str, ...]
    cameras: tuple[str, ...]
    shot: Shot | None
    shot_place: str | None
    """Where the photo was taken, when the party was at more than one place."""
    told: tuple[Told, ...]
    sightings: tuple[tables.Sighting, ...]
    """In the order of time."""
    row: tables.Incursion


def park_of(session: Session, park: str) -> Park:
    """Read it before the rows that a page shows: then `change` never claims too much. Raises NoResultFound."""
    row = session.get_one(tables.Park, park)
    return Park(row.park, row.name, ZoneInfo(row.zone), row.change)


def newest(session: Session, park: str, most: int, before: int | None = None) -> tuple[Card, ...]:
    """The `most` last incursions that became known, newest first; with `before`, those of lower number.

    By number, not by when they happened: what comes late is news too, and no card ever changes its place.
    """
    query = select(tables.Incursion).where(tables.Incursion.park == park)
    if before is not None:
        query = query.where(tables.Incursion.number < before)
    return cards(session, park, session.scalars(query.order_by(tables.Incursion.number.desc()).limit(most)).all())


def card(session: Session, park: str, number: int) -> Card | None:
    row = session.get(tables.Incursion, (park, number))
    return None if row is None else cards(session, park, [row])[0]


def cards(session: Session, park: str, rows: Sequence[tables.Incursion]) -> tuple[Card, ...]:
    """In the order of `rows`, by a fixed number of queries."""
    numbers = [row.number for row in rows]
    sightings = sightings_of(session, park, numbers)
    stored = previews_of(session, park, numbers)
    deliveries: defaultdict[int, list[tables.Delivery]] = defaultdict(list)
    for delivery in session.scalars(
        select(tables.Delivery)
        .where(tables.Delivery.park == park, tables.Delivery.incursion.in_(numbers))
        .order_by(tables.Delivery.number)
    ):
        deliveries[delivery.incursion or 0].append(delivery)
    people = select(tables.Person.person, tables.Person.name).where(tables.Person.park == park)
    names: dict[str, str] = {row.person: row.name for row in session.execute(people)}
    places = Places.read(session, park)
    return tuple(
        _card(row, sightings[row.number], stored, places, tuple(told(each, names) for each in deliveries[row.number]))
        for row in rows
    )


def sightings_of(session: Session, park: str, numbers: Sequence[int]) -> dict[int, list[tables.Sighting]]:
    """Incursion → its sightings in the order of time; every number has its list."""
    found: dict[int, list[tables.Sighting]] = {number: [] for number in numbers}
    query = (
        select(tables.Sighting)
        .where(tables.Sighting.park == park, tables.Sighting.incursion.in_(numbers))
        .order_by(tables.Sighting.opened_at, tables.Sighting.camera, tables.Sighting.boot, tables.Sighting.sequence)
    )
    for sighting in session.scalars(query):
        if sighting.incursion is not None:
            found[sighting.incursion].append(sighting)
    return found


def previews_of(session: Session, park: str, numbers: Sequence[int]) -> dict[tuple[str, str], tables.Photo]:
    """(camera, original) → the preview, of all that these incursions' sightings own."""
    sighting, photo = tables.Sighting, tables.Photo
    query = (
        select(photo)
        .join(
            sighting,
            (sighting.park == photo.park)
            & (sighting.camera == photo.camera)
            & (sighting.boot == photo.boot)
            & (sighting.sequence == photo.sequence),
        )
        .where(photo.park == park, sighting.incursion.in_(numbers))
    )
    return {(row.camera, row.original): row for row in session.scalars(query)}


@dataclass(frozen=True, slots=True)
class Places:
    """Where a park's cameras stand, in words."""

    cameras: dict[str, tables.Camera]
    areas: dict[str, str]

    @classmethod
    def read(cls, session: Session, park: str) -> "Places":
        cameras = session.scalars(select(tables.Camera).where(tables.Camera.park == park))
        areas = session.scalars(select(tables.Area).where(tables.Area.park == park))
        return cls({row.camera: row for row in cameras}, {row.area: row.name for row in areas})

    def place(self, camera: str) -> str:
        row = self.cameras.get(camera)
        return row.place if row else camera

    def area(self, camera: str) -> str:
        row = self.cameras.get(camera)
        return self.areas.get(row.area, row.area) if row else ""


def _card(
    row: tables.Incursion,
    sightings: list[tables.Sighting],
    stored: dict[tuple[str, str], tables.Photo],
    places: Places,
    told: tuple[Told, ...],
) -> Card:
    cameras = tuple(dict.fromkeys(each.camera for each in sightings))
    shot = shots.best(shot for each in sightings for shot in shots.shots(each, stored))
    return Card(
        number=row.number,
        first_at=row.first_at,
        last_at=row.last_at,
        stored_at=row.stored_at,
        what=words.counted(row.counts),
        score=max((each.score for each in sightings), default=0.0),
        open=any(not each.closed for each in sightings),
        late=any(each.late for each in sightings),
        places=tuple(dict.fromkeys(places.place(camera) for camera in cameras)),
        areas=tuple(dict.fromkeys(places.area(camera) for camera in cameras)),
        cameras=cameras,
        shot=shot,
        shot_place=places.place(shot.camera) if shot is not None and len(cameras) > 1 else None,
        told=told,
        sightings=tuple(sightings),
        row=row,
    )
