"""Incursions grow: sightings join them, and whoever is to be told gets a delivery, all in the storing transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from alerts import route
from alerts.decide import Pace
from alerts.incursion import Belonging, Grouping, Place, Tellable, Visit, join, more_to_tell, told_kinds
from gateway.store import sightings, tables
from gateway.store.cameras import Cameras
from gateway.store.ledger import decide

LONGEST = timedelta(minutes=10)
"""Of a sighting, generously: cameras close theirs after a minute. Where the search for neighbours begins."""

TOUCHING = timedelta(seconds=30)
"""Visits of one incursion to one camera with no more between them are looked at as one."""

IncursionKey = tuple[str, int]


def grouping_of(park: tables.Park) -> Grouping:
    """A park's settings, with ours where it has none."""
    said, ours = park.grouping, Grouping()
    return Grouping(
        gap=timedelta(seconds=said["gap_s"]) if "gap_s" in said else ours.gap,
        reach=float(said.get("reach_m", ours.reach)),
        speed=float(said.get("speed_m_s", ours.speed)),
    )


class Incursions:
    """The incursions that one group of messages touches. Lives as long as its transaction."""

    def __init__(
        self, session: Session, parks: dict[str, tables.Park], cameras: Cameras, now: datetime, pace: Pace
    ) -> None:
        """The parks' rows are locked by the caller."""
        self._session = session
        self._parks = parks
        self._cameras = cameras
        self._now = now
        self._pace = pace
        self._sightings: dict[sightings.SightingKey, sightings.Row] = {}
        self._rows: dict[IncursionKey, tables.Incursion] = {}
        self._before: dict[IncursionKey, Tellable | None] = {}
        """What there was to tell before this transaction; None of a new incursion."""
        self._recent: dict[str, dict[tuple[int, str], list[Belonging]]] = {}

    def grow(self, changed: list[sightings.Row], came: list[sightings.Preview]) -> None:
        """`changed` sightings find their incursions, photos that `came` are shown in them, deliveries become due."""
        rows = self._sightings
        rows |= {sightings.key_of(row): row for row in changed}
        rows |= sightings.load(self._session, {sightings.key_of(photo) for photo in came} - rows.keys())
        photos = {(*sightings.key_of(photo), photo.original) for photo in came}
        photos |= {
            (*sightings.key_of(photo), photo.original)
            for photo in sightings.load_previews(self._session, {sightings.key_of(row) for row in changed})
        }
        self._load_rows({(row.park, row.incursion) for row in rows.values() if row.incursion is not None})
        self._load_recent([row for row in changed if self._opens_or_joins(row)])
        for key, row in rows.items():
            if row.incursion is None and self._opens_or_joins(row):
                self._find_incursion(row)
            if row.incursion is not None:
                self._merge(self._rows[row.park, row.incursion], row, {each[4] for each in photos if each[:4] == key})
        self._session.flush()
        self._tell()

    def _opens_or_joins(self, row: sightings.Row) -> bool:
        return row.incursion is None and bool(told_kinds(row.counts, self._parks[row.park].tell))

    def _find_incursion(self, row: sightings.Row) -> None:
        park = self._parks[row.park]
        camera = self._camera(row.park, row.camera)
        place = None if camera is None else _place(camera.latitude, camera.longitude)
        visit = Visit(row.camera, place, row.opened_at, row.seen_at)
        others = [each for visits in self._recent[row.park].values() for each in visits]
        joined = join(visit, others, grouping_of(park), self._carried_on(row))
        if joined is None:
            park.last_incursion += 1
            number, why = park.last_incursion, "began it: no other party near in place and time"
            self._open(row, number)
        else:
            number, why = joined.incursion, joined.reason
            self._load_rows({(row.park, number)})
        row.incursion, row.grouped_because = number, why
        _remember(self._recent[row.park], Belonging(visit.camera, visit.place, visit.first, visit.last, number))

    def _open(self, row: sightings.Row, number: int) -> None:
        key = (row.park, number)
        self._before[key] = None
        self._rows[key] = tables.Incursion(
            park=row.park,
            number=number,
            first_at=row.opened_at,
            last_at=row.seen_at,
            counts={},
            cameras=[],
            photo=None,
            photo_camera=None,
            photo_score=None,
            revision=1,
            stored_at=self._now,
        )
        self._session.add(self._rows[key])

    def _merge(self, incursion: tables.Incursion, row: sightings.Row, photos: set[str]) -> None:
        """What this sighting adds; `photos` are those of its originals whose preview is here."""
        incursion.first_at = min(incursion.first_at, row.opened_at)
        incursion.last_at = max(incursion.last_at, row.seen_at)
        more = {label: count for label, count in row.counts.items() if count > incursion.counts.get(label, 0)}
        if more:
            incursion.counts = incursion.counts | more
        if row.camera not in incursion.cameras:
            incursion.cameras = [*incursion.cameras, row.camera]
        for photo in row.photos:
            score = max((detection["score"] for detection in photo["detections"]), default=0.0)
            better = incursion.photo_score is None or score > incursion.photo_score
            if photo["original"] in photos and better:
                incursion.photo, incursion.photo_camera = photo["original"], row.camera
                incursion.photo_score = score

    def _carried_on(self, row: sightings.Row) -> int | None:
        """The incursion of the sighting that this one names as its predecessor."""
        if row.previous_boot is None or row.previous_sequence is None:
            return None
        key = (row.park, row.camera, row.previous_boot, row.previous_sequence)
        previous = self._sightings.get(key) or self._session.get(tables.Sighting, key)
        return previous.incursion if previous is not None else None

    def _load_rows(self, keys: set[IncursionKey]) -> None:
        wanted = list(keys - self._rows.keys())
        if not wanted:
            return
        of = tables.Incursion
        for row in self._session.scalars(select(of).where(tuple_(of.park, of.number).in_(wanted))):
            self._rows[row.park, row.number] = row
            self._before[row.park, row.number] = _tellable(row)

    def _load_recent(self, new: list[sightings.Row]) -> None:
        """The visits around the new ones, per park."""
        for name in {row.park for row in new}:
            own = [row for row in new if row.park == name]
            gap = grouping_of(self._parks[name]).gap
            of, camera = tables.Sighting, tables.Camera
            around = (
                select(of.incursion, of.camera, of.opened_at, of.seen_at, camera.latitude, camera.longitude)
                .join(camera, and_(camera.park == of.park, camera.camera == of.camera))
                .where(
                    of.park == name,
                    of.incursion.is_not(None),
                    of.opened_at >= min(row.opened_at for row in own) - gap - LONGEST,
                    of.opened_at <= max(row.seen_at for row in own) + gap,
                )
                .order_by(of.opened_at)
            )
            recent = self._recent.setdefault(name, {})
            for row in self._session.execute(around):
                place = _place(row.latitude, row.longitude)
                _remember(recent, Belonging(row.camera, place, row.opened_at, row.seen_at, row.incursion))

    def _camera(self, park: str, name: str) -> tables.Camera | None:
        if (park, name) not in self._cameras and (camera := self._session.get(tables.Camera, (park, name))) is not None:
            self._cameras[park, name] = camera
        return self._cameras.get((park, name))

    def _tell(self) -> None:
        """Deliveries for what there is more to tell of."""
        touched = [row for key, row in self._rows.items() if self._has_news(key, row)]
        if not touched:
            return
        of = tables.Delivery
        wanted = select(of).where(tuple_(of.park, of.incursion).in_([(row.park, row.number) for row in touched]))
        existing: dict[IncursionKey, list[tables.Delivery]] = {}
        for delivery in self._session.scalars(wanted.with_for_update()):
            existing.setdefault((delivery.park, delivery.incursion), []).append(delivery)
        routes = {name: _Routes(self._session, name) for name in {row.park for row in touched}}
        for row in touched:
            deliveries = existing.get((row.park, row.number), [])
            areas = [camera.area for name in row.cameras if (camera := self._camera(row.park, name)) is not None]
            deliveries += self._new_deliveries(row, deliveries, routes[row.park].told(dict.fromkeys(areas)))
            for delivery in deliveries:
                decide(self._session, delivery, self._now, self._pace)

    def _has_news(self, key: IncursionKey, row: tables.Incursion) -> bool:
        before = self._before[key]
        if before is None:
            return True
        if more_to_tell(before, _tellable(row)) is None:
            return False
        row.revision += 1
        return True

    def _new_deliveries(
        self, incursion: tables.Incursion, known: list[tables.Delivery], told: Iterable[route.Told]
    ) -> list[tables.Delivery]:
        persons = {(each.person, each.channel) for each in known}
        addresses = {(each.channel, each.address) for each in known}  # a group's chat, told through another person
        new = [
            tables.Delivery(
                park=incursion.park,
                incursion=incursion.number,
                person=each.person,
                channel=each.channel,
                address=each.address,
                reason=each.reason,
                decided_at=self._now,
                due_at=None,
                told_revision=None,
                attempts=0,
                with_photo=False,
                over=False,
            )
            for each in told
            if (each.person, each.channel) not in persons and (each.channel, each.address) not in addresses
        ]
        self._session.add_all(new)
        return new


class _Routes:
    """A park's people and teams, read once."""

    def __init__(self, session: Session, park: str) -> None:
        def rows(table: Any) -> Any:
            return session.scalars(select(table).where(table.park == park)).all()

        self._areas = {row.area: route.Area(row.name, row.team) for row in rows(tables.Area)}
        self._teams = [route.Team(row.team, tuple(row.members)) for row in rows(tables.Team)]
        self._people = [
            route.Person(
                row.person, row.role, tuple(route.Reach(each["channel"], each["address"]) for each in row.channels)
            )
            for row in rows(tables.Person)
        ]

    def told(self, areas: Iterable[str]) -> list[route.Told]:
        """Everyone whom one of these areas' teams has, each address once."""
        seen: dict[tuple[str, str], route.Told] = {}
        channels: set[tuple[str, str]] = set()
        for name in areas:
            area = self._areas.get(name, route.Area(name, ""))
            for told in route.route(area, self._teams, self._people):
                if (told.channel, told.address) not in seen and (told.person, told.channel) not in channels:
                    seen[told.channel, told.address] = told
                    channels.add((told.person, told.channel))
        return list(seen.values())


def _tellable(row: tables.Incursion) -> Tellable:
    return Tellable(dict(row.counts), frozenset(row.cameras), row.photo)


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    return None if latitude is None or longitude is None else Place(latitude, longitude)


def _remember(recent: dict[tuple[int, str], list[Belonging]], visit: Belonging) -> None:
    """Add a visit, or lengthen the one that it touches. Ordered input keeps the list short; any order is right."""
    visits = recent.setdefault((visit.incursion, visit.camera), [])
    if visits:
        last = visits[-1]
        if visit.first - last.last <= TOUCHING and last.first - visit.last <= TOUCHING:
            first, end = min(last.first, visit.first), max(last.last, visit.last)
            visits[-1] = Belonging(visit.camera, visit.place, first, end, visit.incursion)
            return
    visits.append(visit)
