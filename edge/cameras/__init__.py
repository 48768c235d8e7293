"""Where frames come from. Each module here is one kind of source; `edge.cameras.opening` chooses by the settings."""

import threading
from collections.abc import Iterator
from typing import Protocol

from edge.frame import Frame


class CameraFault(Exception):
    """No frames come, and why. It may pass: the source is tried again later."""


class CameraBroken(CameraFault):
    """No frames will ever come from this source as it is set: a person has to change something."""


class Camera(Protocol):
    """A source of frames."""

    @property
    def waits(self) -> bool:
        """Whether the source waits for whoever looks (a replay as fast as possible), so that no frame is missed.

        A source that does not wait goes on, and the newest frame wins.
        """
        ...

    @property
    def triggered(self) -> bool:
        """Whether each frame was taken because something moved: the motion gate and the votes have nothing to add."""
        ...

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        """Frames until the source ends or `stopping` is set. May be called again after a CameraFault.

        Raises CameraFault, CameraBroken.
        """
        ...
