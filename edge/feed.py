"""Runs a camera in its own thread and hands its frames over, one at a time.

Between the camera and whoever looks there is room for one frame. A live camera goes on, and the newest frame wins; a
replay as fast as possible waits.
"""

import random
import threading
from typing import Final

import structlog

from edge.cameras import Camera, CameraBroken, CameraFault
from edge.frame import Frame

_log = structlog.get_logger()

_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 60.0


def wait_before_reopening(failures: int, chance: float) -> float:
    """Seconds before a camera that failed `failures` (1 or more) times in a row is tried again: 1, 2, 4 … 60."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures - 1, 10)) * (1 + chance / 4)


class Feed:
    """Frames of one camera, for one taker."""

    def __init__(self, camera: Camera, stopping: threading.Event) -> None:
        self.fault: str | None = None
        """Why no frames come, when none come."""
        self.broken: CameraBroken | None = None
        """Set when none will ever come."""
        self.count = 0
        self.missed = 0
        """Frames that were passed over, since a newer one came before they were looked at."""
        self._camera = camera
        self._stopping = stopping
        self._slot: Frame | None = None
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)  # a driver may hang for ever

    def start(self) -> None:
        self._thread.start()

    def take(self, within_s: float) -> Frame | None:
        """The newest frame that was not taken yet, or None when none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot is not None or self._ended, within_s)
            frame, self._slot = self._slot, None
            self._changed.notify_all()
            return frame

    @property
    def finished(self) -> bool:
        """Whether every frame there will be has been taken."""
        with self._changed:
            return self._ended and self._slot is None

    def join(self, within_s: float) -> None:
        with self._changed:
            self._changed.notify_all()
        self._thread.join(within_s)

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._keep_open()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _keep_open(self) -> None:
        chance = random.Random()  # noqa: S311 - spreads load, keeps no secret
        failures = 0
        while not self._stopping.is_set():
            before = self.count
            try:
                self._pass_on()
            except CameraBroken as broken:
                self.fault, self.broken = str(broken), broken
                return
            except CameraFault as fault:
                self.fault = str(fault)
            except Exception as surprise:  # noqa: BLE001 - a driver may raise anything; a camera that fails is tried again
                _log.exception("the camera failed")
                self.fault = f"{type(surprise).__name__}: {surprise}"
            else:
                return
            failures = 1 if self.count > before else failures + 1
            wait_s = wait_before_reopening(failures, chance.random())
            _log.warning("no frames; trying again", fault=self.fault, in_s=round(wait_s, 1))
            self._stopping.wait(wait_s)

    def _pass_on(self) -> None:
        for frame in self._camera.frames(self._stopping):
            self.fault = None
            self.count += 1
            with self._changed:
                if self._camera.waits:
                    self._changed.wait_for(lambda: self._slot is None or self._stopping.is_set())
                self.missed += self._slot is not None
                self._slot = frame
                self._changed.notify_all()
            if self._stopping.is_set():
                return
