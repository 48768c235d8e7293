"""The heartbeat: that the camera lives, and how it is."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.outbox import Outbox
from edge.spool import NoRoom
from wire.messages import Health
from wire.topics import Kind

_log = structlog.get_logger()
_THERMOMETER = Path("/sys/class/thermal/thermal_zone0/temp")


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the program knows of itself."""

    frames: int
    frames_moved: int
    spooled: int
    bytes_sent: int
    shed: int
    camera_fault: str | None


class Heartbeat:
    """Posts a Health message at once and then every `every_s`. Times are monotonic seconds."""

    def __init__(
        self,
        outbox: Outbox,
        vitals: Callable[[], Vitals],
        *,
        folder: Path,
        version: str,
        boot_reason: str,
        every_s: int,
    ) -> None:
        self._outbox = outbox
        self._vitals = vitals
        self._folder = folder
        self._version = version
        self._boot_reason = boot_reason
        self._every_s = every_s
        self._last: float | None = None
        self._last_fault: str | None = None

    def beat(self, now: float) -> None:
        """To be called often. Posts when the interval is over, or when the camera begins or ceases to fail."""
        vitals = self._vitals()
        if not self._is_due(now, vitals):
            return
        self._last, self._last_fault = now, vitals.camera_fault
        try:
            self._outbox.post(
                Kind.HEALTH,
                lambda stamp: Health(
                    **stamp,
                    # Half as long again: a heartbeat that waits behind a photo is not silence.
                    next_within_s=self._every_s + self._every_s // 2,
                    version=self._version,
                    boot_reason=self._boot_reason,
                    frames=vitals.frames,
                    frames_moved=vitals.frames_moved,
                    spooled=vitals.spooled,
                    disk_free_bytes=shutil.disk_usage(self._folder).free,
                    bytes_sent=vitals.bytes_sent,
                    temperature_c=temperature_c(),
                    camera_fault=None if vitals.camera_fault is None else vitals.camera_fault[:200],
                    shed=vitals.shed,
                ),
            )
        except (NoRoom, sqlite3.Error, OSError) as fault:
            _log.warning("a heartbeat was given up", error=str(fault))

    def _is_due(self, now: float, vitals: Vitals) -> bool:
        if self._last is None or now - self._last >= self._every_s:
            return True
        return (vitals.camera_fault is None) != (self._last_fault is None)


def temperature_c() -> int | None:
    """Of the processor, where the machine tells it."""
    try:
        return round(int(_THERMOMETER.read_text()) / 1000)
    except (OSError, ValueError):
        return None
