"""When each frame of a replay is due."""

import threading
import time

from edge.clock import Clock
from edge.frame import Frame, Image


class Pace:
    """Makes frames of images, each `period_s` after the one before.

    In real time it waits until each is due. Otherwise it does not wait, but its frames' seconds go on as if it had:
    so decisions come out the same, only sooner.
    """

    def __init__(self, clock: Clock, *, realtime: bool) -> None:
        self._clock = clock
        self._realtime = realtime
        self._number = 0
        self._due: float | None = None

    def rest(self, seconds: float, stopping: threading.Event) -> None:
        """No frame is due for so long (or until `stopping` is set)."""
        if self._due is not None:
            self._due += seconds
        if self._realtime:
            stopping.wait(seconds)

    def frame(self, image: Image, period_s: float, stopping: threading.Event) -> Frame:
        """Waits until the frame is due, or `stopping` is set."""
        now = time.monotonic()
        self._due = now if self._due is None else self._due + period_s
        if self._realtime:
            if self._due > now:
                stopping.wait(self._due - now)
            elif now - self._due > 1:
                self._due = now  # the machine slept or was busy: no rush to make up for it
        taken = time.monotonic()
        frame = Frame(image, self._number, self._clock.now(), taken if self._realtime else self._due, taken)
        self._number += 1
        return frame
