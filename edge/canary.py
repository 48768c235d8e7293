"""The daily canary: once a day a frame goes the whole way to a person, so that its absence can be an alert.

It proves the camera, the link, the gateway and the channel. The gate and the detector it passes by.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import structlog

from edge import durable
from edge.clock import Clock
from edge.frame import Frame
from wire.messages import ClockQuality

_log = structlog.get_logger()

APART = timedelta(hours=20)
"""No two come closer, by whichever clock can be believed: a wrong one must not make a storm."""
SPREAD = timedelta(hours=1)
"""Over so long after the time of day the cameras of a park are spread, each at its own moment."""
PATIENCE = timedelta(minutes=10)
"""A camera that only takes photos when something moves: its last one serves when none has come for so long."""

Tell = Callable[[Frame, datetime], None]
"""Tells a frame as a canary, at this moment."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When the last one was sent, and what the clock was worth then."""

    at: datetime
    clock: ClockQuality


def own_time(at: time, park: str, camera: str) -> time:
    """The time of day, in UTC, of this camera's canary: within SPREAD after `at`, always the same."""
    number = int.from_bytes(hashlib.sha256(f"{park}/{camera}".encode()).digest()[:4], "big")
    day = datetime(2000, 1, 1, at.hour, at.minute, at.second, tzinfo=UTC)
    return (day + timedelta(seconds=number % int(SPREAD.total_seconds()))).time()


def why_due(
    at: time, now: datetime, clock: ClockQuality, last: Mark | None, awake: timedelta, *, sent_before: bool
) -> str | None:
    """Why a canary is to be sent now, or None. `at` is the time of day in UTC.

    `awake` is how long the program runs, or has run since the canary that it sent itself (`sent_before`): where the
    clock is worth less than it was at the last one, that alone is known. One that was missed is sent late, once.
    """
    if last is None:
        return "the first"
    if sent_before and awake < APART:
        return None
    lost = clock is ClockQuality.UNSET and last.clock is not ClockQuality.UNSET
    if lost or (now < last.at and clock <= last.clock):
        hours = awake.total_seconds() / 3600
        return f"awake for {hours:.0f} h, and the clock cannot say more" if awake >= APART else None
    if now < last.at:
        return "the clock was wrong at the last one, and is better now"
    if now - last.at < APART or _latest(at, now) <= last.at:
        return None
    return f"past {at:%H:%M:%S} UTC"


def _latest(at: time, now: datetime) -> datetime:
    """When it was this time of day last."""
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    return today if today <= now else today - timedelta(days=1)


class Canary:
    """Sends it in time. `now` is monotonic seconds. Its mark is `canary.json` in the state folder."""

    def __init__(self, at: time, state: Path, clock: Clock, tell: Tell, *, triggered: bool, now: float) -> None:
        """`triggered`: the camera takes a photo only when something moves, so that one may be long in coming."""
        self._at = at
        self._path = state / "canary.json"
        self._clock = clock
        self._tell = tell
        self._triggered = triggered
        self._last = self._kept()
        self._since = now
        self._sent_before = False
        self._due_since: float | None = None
        self._frame: Frame | None = None
        self._not_before: float | None = None

    def see(self, frame: Frame, now: float) -> None:
        """A frame of this camera; it goes as the canary when one is due."""
        self._frame = frame if self._triggered else None
        if (reason := self._why_due(now)) is not None:
            self._send(frame, reason, now)

    def pass_time(self, now: float, fault: str | None) -> None:
        """To be called now and then, also when no frame comes; `fault` says why none can.

        A camera that should give frames all the time and gives none sends no canary: that is for its absence to tell.
        """
        reason = self._why_due(now)
        if reason is None or fault is not None or self._frame is None or self._due_since is None:
            return
        if now - self._due_since >= PATIENCE.total_seconds():
            self._send(self._frame, f"{reason}; with the last photo, since none comes", now)

    def _why_due(self, now: float) -> str | None:
        if self._not_before is not None and now < self._not_before:
            return None
        reason = why_due(
            self._at, self._clock.now(), self._clock.quality(), self._last,
            timedelta(seconds=now - self._since), sent_before=self._sent_before,
        )  # fmt: skip
        if reason is None:
            self._due_since = None
        elif self._due_since is None:
            self._due_since = now
        return reason

    def _send(self, frame: Frame, reason: str, now: float) -> None:
        """The mark first: should the canary itself bring the program down, the next start does not try it again."""
        at = self._clock.now()
        mark = Mark(at, self._clock.quality())
        try:
            durable.replace(self._path, json.dumps({"at": at.isoformat(), "clock": int(mark.clock)}).encode())
        except OSError as fault:
            _log.error("no canary: its mark cannot be kept", path=str(self._path), error=str(fault))
            self._not_before = now + PATIENCE.total_seconds()
            return
        self._last, self._since, self._sent_before, self._due_since = mark, now, True, None
        _log.info("canary", reason=reason, frame=frame.number)
        self._tell(frame, at)

    def _kept(self) -> Mark | None:
        try:
            kept = json.loads(self._path.read_text())
            at = datetime.fromisoformat(kept["at"])
            if at.tzinfo is None:
                raise ValueError("expected a moment with its offset")
            return Mark(at, ClockQuality(kept["clock"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as broken:
            _log.warning("when the last canary was sent is lost", path=str(self._path), error=str(broken))
            return None
