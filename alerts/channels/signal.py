"""Signal, by a signal-cli-rest-api of the park's own: https://github.com/bbernhard/signal-cli-rest-api.

How a park sets one up is in docs/channels/signal.md.
"""

import re
from datetime import UTC, datetime

import httpx
import structlog

from alerts import Clock
from alerts.caption import caption, plain
from alerts.channels.numbers import E164, masked
from alerts.channels.signal_answers import BadPhoto
from alerts.channels.signal_api import SignalApi
from alerts.channels.signal_settings import DELETES_WITHIN, SignalSettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, Refused

GROUP = re.compile(r"group\.[A-Za-z0-9+/]+={0,2}", re.ASCII)
"""As GET /v1/groups/{number} lists it."""
IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""Of a person who hides their number."""


class SignalChannel:
    """Sends to a person or a group. Cannot edit: what deserves a message of its own comes as one."""

    name = "signal"
    carries_photo = True

    def __init__(
        self, settings: SignalSettings, clock: Clock | None = None, patience: httpx.Timeout | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._api = SignalApi(settings, patience)
        self._log = structlog.get_logger().bind(channel=self.name)

    def tell(self, telling: Telling, address: str) -> Accepted:
        _checked(address)
        words = plain(caption(telling, self._clock.now()))
        try:
            return Accepted(self._api.send(address, words, telling.photo), with_photo=telling.photo is not None)
        except BadPhoto as bad:
            self._log.warning("the photo is not taken: the words go alone", why=str(bad))
        try:
            return Accepted(self._api.send(address, words), with_photo=False)
        except BadPhoto as bad:  # and there was none
            raise Busy(f"Signal: {bad}") from bad

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - the promise's shape
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:
        sent = datetime.fromtimestamp(int(earlier.message_id) / 1000, UTC)
        if self._clock.now() - sent >= DELETES_WITHIN:  # phones would pass over it without a word
            raise Refused("Signal: the message stays on the phones; expected one sent less than 24 hours ago")
        self._api.delete(address, earlier.message_id)

    def close(self) -> None:
        self._api.close()


def _checked(address: str) -> None:
    """Raises Refused."""
    if not any(kind.fullmatch(address) for kind in (E164, GROUP, IDENTITY)):
        raise Refused(
            f"address: {masked(address)} ({len(address)} characters); expected a telephone number as +66812345678, a"
            " group.… as GET /v1/groups lists it, or a person's identity at Signal"
        )
