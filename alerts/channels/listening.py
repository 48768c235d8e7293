"""What all ears do alike: wait out a service's troubles with one line in the log, and hand on what was heard."""

import random
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import structlog

from alerts.backoff import Backoff
from alerts.heard import Heard, Reply

REST = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=60))
TRIES = 8
"""At handing on one thing heard; with the rests between them more than two minutes, as the worker bears a ledger."""


class Listening:
    """One `Ears.listen`, from its start to its end. Safe in one thread."""

    def __init__(self, channel: str, stopping: Event, heard: Callable[[Heard], Reply | None], rest: Backoff = REST):
        self.stopping = stopping
        self._heard = heard
        self._rest = rest
        self._log = structlog.get_logger().bind(channel=channel)
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret
        self._failures = 0

    def goes_on(self) -> bool:
        return not self.stopping.is_set()

    def well(self) -> None:
        """The service has answered."""
        if self._failures:
            self._log.info("listens again", failures=self._failures)
        self._failures = 0

    def rests(self, why: str, wish: timedelta | None = None) -> None:
        """The service is in trouble: waits, `wish` at least, or until `stopping`."""
        self._failures += 1
        if self._failures == 1:
            self._log.warning("cannot listen; tried again until it can", why=why)
        wait = self._rest.after(self._failures, self._chance())
        self.stopping.wait(max(wait, wish or wait).total_seconds())

    def hands_on(self, heard: Heard) -> Reply | None:
        """What to reply. Tried again when our own side fails; set aside, loudly, when it always does.

        Raises Stopped when it could not be handed on before `stopping`: it must not count as heard.
        """
        for failures in range(1, TRIES + 1):
            try:
                return self._heard(heard)
            except Exception:  # noqa: BLE001 - our own side: a database that restarts must not lose an answer
                self._log.exception("what was heard could not be kept", failures=failures)
            if failures < TRIES and self.stopping.wait(self._rest.after(failures, self._chance()).total_seconds()):
                raise Stopped
        self._log.error("what was heard is set aside", chat_ends_with=heard.chat[-3:], answer=heard.answer)
        return None


class Stopped(Exception):
    """Before what was heard could be handed on."""
