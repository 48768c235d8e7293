"""A word to a server elsewhere, each minute, that the gateway is well. When it ends, that server tells a person.

Any server will do that takes a GET as a sign of life: healthchecks (https://healthchecks.io/docs/http_api/), one's own.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import structlog

from alerts.channels.http import Http
from alerts.errors import Busy

EVERY = timedelta(minutes=1)
SOON = timedelta(seconds=1)
"""Between two looks whether the gateway has become well."""
PATIENCE = httpx.Timeout(10)
ENDS_WITHIN_S = 5.0

log = structlog.get_logger()


class Pinger:
    """Runs from `start` to `stop`, in a thread of its own. Its address is a secret: whoever has it can speak for us."""

    def __init__(self, url: str, well: Callable[[], bool], every: timedelta = EVERY) -> None:
        """`well` says at any moment whether the gateway does its work; while it does not, nothing is said."""
        self._url = url
        self._well = well
        self._every = every
        self._http = Http("the server that is pinged", timeout=PATIENCE)
        self._failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pinger", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(ENDS_WITHIN_S)
        self.close()

    def close(self) -> None:
        """For one that was never started."""
        self._http.close()

    def ping(self) -> bool:
        """Whether it was taken."""
        try:
            answer = self._http.ask("GET", self._url)
            why = None if answer.is_success else f"it answers {answer.status_code}; check health.ping_url"
        except Busy as busy:
            why = str(busy)
        if why is not None and not self._failing:
            log.warning("nobody hears that the gateway is well", why=why)
        elif why is None and self._failing:
            log.info("it is heard again that the gateway is well")
        self._failing = why is not None
        return why is None

    def _run(self) -> None:
        while not self._stopping.is_set():
            soon = SOON
            try:
                if self._well():
                    soon = self._every
                    self.ping()
            except Exception:  # a boundary: without this thread a gateway that is well would be missed
                log.exception("the ping failed")
            self._stopping.wait(min(soon, self._every).total_seconds())
