"""The deliveries in the database: `alerts.Ledger`, and the marks that the phone page sets."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from alerts import NOBODY_RESTS, Clock
from alerts.clock import SystemClock
from alerts.decide import Pace
from alerts.delivery import Accepted, Delivery, IncursionTelling, Telling
from alerts.limits import Resting
from gateway.store import tables
from gateway.store.engine import Store
from gateway.store.planning import decide_incursion, decide_notice
from gateway.store.telling import PhotoLink, PhotoReader, no_link, no_photo, telling_of


class StoreLedger:
    """Safe to share among threads, and among processes on one database."""

    def __init__(
        self,
        store: Store,
        *,
        photo: PhotoReader = no_photo,
        photo_url: PhotoLink = no_link,
        link: Callable[[str, int | None], str | None] = lambda park, incursion: None,  # noqa: ARG005 - the place's shape
        pace: Pace | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`link` makes the address of a park's incursion on the signed-in page."""
        self._store = store
        self._photo = photo
        self._photo_url = photo_url
        self._link = link
        self._pace = pace or Pace()
        self._clock = clock or SystemClock()

    def claim(
        self, channel: str, now: datetime, lease: timedelta, most: int, resting: Resting = NOBODY_RESTS
    ) -> list[Delivery]:
        wanted = (
            select(tables.Delivery)
            .where(_waiting(channel), _awake(resting), tables.Delivery.due_at <= now, _claimable_at() <= now)
            .order_by(~_is_new(), tables.Delivery.quiet, tables.Delivery.due_at, tables.Delivery.number)
            .limit(most)
            .with_for_update(skip_locked=True)  # PostgreSQL's; SQLite has one writer, and leaves it out
        )
        with self._store.writing() as session:
            rows = session.scalars(wanted).all()
            for row in rows:
                row.lease_until = now + lease
            return [_delivery(row, now + lease) for row in rows]

    def next_due(self, channel: str, resting: Resting = NOBODY_RESTS) -> datetime | None:
        waiting = (_waiting(channel), _awake(resting))
        with self._store.reading() as session:
            return session.scalar(select(func.min(_claimable_at())).where(*waiting))

    def telling(self, delivery: Delivery, *, photo: bool) -> Telling:
        with self._store.reading() as session:
            link = self._link(delivery.park, delivery.incursion)
            telling, best = telling_of(session, delivery, link, self._clock.now())
        if best is None:
            return telling
        telling = replace(telling, photo_url=self._photo_url(*best))
        if not photo:
            return telling
        return replace(telling, photo=self._photo(*best))  # after the transaction: a slow photo store holds nobody up

    def accepted(self, delivery: Delivery, telling: Telling, accepted: Accepted, now: datetime) -> None:
        with self._store.writing() as session:
            row = self._locked(session, delivery)
            row.told_revision = max(telling.revision, row.told_revision or 0)
            row.message_id, row.with_photo = accepted.message_id, accepted.with_photo
            row.attempts, row.lease_until, row.trouble = 0, None, None
            if delivery.anew or delivery.earlier is None:
                row.new_at = now
                if isinstance(telling, IncursionTelling):
                    row.told_cameras, row.told_last_at = telling.cameras, telling.last_seen
                    row.told_alarm = telling.alarm
            if row.accepted_at is None:
                row.accepted_at = now
            else:
                row.edited_at = now
            if accepted.address is not None:
                _move(session, row, accepted.address)
            decide(session, row, now, self._pace)

    def postponed(self, delivery: Delivery, until: datetime, why: str, *, failed: bool = True) -> None:
        with self._store.writing() as session:
            row = self._locked(session, delivery)
            if row.lease_until == delivery.held_until:
                row.due_at, row.lease_until = until, None
                row.attempts += failed
                row.trouble = why

    def refused(self, delivery: Delivery, why: str, now: datetime) -> None:
        with self._store.writing() as session:
            row = self._locked(session, delivery)
            if row.lease_until == delivery.held_until:
                row.over, row.due_at, row.lease_until = True, None, None
                row.trouble = why
                if row.incursion is not None:  # the person's next channel, or the next person, at once
                    session.get_one(tables.Incursion, (row.park, row.incursion)).wake_at = now
                else:
                    session.get_one(tables.Notice, (row.park, row.notice)).wake_at = now

    def outdated(
        self, channel: str, sent: tuple[datetime, datetime], now: datetime, lease: timedelta
    ) -> Delivery | None:
        row = tables.Delivery
        wanted = (
            select(row)
            .where(
                row.channel == channel, row.with_photo, row.message_id.is_not(None), row.due_at.is_(None),
                row.new_at >= sent[0], row.new_at < sent[1],
                or_(row.lease_until.is_(None), row.lease_until <= now),
            )
            .order_by(row.new_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )  # fmt: skip
        with self._store.reading() as session:  # a look costs no lock; there is hardly ever one
            if session.scalar(wanted.with_only_columns(row.number)) is None:
                return None
        with self._store.writing() as session:
            found = session.scalars(wanted).one_or_none()
            if found is None:
                return None
            found.lease_until = now + lease
            return _delivery(found, now + lease)

    def withdrawn(self, delivery: Delivery, now: datetime) -> None:
        with self._store.writing() as session:
            row = self._locked(session, delivery)
            row.message_id, row.with_photo, row.lease_until, row.withdrawn_at = None, False, None, now

    def let_go(self) -> None:
        """Nobody holds any delivery: whoever did has died. For a start on a database that no other gateway uses."""
        with self._store.writing() as session:
            session.execute(
                update(tables.Delivery).where(tables.Delivery.lease_until.is_not(None)).values(lease_until=None)
            )

    def unserved(self, channels: Collection[str]) -> dict[str, int]:
        """Channel → how many deliveries wait on it, where it is not among `channels`: nobody carries them out."""
        row = tables.Delivery
        waiting = select(row.channel, func.count()).where(row.due_at.is_not(None), row.over.is_(False))
        with self._store.reading() as session:
            found = session.execute(waiting.where(row.channel.not_in(channels)).group_by(row.channel)).all()
            return dict(found)

    def delivered(self, park: str, person: str, number: int, now: datetime) -> bool:
        """The person's phone says that it shows the alert.

        True for the first word of it; later ones change nothing. False, too, for a delivery that is not this person's.
        """
        with self._store.writing() as session:
            return _mark(session, park, person, number, delivered_at=now)

    def seen(self, park: str, person: str, number: int, now: datetime) -> bool:
        """The person has touched the alert, and so the phone shows it. As `delivered`; never called without a touch."""
        with self._store.writing() as session:
            _mark(session, park, person, number, delivered_at=now)
            return _mark(session, park, person, number, seen_at=now)

    @staticmethod
    def _locked(session: Session, delivery: Delivery) -> tables.Delivery:
        """The row, after its park's: everyone who changes a park's incursions takes that lock first.

        So no revision can come between the look at the incursion and the word that it has been told.
        """
        _changed(session, delivery.park)
        return session.scalars(
            select(tables.Delivery).where(tables.Delivery.number == delivery.number).with_for_update()
        ).one()


def decide(session: Session, row: tables.Delivery, now: datetime, pace: Pace) -> None:
    """Set when and why the delivery is to be told next. Call it after each change of what it is about, park locked."""
    if row.incursion is not None:
        decide_incursion(row, session.get_one(tables.Incursion, (row.park, row.incursion)), now, pace)
    else:
        decide_notice(row, session.get_one(tables.Notice, (row.park, row.notice)), now, pace)


def _waiting(channel: str) -> ColumnElement[bool]:
    row = tables.Delivery
    return and_(row.channel == channel, row.due_at.is_not(None), row.over.is_(False))


def _awake(resting: Resting) -> ColumnElement[bool]:
    row = tables.Delivery
    return and_(row.address.not_in(resting.all), or_(row.anew, row.address.not_in(resting.edits)))


def _is_new() -> ColumnElement[bool]:
    """Never told: goes before every edit."""
    return tables.Delivery.told_revision.is_(None)


def _claimable_at() -> ColumnElement[datetime]:
    """When a waiting row can be claimed: once it is due and no lease runs."""
    row = tables.Delivery
    return case((row.lease_until > row.due_at, row.lease_until), else_=row.due_at)


def _delivery(row: tables.Delivery, held_until: datetime) -> Delivery:
    earlier = Accepted(row.message_id, row.with_photo) if row.message_id is not None else None
    return Delivery(
        number=row.number, park=row.park, incursion=row.incursion, person=row.person, channel=row.channel,
        address=row.address, reason=row.reason, attempts=row.attempts, earlier=earlier, held_until=held_until,
        anew=row.anew,
    )  # fmt: skip


def _changed(session: Session, park: str) -> None:
    session.execute(update(tables.Park).where(tables.Park.park == park).values(change=tables.Park.change + 1))


def _move(session: Session, row: tables.Delivery, address: str) -> None:
    """The address has become another: here, in the person's list, and in what else waits to be told there."""
    old = {"channel": row.channel, "address": row.address}
    new: dict[str, Any] = {"channel": row.channel, "address": address}
    for person in session.scalars(select(tables.Person).where(tables.Person.park == row.park).with_for_update()):
        if old in person.channels:
            person.channels = [new if each == old else each for each in person.channels]
    session.execute(
        update(tables.Delivery)
        .where(
            tables.Delivery.park == row.park,
            tables.Delivery.channel == row.channel,
            tables.Delivery.address == row.address,
        )
        .values(address=address)
    )


def _mark(session: Session, park: str, person: str, number: int, **mark: datetime) -> bool:
    """`mark` is one column and its moment; a mark is only ever set once."""
    ((column, moment),) = mark.items()
    row = tables.Delivery
    unmarked = (row.park == park, row.person == person, row.number == number, getattr(row, column).is_(None))
    if session.scalar(select(row.number).where(*unmarked)) is None:
        return False
    _changed(session, park)  # before the row is locked, as everywhere: two orders of locking would be a deadlock
    return bool(session.scalars(update(row).where(*unmarked).values({column: moment}).returning(row.number)).all())
