"""Who watches the gateway: looks at its /health from elsewhere, and tells people when it is not well.

Each person is told when it has not been well for a while, again as long as it lasts, and once when it is well again.
Nothing is kept on a disk: a watch that restarts looks for that while anew.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import structlog

from alerts import Channel, Clock
from alerts.channels import make
from alerts.channels.http import Http
from alerts.delivery import Kind, NoticeTelling
from alerts.errors import Busy, ChannelError
from gateway.watch_settings import TellSection, WatchSection, WatchSettings

PATIENCE = httpx.Timeout(10)
LARGEST = 10_000
"""Letters of an answer that is looked at."""

log = structlog.get_logger()


@dataclass(slots=True)
class Told:
    """One who is to be told."""

    who: TellSection
    at: datetime | None = None
    """When it was last told to them that the gateway is not well; None once they know that it is."""


@dataclass(slots=True)
class State:
    since: datetime | None = None
    """Since when it has not been well; None while it is."""
    everybody: list[Told] = field(default_factory=list["Told"])


class Watch:
    """For one thread."""

    def __init__(self, settings: WatchSettings, clock: Clock, channels: Mapping[str, Channel] | None = None) -> None:
        """Raises RuntimeError when a channel's library is missing."""
        self._watch = settings.watch
        self._clock = clock
        self._http = Http("the gateway", timeout=PATIENCE)
        self._channels = dict(channels or {name: make(name, each) for name, each in settings.channels.items()})
        self._state = State(everybody=[Told(who) for who in settings.watch.tell])

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self.step()
            except Exception:  # a boundary: nobody watches the watch
                log.exception("a look at the gateway failed; the next one comes")
            stopping.wait(self._watch.every_s)

    def step(self) -> None:
        """One look, and whoever is to be told by it."""
        why = self.look()
        now = self._clock.now()
        state = self._state
        if why is not None:
            if state.since is None:
                log.warning("the gateway is not well", why=why)
                state.since = now
            for each in state.everybody:
                if due(state.since, each.at, now, self._watch) and self._tell(each.who, f"the gateway: {why}", now):
                    each.at = now
            return
        if state.since is not None:
            log.info("the gateway is well again")
            state.since = None
        for each in state.everybody:
            if each.at is not None and self._tell(each.who, "the gateway is well again", now):
                each.at = None

    def look(self) -> str | None:
        """Why the gateway is not well, or None."""
        try:
            answer = self._http.ask("GET", self._watch.url)
        except Busy as busy:
            return str(busy)
        except Exception as wrong:  # a boundary: whatever this is, nobody knows that the gateway is well
            log.exception("the gateway cannot be asked")
            return f"it cannot be asked ({type(wrong).__name__})"
        return unwell(answer.status_code, answer.text[:LARGEST], self._watch)

    def test(self) -> list[tuple[TellSection, str | None]]:
        """Tell each a test. Who, and why it was not taken."""
        now = self._clock.now()
        return [
            (each.who, self._refusal(each.who, self._telling(each.who, Kind.TEST, {}, now)))
            for each in self._state.everybody
        ]

    def close(self) -> None:
        self._http.close()
        for channel in self._channels.values():
            channel.close()

    def _tell(self, who: TellSection, why: str, now: datetime) -> bool:
        """Whether it was taken. What was not is tried again at the next look."""
        refusal = self._refusal(who, self._telling(who, Kind.TROUBLE, {"why": why}, now))
        if refusal is not None:
            log.error("somebody is not told that the gateway is not well", channel=who.channel, why=refusal)
        return refusal is None

    def _refusal(self, who: TellSection, telling: NoticeTelling) -> str | None:
        try:
            self._channels[who.channel].tell(telling, who.address)
        except ChannelError as wrong:
            return str(wrong)
        except Exception as wrong:  # a boundary: one channel's defect must not keep the others from being used
            log.exception("a channel failed", channel=who.channel)
            return type(wrong).__name__
        return None

    def _telling(self, who: TellSection, kind: Kind, facts: dict[str, str | float], now: datetime) -> NoticeTelling:
        number = int(now.timestamp())  # another each time, for services that pass over what they have had before
        return NoticeTelling(
            delivery=number, revision=number, park=self._watch.name, area="", place="", camera="",
            zone=self._watch.zone, language=who.language, notice=number, kind=kind,
            since=self._state.since or now, facts=facts,
        )  # fmt: skip


def due(since: datetime, told: datetime | None, now: datetime, watch: WatchSection) -> bool:
    """Whether somebody is to be told (again) that it has not been well."""
    if told is None:
        return now - since >= timedelta(seconds=watch.after_s)
    return now - told >= timedelta(seconds=watch.again_s)


def unwell(status: int, body: str, watch: WatchSection) -> str | None:
    """What an answer of /health says, if it is not that all is well."""
    if status != 200:
        return f"its pages answer {status}"
    try:
        said: Any = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or cast("dict[str, Any]", said).get("ok") is not True:
        return "what answers at its address is not a gateway that is well"
    health = cast("dict[str, Any]", said)
    waiting, heard = _number(health.get("oldest_s")), _number(health.get("heard_s"))
    if watch.waiting_s is not None and waiting is not None and waiting >= watch.waiting_s:
        return f"{health.get('waiting')} alerts wait, the longest for {int(waiting // 60)} minutes"
    if watch.silent_s is not None and heard is not None and heard >= watch.silent_s:
        return f"no camera was heard for {int(heard // 60)} minutes"
    return None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
