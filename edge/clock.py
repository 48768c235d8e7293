"""What time it is, how far that can be trusted, and how long the program has run."""

import ctypes
import time
from datetime import UTC, datetime
from functools import cache
from typing import Literal, Protocol

from wire.messages import ClockQuality

ClockSetting = Literal["auto", "unset", "hardware", "network", "gnss"]

UNSYNCHRONISED = 0x0040
"""STA_UNSYNC of adjtimex(2): no time daemon has disciplined the clock since power-up, or lately."""


class Clock(Protocol):
    """The camera's time."""

    def now(self) -> datetime:
        """Wall time in UTC. May jump when a time server answers."""
        ...

    def quality(self) -> ClockQuality: ...

    def uptime_ms(self) -> int:
        """Since the program's start, by a clock that never jumps."""
        ...


class SystemClock:
    """The operating system's clock. `setting` other than "auto" says what is known about it better than the kernel."""

    def __init__(self, setting: ClockSetting = "auto") -> None:
        self._setting = setting
        self._start = time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def quality(self) -> ClockQuality:
        if self._setting != "auto":
            return ClockQuality[self._setting.upper()]
        return ClockQuality.NETWORK if _disciplined() else ClockQuality.UNSET

    def uptime_ms(self) -> int:
        return int((time.monotonic() - self._start) * 1000)


class _Timex(ctypes.Structure):
    """The head of Linux's `struct timex` as far as its status, then room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: only read
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )
    status: int


@cache
def _libc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None)
    return library if hasattr(library, "adjtimex") else None


def _disciplined() -> bool:
    """Whether a time daemon holds the kernel's clock. False where the kernel cannot be asked."""
    libc = _libc()
    if libc is None:
        return False
    timex = _Timex()
    if libc.adjtimex(ctypes.byref(timex)) < 0:
        return False
    return not timex.status & UNSYNCHRONISED
