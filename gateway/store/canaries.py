"""The daily canary once it is here: told to the park's test recipients, with its photo; and missed when none comes."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from alerts.decide import Pace
from alerts.delivery import Kind
from gateway.store import sightings, tables
from gateway.store.cameras import Cameras
from gateway.store.notices import end_notice, menders, open_notice, opened
from gateway.store.planning import Planning, decide_notice
from wire.messages import CANARY

log = structlog.get_logger()

EXPECTED_WITHIN = timedelta(hours=26)
"""After the one before. A unit sends one a day, and has two hours for what may hold it up."""
APART = timedelta(hours=12)
"""Of what a unit sends more often, since its clock or its card is broken, one in so long is told."""
BACK_WITHIN = timedelta(hours=1)
"""A camera that was silent has so long to make up for what it owes."""


def is_canary(counts: Mapping[str, Any]) -> bool:
    """Beside anything else the label says nothing: no sighting of people hides behind it."""
    return set(counts) == {CANARY}


class Canaries:
    """Those in one group of messages. Lives as long as its transaction, which holds the parks' locks."""

    def __init__(
        self,
        session: Session,
        parks: Mapping[str, tables.Park],
        cameras: Cameras,
        now: datetime,
        *,
        pace: Pace,
        planning: Callable[[tables.Park], Planning],
    ) -> None:
        self._session = session
        self._parks = parks
        self._cameras = cameras
        self._now = now
        self._pace = pace
        self._planning = planning

    def come(self, changed: Iterable[sightings.Row], came: Iterable[sightings.Preview]) -> None:
        """The canaries among the sightings that `changed` are told, and photos that `came` go with theirs."""
        first = [row for row in changed if isinstance(row, sightings.New)]  # of one that is here, nothing more is told
        new = {sightings.key_of(row): row for row in first if is_canary(row.counts)}
        self._photos_came([photo for photo in came if sightings.key_of(photo) not in new])
        photos = {sightings.key_of(photo): photo.original for photo in sightings.load_previews(self._session, new)}
        for key, row in new.items():
            if row.park in self._parks:
                self._tell(self._parks[row.park], row, photos.get(key))

    def _tell(self, park: tables.Park, row: sightings.Row, photo: str | None) -> None:
        camera = self._cameras.get((row.park, row.camera))
        if camera is not None:
            camera.canary_at = self._now
        if (missing := opened(self._session, row.park, Kind.CANARY_MISSING, row.camera)) is not None:
            end_notice(missing, self._now)
        if self._was_told_just_now(row):
            return
        people = park.response.get("canary_to") or menders(self._session, row.park)
        if not people:
            log.warning("a canary has come, and nobody is there to be told", park=row.park, camera=row.camera)
            return
        open_notice(
            self._session, self._planning(park), park, Kind.CANARY, _subject(row), {},
            since=row.seen_at, now=self._now, camera=row.camera, people=people, over=True, photo=photo,
        )  # fmt: skip

    def _was_told_just_now(self, row: sightings.Row) -> bool:
        of = tables.Notice
        told = (of.park == row.park, of.kind == Kind.CANARY, of.camera == row.camera)
        last = self._session.scalar(select(func.max(of.stored_at)).where(*told))
        return last is not None and self._now - last < APART

    def _photos_came(self, came: Iterable[sightings.Preview]) -> None:
        wanted = {(photo.park, _subject(photo)): photo.original for photo in came}
        if not wanted:
            return
        of, delivery = tables.Notice, tables.Delivery
        waiting = (of.kind == Kind.CANARY, of.photo.is_(None), tuple_(of.park, of.subject).in_(list(wanted)))
        for notice in self._session.scalars(select(of).where(*waiting)).all():
            notice.photo = wanted[notice.park, notice.subject]
            notice.revision += 1
            own = select(delivery).where(delivery.park == notice.park, delivery.notice == notice.number)
            for row in self._session.scalars(own.order_by(delivery.number).with_for_update()):
                decide_notice(row, notice, self._now, self._pace)


def lately_silent(session: Session, now: datetime) -> set[tuple[str, str]]:
    """(park, camera) of those that are told as silent, or were until just now: their canary is not missed besides."""
    of = tables.Notice
    silent = select(of.park, of.subject).where(
        of.kind == Kind.CAMERA_SILENT, or_(of.over_at.is_(None), of.over_at > now - BACK_WITHIN)
    )
    return {(row.park, row.subject) for row in session.execute(silent)}


def _subject(of: sightings.Row | sightings.Preview) -> str:
    """The sighting's name."""
    return f"{of.camera}/{of.boot}/{of.sequence}"
