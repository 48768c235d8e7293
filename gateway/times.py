"""When something happened, by the better of two clocks: the camera's own, or ours when the message came."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wire.messages import ClockQuality

AHEAD = timedelta(minutes=2)
"""How far a good clock may be ahead of ours before we doubt it."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What to add to the times in one message."""

    offset: timedelta

    def apply(self, said: datetime) -> datetime:
        return said + self.offset


def correction(at: datetime, newest: datetime, clock: ClockQuality, received: datetime) -> Correction:
    """For a message signed `at`, whose latest time is `newest`, by the camera's clock.

    A clock that something has set is believed, unless it runs more than `AHEAD` of ours. Otherwise the message is
    taken to have been signed as it came, and the intervals in it are kept.
    """
    if clock >= ClockQuality.HARDWARE and max(at, newest) <= received + AHEAD:
        return Correction(timedelta(0))
    return Correction(received - max(at, newest))
