"""Notifications beside the web channel: in a thread of their own, so that no push service delays the page."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, Full, Queue
from threading import Event, Thread

import structlog

from alerts.channels.push import Gone, Pusher, Subscription, Subscriptions
from alerts.delivery import Telling
from alerts.errors import Busy, ChannelError

MOST_WAITING = 200
ENDS_WITHIN_S = 15.0
PAUSES_S = (2.0, 10.0, 60.0)
"""Before another attempt, when the push service is busy; then the notification is given up."""
LONGEST_PAUSE_S = 600.0
"""Of those that a push service may ask for."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    subscription: Subscription
    telling: Telling
    edit: bool
    attempts: int = 0
    due: float = 0.0
    """By time.monotonic()."""

    def replaces(self, other: "_Waiting") -> bool:
        return (self.subscription, self.telling.delivery) == (other.subscription, other.telling.delivery)


class Pushing:
    """Best effort: the alert stands on the page, whatever becomes of its notification. What fails is logged."""

    def __init__(self, pusher: Pusher, subscriptions: Subscriptions, pauses_s: tuple[float, ...] = PAUSES_S) -> None:
        self._pusher = pusher
        self._subscriptions = subscriptions
        self._pauses_s = pauses_s
        self._new: Queue[_Waiting | None] = Queue(MOST_WAITING)
        self._again: list[_Waiting] = []
        """Of the thread alone."""
        self._stopping = Event()
        self._log = structlog.get_logger().bind(channel="web")
        self._thread = Thread(target=self._run, name="web-push", daemon=True)
        self._thread.start()

    def push(self, telling: Telling, *, edit: bool) -> None:
        """To each browser of the person's, soon. Raises nothing."""
        try:
            for subscription in self._subscriptions.of(telling.delivery):
                self._new.put_nowait(_Waiting(subscription, telling, edit))
        except Full:
            self._log.warning("too many notifications wait: this one is not sent", delivery=telling.delivery)
        except Exception:  # noqa: BLE001 - a boundary: no trouble with notifications may fail the alert itself
            self._log.exception("subscriptions cannot be read: no notification", delivery=telling.delivery)

    def close(self) -> None:
        """Lets go of what waits."""
        self._stopping.set()
        with suppress(Full):  # then it is awake already
            self._new.put_nowait(None)
        self._thread.join(ENDS_WITHIN_S)
        self._pusher.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if (waiting := self._next()) is not None:
                self._again = [other for other in self._again if not waiting.replaces(other)]
                self._send(waiting)

    def _next(self) -> _Waiting | None:
        """A new one, or one whose pause is over; None to look again."""
        now = time.monotonic()
        soonest = min(self._again, key=lambda each: each.due, default=None)
        if soonest is not None and soonest.due <= now:
            self._again.remove(soonest)
            return soonest
        with suppress(Empty):
            return self._new.get(timeout=None if soonest is None else soonest.due - now)
        return None

    def _send(self, waiting: _Waiting) -> None:
        delivery = waiting.telling.delivery
        try:
            self._pusher.push(waiting.subscription, waiting.telling, edit=waiting.edit)
        except Gone as gone:
            self._log.info("a subscription is forgotten", why=str(gone))
            self._forget(waiting.subscription)
        except Busy as busy:
            self._postpone(waiting, busy)
        except ChannelError as failed:
            self._log.warning("a notification is not taken", delivery=delivery, why=str(failed))
        except Exception:  # noqa: BLE001 - a boundary: the thread must outlive any one notification
            self._log.exception("a notification failed", delivery=delivery)

    def _postpone(self, waiting: _Waiting, busy: Busy) -> None:
        last = waiting.attempts >= len(self._pauses_s) or len(self._again) >= MOST_WAITING
        self._log.warning(
            "a notification is given up" if last else "a notification waits",
            delivery=waiting.telling.delivery,
            why=str(busy),
        )
        if not last:
            pause = self._pauses_s[waiting.attempts]
            if busy.retry_after is not None:
                pause = min(max(pause, busy.retry_after.total_seconds()), LONGEST_PAUSE_S)
            self._again.append(replace(waiting, attempts=waiting.attempts + 1, due=time.monotonic() + pause))

    def _forget(self, subscription: Subscription) -> None:
        try:
            self._subscriptions.gone(subscription.endpoint)
        except Exception:  # noqa: BLE001 - a boundary: as above
            self._log.exception("a subscription that has ended cannot be forgotten")
