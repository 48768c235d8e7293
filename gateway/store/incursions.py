"""Incursions grow: sightings join them, and whoever is to be told gets a delivery, all in the storing transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from alerts.incursion import (
    Belonging,
    Grouping,
    Joined,
    Place,
    Pursuit,
    Tellable,
    Visit,
    join,
    more_to_tell,
    told_kinds,
)
from gateway.store import sightings, tables
from gateway.store.cameras import Cameras
from gateway.store.planning import Planning

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
        self,
        session: Session,
        parks: dict[str, tables.Park],
        cameras: Cameras,
        now: datetime,
        planning: Callable[[tables.Park], Planning],
    ) -> None:
        """The parks' rows are locked by the caller. `planning` is made for a park when it is needed."""
        self._session = session
        self._parks = parks
        self._cameras = cameras
        self._now = now
        self._make_planning = planning
        self._sightings: dict[sightings.SightingKey, sightings.Row] = {}
        self._rows: dict[IncursionKey, tables.Incursion] = {}
        self._before: dict[IncursionKey, Tellable | None] = {}
        """What there was to tell before this transaction; None of a new incursion."""
        self._recent: dict[str, dict[tuple[int, str], list[Belonging]]] = {}
        self._pursuits: dict[str, dict[int, Pursuit]] = {}
        self._follows: dict[str, dict[int, int]] = {}
        self._over: dict[str, dict[int, datetime]] = {}
        self._plannings: dict[str, Planning] = {}

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
        joined = join(
            visit,
            others,
            grouping_of(park),
            self._carried_on(row),
            pursuits=self._pursuits[row.park],
            follows=self._follows[row.park],
            over=self._over[row.park],
        )
        if isinstance(joined, Joined):
            number, why = joined.incursion, joined.reason
            self._load_rows({(row.park, number)})
            if joined.possibly_ours:
                self._rows[row.park, number].possibly_ours = True
        else:
            park.last_incursion += 1
            number, why = park.last_incursion, "began it: no other party near in place and time"
            self._open(row, number)
            if joined is not None:
                why = joined.reason
                self._follows[row.park][number] = joined.incursion
                self._rows[row.park, number].possibly_ours = True
                self._rows[row.park, number].follows = joined.incursion
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
            late=row.late,
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
            self._follows.setdefault(name, {})
            self._pursuits.setdefault(name, {})
            self._over.setdefault(name, {})
            for row in self._session.execute(around):
                place = _place(row.latitude, row.longitude)
                _remember(recent, Belonging(row.camera, place, row.opened_at, row.seen_at, row.incursion))
            self._load_pursuits(name, {incursion for incursion, _ in recent})

    def _load_pursuits(self, park: str, numbers: set[int]) -> None:
        """Of these incursions: after which a party of ours is out, and which of them follow another."""
        if not numbers:
            return
        of, answer = tables.Incursion, tables.Answer
        follows = select(of.number, of.follows).where(of.park == park, of.number.in_(numbers), of.follows.is_not(None))
        self._follows[park] |= {row.number: row.follows for row in self._session.execute(follows)}
        answered = select(answer.incursion).where(answer.park == park, answer.incursion.in_(numbers)).distinct()
        for number in self._session.scalars(answered):
            state = self._planning(park).state(self._session.get_one(of, (park, number)))
            if state.out_at is not None:
                self._pursuits[park][number] = Pursuit(state.out_at)
            if state.closed_at is not None:
                self._over[park][number] = state.closed_at

    def _camera(self, park: str, name: str) -> tables.Camera | None:
        if (park, name) not in self._cameras and (camera := self._session.get(tables.Camera, (park, name))) is not None:
            self._cameras[park, name] = camera
        return self._cameras.get((park, name))

    def _tell(self) -> None:
        """Deliveries for what there is more to tell of."""
        for row in [row for key, row in self._rows.items() if self._has_news(key, row)]:
            self._planning(row.park).renew(row)

    def _has_news(self, key: IncursionKey, row: tables.Incursion) -> bool:
        before = self._before[key]
        if before is None:
            return True
        if more_to_tell(before, _tellable(row)) is None:
            return False
        row.revision += 1
        return True

    def _planning(self, park: str) -> Planning:
        if park not in self._plannings:
            self._plannings[park] = self._make_planning(self._parks[park])
        return self._plannings[park]


def _tellable(row: tables.Incursion) -> Tellable:
    return Tellable(dict(row.counts), frozenset(row.cameras), row.photo, row.last_at)


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
