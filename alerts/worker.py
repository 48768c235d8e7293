"""One channel's thread: looks what is due, tells it, records it, and rests when the channel is in trouble."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alerts import Channel, Clock, Ledger
from alerts.backoff import Backoff
from alerts.delivery import Accepted, Delivery, Telling
from alerts.errors import Busy, Refused
from alerts.limits import Limits

AT_ONCE = timedelta(0)
OTHERS_TURN = timedelta(milliseconds=50)
"""When another process took what was due: its lease will show at the next look."""
REST = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=30))
"""Of a whole channel that does not answer, so that not every delivery has to find that out by a time-out."""
LOOK = timedelta(minutes=1)
"""Between two looks for photos that have lain with a service for long enough."""
LEDGER_REST = Backoff(first=timedelta(milliseconds=200), longest=timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Keep:
    """How long photos lie with a service of others."""

    photos: timedelta
    at_most: timedelta
    """After which the service lets nobody delete them."""


class Worker:
    """Carries out one delivery at a time, so that no lease runs out in a queue."""

    def __init__(
        self,
        ledger: Ledger,
        channel: Channel,
        clock: Clock,
        *,
        died: Callable[[str, Exception], None],
        lease: timedelta,
        poll: timedelta,
        backoff: Backoff,
        patience: timedelta,
        limits: Limits,
        keep: Keep | None = None,
    ) -> None:
        self.channel = channel
        self.troubles = 0
        """Unexpected errors so far."""
        self.thread = threading.Thread(target=self._run, name=f"deliver-{channel.name}", daemon=True)
        self._ledger = ledger
        self._clock = clock
        self._died = died
        self._lease = lease
        self._poll = poll
        self._backoff = backoff
        self._patience = patience
        self._log = structlog.get_logger().bind(channel=channel.name)
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret
        self._unrecorded: tuple[Delivery, Telling, Accepted, datetime] | None = None
        self._failures = 0
        self._rest_until: datetime | None = None
        self._limits = limits
        self._keep = keep
        self._next_look: datetime | None = None

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        self._stopping.set()
        self._news.set()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - the thread's end: whatever it was, the program must learn of it
            self._log.exception("the channel's worker has died")
            self._died(self.channel.name, error)
        finally:
            self.channel.close()

    def _work(self) -> None:
        failed, failing_since = 0, 0.0
        while not self._stopping.is_set():
            self._news.clear()
            try:
                wait = self.step()
                failed = 0
            except Exception:  # the ledger: a database that restarts must not end the telling
                self.troubles += 1
                self._log.exception("the ledger failed")
                failing_since = failing_since if failed else time.monotonic()
                failed += 1
                if time.monotonic() - failing_since >= self._patience.total_seconds():
                    raise
                wait = LEDGER_REST.after(failed, self._chance())
            self._news.wait(wait.total_seconds())

    def step(self) -> timedelta:
        """Carry out at most one delivery. How long to wait before the next step; what the ledger raises."""
        self._record()
        now = self._clock.now()
        if self._rest_until is not None and now < self._rest_until:
            return min(self._rest_until - now, self._poll)
        if (free := self._limits.free_at(now)) > now:
            return free - now
        resting = self._limits.resting(now)
        next_due = self._ledger.next_due(self.channel.name, resting)
        if next_due is None or next_due > now:
            if self._withdraw(now):
                return AT_ONCE
            moments = [each for each in (next_due, self._limits.next_free(now)) if each is not None]
            return min([moment - now for moment in moments] + [self._poll])
        claimed = self._ledger.claim(self.channel.name, now, self._lease, 1, resting)
        for delivery in claimed:
            self._carry_out(delivery, now)
        return AT_ONCE if claimed else OTHERS_TURN

    def _carry_out(self, delivery: Delivery, now: datetime) -> None:
        log = self._log.bind(delivery=delivery.number, incursion=delivery.incursion, person=delivery.person)
        self._limits.went(delivery.address, now)
        try:
            telling = self._ledger.telling(delivery, photo=self.channel.carries_photo)
            accepted = (
                self.channel.tell(telling, delivery.address)
                if delivery.earlier is None or delivery.anew
                else self.channel.edit(telling, delivery.address, delivery.earlier)
            )
        except Refused as refused:
            log.warning("refused for good", why=str(refused))
            self._ledger.refused(delivery, str(refused), self._clock.now())
        except Busy as busy:
            log.info("put off", why=str(busy), attempts=delivery.attempts + 1)
            self._put_off(delivery, str(busy), busy.retry_after)
        except Exception as error:  # a channel's own fault: this delivery waits, the others go on
            self.troubles += 1
            log.exception("unexpected error while telling")
            self._put_off(delivery, f"unexpected error: {type(error).__name__}", None)
        else:
            self._failures, self._rest_until = 0, None
            log.info("told", reason=delivery.reason, revision=telling.revision, message_id=accepted.message_id)
            self._unrecorded = (delivery, telling, accepted, self._clock.now())
            self._record()

    def _withdraw(self, now: datetime) -> bool:
        """Delete at most one photo that has lain with the service for long enough. Whether there may be more."""
        if self._keep is None or (self._next_look is not None and now < self._next_look):
            return False
        sent = (now - self._keep.at_most, now - self._keep.photos)
        delivery = self._ledger.outdated(self.channel.name, sent, now, self._lease)
        if delivery is None or delivery.earlier is None:
            self._next_look = now + LOOK
            return False
        log = self._log.bind(delivery=delivery.number, incursion=delivery.incursion)
        self._limits.went(delivery.address, now)
        try:
            self.channel.withdraw(delivery.address, delivery.earlier)
        except Refused as refused:
            log.warning("a photo cannot be deleted", why=str(refused))
        except Busy as busy:
            log.info("a photo is deleted later", why=str(busy))
            self._next_look = now + (busy.retry_after or LOOK)
            return False
        self._ledger.withdrawn(delivery, self._clock.now())
        return True

    def _put_off(self, delivery: Delivery, why: str, wish: timedelta | None) -> None:
        now = self._clock.now()
        if wish is not None:
            self._limits.pause(delivery.address, now + wish)
            self._ledger.postponed(delivery, now + wish, why, failed=False)
            return
        self._failures += 1
        self._rest_until = now + REST.after(self._failures, self._chance())
        self._ledger.postponed(delivery, now + self._backoff.after(delivery.attempts + 1, self._chance()), why)

    def _record(self) -> None:
        """What was accepted is kept in hand until the ledger has it: a failing ledger must not tell twice."""
        if self._unrecorded is not None:
            self._ledger.accepted(*self._unrecorded)
            self._unrecorded = None
