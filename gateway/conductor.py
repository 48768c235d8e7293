"""The conductor: does what time alone brings about. One pass a second, each change in a transaction of its own.

Escalation, fall-back and check-ins stand in the database as `wake_at`: a restart forgets none. Several conductors on
one database do no harm: each takes the park's lock, and looks again under it.
"""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from alerts import Clock
from alerts.decide import Pace
from alerts.delivery import Kind
from gateway.store import Store, tables
from gateway.store.canaries import EXPECTED_WITHIN, lately_silent
from gateway.store.notices import end_notice, menders, open_notice, opened
from gateway.store.planning import Planning, locked_park

log = structlog.get_logger()

GRACE = timedelta(seconds=60)
"""After a camera's promised word, before it is told as silent: a heartbeat may be sent twice."""
TROUBLE_WITHIN = timedelta(days=1)
"""Refused deliveries are looked for so far back."""
CANARY_TAKEN_WITHIN = timedelta(hours=1)
"""A channel that has not taken a canary by then is in trouble."""
WAITS = f"the daily test has waited here for {CANARY_TAKEN_WITHIN.total_seconds() / 60:.0f} min"
MOST = 200
"""Incursions or notices in one pass."""


Row = TypeVar("Row", tables.Incursion, tables.Notice)


class Conductor:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        pace: Pace | None = None,
        channels: frozenset[str] | None = None,
        planned: Callable[[], None] = lambda: None,
        every: timedelta = timedelta(seconds=1),
    ) -> None:
        """`planned` is called when there may be something to tell."""
        self._store = store
        self._clock = clock
        self._pace = pace or Pace()
        self._channels = channels
        self._planned = planned
        self._every = every
        self._finished: float | None = None

    def lately(self, within: timedelta) -> bool:
        """Whether a pass was finished within that time: else alerts may wait for what nobody does."""
        return self._finished is not None and time.monotonic() - self._finished < within.total_seconds()

    def run(self, stop: threading.Event) -> None:
        failing = False
        while not stop.wait(self._every.total_seconds()):
            try:
                if self.step():
                    self._planned()
                self._finished = time.monotonic()
                failing = False
            except Exception:  # the boundary: a database that restarts must not end the timers
                if not failing:
                    log.exception("the conductor could not finish its pass; it goes on")
                failing = True

    def step(self) -> int:
        """One pass. How many incursions, notices and cameras were looked at anew."""
        now = self._clock.now()
        passes = (self._incursions, self._notices, self._cameras, self._canaries, self._troubles)
        return sum(each(now) for each in passes)

    def _incursions(self, now: datetime) -> int:
        def renew(planning: Planning, park: tables.Park, row: tables.Incursion) -> None:
            planning.renew(row)
            park.change += 1

        return self._renewed(tables.Incursion, renew, now)

    def _notices(self, now: datetime) -> int:
        return self._renewed(tables.Notice, lambda planning, _, row: planning.renew_notice(row), now)

    def _renewed(self, of: type[Row], renew: Callable[[Planning, tables.Park, Row], object], now: datetime) -> int:
        """Those whose `wake_at` has come."""
        due = select(of.park, of.number).where(of.wake_at <= now).order_by(of.wake_at).limit(MOST)
        with self._store.reading() as session:
            found = session.execute(due).all()
        for park, number in found:
            with self._store.writing() as session:
                own = locked_park(session, park)
                row = session.get_one(of, (park, number))
                if row.wake_at is not None and row.wake_at <= now:
                    renew(self._planning(session, own, now), own, row)
        return len(found)

    def _cameras(self, now: datetime) -> int:
        """Those that miss their promised word are told as silent, once; those that are back, too."""
        of = tables.Camera
        overdue = select(of.park, of.camera).where(of.promised_by < now - GRACE, of.revoked_at.is_(None))
        with self._store.reading() as session:
            late = {(row.park, row.camera) for row in session.execute(overdue)}
            known = _open_subjects(session, Kind.CAMERA_SILENT)
        for park, camera in sorted(late - known):
            self._silent(park, camera, now)
        for park, camera in sorted(known - late):
            self._back(park, camera, now)
        return len(late ^ known)

    def _silent(self, park: str, camera: str, now: datetime) -> None:
        with self._store.writing() as session:
            row = locked_park(session, park)
            unit = session.get_one(tables.Camera, (park, camera))
            if unit.promised_by is None or unit.promised_by >= now - GRACE:
                return
            of = tables.Camera
            neighbours = session.scalars(
                select(of.camera).where(
                    of.park == park, of.area == unit.area, of.camera != camera, of.revoked_at.is_(None),
                    of.promised_by < now - GRACE,
                )
            ).all()  # fmt: skip
            photo = session.scalars(
                select(tables.Photo.stored_at)
                .where(tables.Photo.park == park, tables.Photo.camera == camera)
                .order_by(tables.Photo.stored_at.desc())
                .limit(1)
            ).one_or_none()
            facts: dict[str, str | float] = {"neighbours_silent": len(neighbours)}
            if photo is not None:
                facts["last_photo"] = photo.isoformat()
            for name in ("battery_percent", "signal_dbm"):
                if unit.health is not None and name in unit.health:
                    facts[name] = unit.health[name]
            open_notice(
                session, self._planning(session, row, now), row, Kind.CAMERA_SILENT, camera, facts,
                since=unit.heard_at or unit.promised_by, now=now, camera=camera,
            )  # fmt: skip

    def _back(self, park: str, camera: str, now: datetime) -> None:
        with self._store.writing() as session:
            row = locked_park(session, park)
            silent = opened(session, park, Kind.CAMERA_SILENT, camera)
            if silent is None:
                return
            end_notice(silent, now)
            unit = session.get(tables.Camera, (park, camera))
            if unit is None or unit.revoked_at is not None:
                return
            open_notice(
                session, self._planning(session, row, now), row, Kind.CAMERA_BACK, camera,
                {"silent_for_s": (now - silent.since).total_seconds()},
                since=now, now=now, camera=camera, over=True,
            )  # fmt: skip

    def _canaries(self, now: datetime) -> int:
        """A camera that sent one each day, and is heard, and sends none any more, is told once."""
        of = tables.Camera
        overdue = select(of.park, of.camera).where(of.canary_at < now - EXPECTED_WITHIN, of.revoked_at.is_(None))
        with self._store.reading() as session:
            late = {(row.park, row.camera) for row in session.execute(overdue)}
            known = _open_subjects(session, Kind.CANARY_MISSING)
            silent = lately_silent(session, now)
        new = late - known - silent
        for park, camera in sorted(new):
            with self._store.writing() as session:
                row = locked_park(session, park)
                last = session.get_one(of, (park, camera)).canary_at
                if last is not None and last < now - EXPECTED_WITHIN:
                    open_notice(
                        session, self._planning(session, row, now), row, Kind.CANARY_MISSING, camera,
                        {"expected_by": (last + EXPECTED_WITHIN).isoformat()}, since=last, now=now, camera=camera,
                    )  # fmt: skip
        self._end(Kind.CANARY_MISSING, known - late, now)
        return len(new) + len(known - late)

    def _troubles(self, now: datetime) -> int:
        """A person whom a channel refuses, or to whom it does not even take the daily canary, is told to whoever mends
        it; it ends when a later message gets through.
        """
        of, notice = tables.Delivery, tables.Notice
        stuck = and_(
            notice.kind == Kind.CANARY, of.held.is_(None), of.accepted_at.is_(None),
            of.decided_at < now - CANARY_TAKEN_WITHIN,
        )  # fmt: skip
        with self._store.reading() as session:
            rows = session.execute(
                select(of.park, of.person, of.channel, or_(of.over, stuck).label("failing"), of.trouble)
                .outerjoin(notice, and_(notice.park == of.park, notice.number == of.notice))
                .where(of.decided_at > now - TROUBLE_WITHIN, or_(of.over, of.accepted_at.is_not(None), stuck))
                .order_by(of.number)
            ).all()
            known = _open_subjects(session, Kind.TROUBLE)
        newest = {(row.park, f"{row.channel} to {row.person}"): row for row in rows}
        failing = {key: row for key, row in newest.items() if row.failing}
        for (park, subject), row in failing.items():
            if (park, subject) in known:
                continue
            with self._store.writing() as session:
                own = locked_park(session, park)
                open_notice(
                    session, self._planning(session, own, now), own, Kind.TROUBLE, subject,
                    {"channel": row.channel, "person": row.person, "why": row.trouble or WAITS},
                    since=now, now=now, people=[each for each in menders(session, park) if each != row.person],
                )  # fmt: skip
        mended = {key for key in known - failing.keys() if key in newest}
        self._end(Kind.TROUBLE, mended, now)
        return len(failing.keys() - known) + len(mended)

    def _end(self, kind: Kind, subjects: Iterable[tuple[str, str]], now: datetime) -> None:
        """What these told of is no more; nothing is said."""
        for park, subject in sorted(subjects):
            with self._store.writing() as session:
                locked_park(session, park)
                if (row := opened(session, park, kind, subject)) is not None:
                    end_notice(row, now)

    def _planning(self, session: Session, row: tables.Park, now: datetime) -> Planning:
        return Planning(session, row, now, self._pace, self._channels)


def _open_subjects(session: Session, kind: Kind) -> set[tuple[str, str]]:
    """(park, subject) of every notice of a kind that is not over."""
    of = tables.Notice
    wanted = select(of.park, of.subject).where(of.kind == kind, of.over_at.is_(None))
    return {(row.park, row.subject) for row in session.execute(wanted)}
