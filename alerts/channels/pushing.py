"""Notifications beside the web channel: in a thread of their own, so that no push service delays the page."""

from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread

import structlog

from alerts.channels.push import Gone, Pusher, Subscription, Subscriptions
from alerts.delivery import Telling
from alerts.errors import ChannelError

MOST_WAITING = 200
ENDS_WITHIN_S = 15.0


class Pushing:
    """Best effort: the alert stands on the page, whatever becomes of its notification. What fails is logged."""

    def __init__(self, pusher: Pusher, subscriptions: Subscriptions) -> None:
        self._pusher = pusher
        self._subscriptions = subscriptions
        self._waiting: Queue[tuple[Subscription, Telling, bool] | None] = Queue(MOST_WAITING)
        self._stopping = Event()
        self._log = structlog.get_logger().bind(channel="web")
        self._thread = Thread(target=self._run, name="web-push", daemon=True)
        self._thread.start()

    def push(self, telling: Telling, *, edit: bool) -> None:
        """To each browser of the person's, soon. Raises nothing."""
        try:
            for subscription in self._subscriptions.of(telling.delivery):
                self._waiting.put_nowait((subscription, telling, edit))
        except Full:
            self._log.warning("too many notifications wait: this one is not sent", delivery=telling.delivery)
        except Exception:  # noqa: BLE001 - a boundary: no trouble with notifications may fail the alert itself
            self._log.exception("subscriptions cannot be read: no notification", delivery=telling.delivery)

    def close(self) -> None:
        """Lets go of what waits."""
        self._stopping.set()
        with suppress(Full):  # then it is awake already
            self._waiting.put_nowait(None)
        self._thread.join(ENDS_WITHIN_S)
        self._pusher.close()

    def _run(self) -> None:
        while (next_one := self._waiting.get()) is not None and not self._stopping.is_set():
            self._send(*next_one)

    def _send(self, subscription: Subscription, telling: Telling, edit: bool) -> None:
        try:
            self._pusher.push(subscription, telling, edit=edit)
        except Gone as gone:
            self._log.info("a subscription is forgotten", why=str(gone))
            self._forget(subscription)
        except ChannelError as failed:
            self._log.warning("a notification is not taken", delivery=telling.delivery, why=str(failed))
        except Exception:  # noqa: BLE001 - a boundary: the thread must outlive any one notification
            self._log.exception("a notification failed", delivery=telling.delivery)

    def _forget(self, subscription: Subscription) -> None:
        try:
            self._subscriptions.gone(subscription.endpoint)
        except Exception:  # noqa: BLE001 - a boundary: as above
            self._log.exception("a subscription that has ended cannot be forgotten")
