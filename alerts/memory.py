"""A ledger in memory, for tests and rehearsals. Keeps every promise of `Ledger` but durability."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import NOBODY_RESTS
from alerts.decide import Known, Pace, Said, due
from alerts.delivery import Accepted, Alarm, Delivery, IncursionTelling, Telling
from alerts.limits import Resting


@dataclass(frozen=True, slots=True)
class Told:
    """To whom a delivery goes."""

    person: str
    channel: str
    address: str


@dataclass(slots=True)
class Kept:
    """A delivery as it stands."""

    number: int
    park: str
    incursion: int
    told: Told
    reason: str
    due_at: datetime | None
    attempts: int = 0
    lease_until: datetime | None = None
    told_revision: int | None = None
    earlier: Accepted | None = None
    accepted_at: datetime | None = None
    edited_at: datetime | None = None
    anew: bool = True
    new_at: datetime | None = None
    told_cameras: int = 0
    told_last_at: datetime | None = None
    told_alarm: Alarm | None = None
    withdrawn_at: datetime | None = None
    over: bool = False
    trouble: str | None = None

    def waits(self, channel: str, resting: Resting) -> bool:
        mine = self.told.channel == channel and self.told.address not in resting.all
        return mine and (self.anew or self.told.address not in resting.edits)

    def claimable_at(self) -> datetime | None:
        if self.over or self.due_at is None:
            return None
        return max(self.due_at, self.lease_until or self.due_at)


class MemoryLedger:
    """Safe to share among threads."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._lock = threading.Lock()
        self._rows: dict[int, Kept] = {}
        self._news: dict[tuple[str, int | None], tuple[IncursionTelling, datetime]] = {}

    def happened(self, park: str, telling: IncursionTelling, now: datetime) -> None:
        """There is something new to tell of `telling.incursion`: what its deliveries hold is decided again."""
        with self._lock:
            key = (park, telling.incursion)
            _, stored_at = self._news.get(key, (telling, now))
            self._news[key] = (telling, stored_at)
            for row in self._rows.values():
                if (row.park, row.incursion) == key:
                    self._decide(row, now)

    def tell(self, park: str, incursion: int, told: Told, now: datetime) -> int:
        """Add a delivery of an incursion that has happened; its number."""
        with self._lock:
            row = Kept(len(self._rows) + 1, park, incursion, told, "", None)
            self._rows[row.number] = row
            self._decide(row, now)
            return row.number

    def kept(self, number: int) -> Kept:
        """A copy of a delivery as it stands."""
        with self._lock:
            return replace(self._rows[number])

    def claim(
        self, channel: str, now: datetime, lease: timedelta, most: int, resting: Resting = NOBODY_RESTS
    ) -> list[Delivery]:
        with self._lock:
            waiting = sorted(
                (row.told_revision is not None, self._is_quiet(row), row.due_at or at, row.number)
                for row in self._rows.values()
                if row.waits(channel, resting) and (at := row.claimable_at()) is not None and at <= now
            )
            claimed = [self._rows[number] for *_, number in waiting[:most]]
            for row in claimed:
                row.lease_until = now + lease
            return [_delivery(row, now + lease) for row in claimed]

    def next_due(self, channel: str, resting: Resting = NOBODY_RESTS) -> datetime | None:
        with self._lock:
            moments = (row.claimable_at() for row in self._rows.values() if row.waits(channel, resting))
            return min((moment for moment in moments if moment is not None), default=None)

    def telling(self, delivery: Delivery, *, photo: bool) -> IncursionTelling:
        with self._lock:
            telling, _ = self._news[delivery.park, delivery.incursion]
        return replace(telling, delivery=delivery.number, photo=telling.photo if photo else None)

    def accepted(self, delivery: Delivery, telling: Telling, accepted: Accepted, now: datetime) -> None:
        with self._lock:
            row = self._rows[delivery.number]
            row.told_revision = max(telling.revision, row.told_revision or 0)
            row.earlier = replace(accepted, address=None)
            row.attempts, row.lease_until, row.trouble = 0, None, None
            if (delivery.anew or delivery.earlier is None) and isinstance(telling, IncursionTelling):
                row.new_at, row.told_cameras = now, telling.cameras
                row.told_last_at, row.told_alarm = telling.last_seen, telling.alarm
            if row.accepted_at is None:
                row.accepted_at = now
            else:
                row.edited_at = now
            if accepted.address is not None:
                self._move(row.park, row.told, accepted.address)
            self._decide(row, now)

    def postponed(self, delivery: Delivery, until: datetime, why: str, *, failed: bool = True) -> None:
        with self._lock:
            row = self._rows[delivery.number]
            if row.lease_until == delivery.held_until:
                row.due_at, row.lease_until, row.trouble = until, None, why
                row.attempts += failed

    def refused(self, delivery: Delivery, why: str, now: datetime) -> None:  # noqa: ARG002 - the promise's shape
        with self._lock:
            row = self._rows[delivery.number]
            if row.lease_until == delivery.held_until:
                row.over, row.due_at, row.lease_until, row.trouble = True, None, None, why

    def outdated(
        self, channel: str, sent: tuple[datetime, datetime], now: datetime, lease: timedelta
    ) -> Delivery | None:
        with self._lock:
            for row in self._rows.values():
                shows = row.earlier is not None and row.earlier.with_photo and row.due_at is None
                free = row.lease_until is None or row.lease_until <= now
                old = row.new_at is not None and sent[0] <= row.new_at < sent[1]
                if row.told.channel == channel and shows and free and old:
                    row.lease_until = now + lease
                    return _delivery(row, now + lease)
        return None

    def withdrawn(self, delivery: Delivery, now: datetime) -> None:
        with self._lock:
            row = self._rows[delivery.number]
            row.earlier, row.lease_until, row.withdrawn_at = None, None, now

    def _is_quiet(self, row: Kept) -> bool:
        telling, _ = self._news[row.park, row.incursion]
        return telling.quiet

    def _move(self, park: str, old: Told, address: str) -> None:
        for row in self._rows.values():
            if (row.park, row.told.channel, row.told.address) == (park, old.channel, old.address):
                row.told = replace(row.told, address=address)

    def _decide(self, row: Kept, now: datetime) -> None:
        if row.over:
            return
        telling, stored_at = self._news[row.park, row.incursion]
        said = None
        told_at = row.edited_at or row.accepted_at
        if row.told_revision is not None and told_at is not None and row.earlier is not None:
            said = Said(
                row.told_revision, row.earlier.with_photo, told_at,
                row.new_at, row.told_cameras, row.told_last_at, row.told_alarm,
            )  # fmt: skip
        known = Known(
            telling.revision, stored_at, telling.has_photo,
            telling.cameras, telling.last_seen, telling.alarm, telling.late, telling.quiet,
        )  # fmt: skip
        decision = due(known, said, now, self._pace)
        if decision is None:
            row.due_at = None
            return
        row.reason, row.anew = decision.reason, decision.anew
        # What its channel's trouble puts off is never pulled forward.
        row.due_at = max(decision.at, row.due_at) if row.attempts and row.due_at else decision.at


def _delivery(row: Kept, held_until: datetime) -> Delivery:
    return Delivery(
        number=row.number, park=row.park, incursion=row.incursion, person=row.told.person, channel=row.told.channel,
        address=row.told.address, reason=row.reason, attempts=row.attempts, earlier=row.earlier, held_until=held_until,
        anew=row.anew,
    )  # fmt: skip
