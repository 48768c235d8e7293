"""Within 24 hours of a person's last word free words may be sent; later only what Meta has approved.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages#customer-service-windows.
Meta takes free words that come too late, and reports only afterwards, by webhook, that it has dropped them (131047). So
they are sent only to somebody whose word this very process has heard; whoever is not remembered (after a restart, or
where the webhook is another process's) gets the template, which is always taken.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

OPEN_FOR = timedelta(hours=23, minutes=55)
"""A little less than Meta's: its clock, and the way there."""
REMEMBERED = 10_000


class Window:
    """When each person was last heard. Safe to share among threads."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def heard(self, address: str, at: datetime) -> None:
        with self._lock:
            self._heard[address] = max(at, self._heard.pop(address, at))
            while len(self._heard) > REMEMBERED:
                self._heard.popitem(last=False)

    def close(self, address: str) -> None:
        """By Meta's own word."""
        with self._lock:
            self._heard.pop(address, None)

    def is_open(self, address: str, now: datetime) -> bool:
        with self._lock:
            at = self._heard.get(address)
        return at is not None and now - at < OPEN_FOR


@cache
def window_of(phone_number_id: str) -> Window:  # noqa: ARG001 - by it the cache tells windows apart
    """The one that the hook and the channel of a number share in this process."""
    return Window()
