"""A camera at this machine's USB, by its number."""

import itertools
import threading
from collections.abc import Iterator

import cv2

from edge.cameras import CameraFault
from edge.cameras.video import live
from edge.clock import Clock
from edge.frame import Frame


class Webcam:
    """Video4Linux device `/dev/video{number}`."""

    triggered = False
    waits = False

    def __init__(self, number: int, clock: Clock, width: int = 1280, height: int = 720) -> None:
        self._device = number
        self._clock = clock
        self._size = width, height
        self._numbers = itertools.count()

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        video = cv2.VideoCapture(self._device)
        try:
            if not video.isOpened():
                raise CameraFault(f"webcam {self._device}: cannot be opened; expected one at /dev/video{self._device}")
            video.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            video.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
            video.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one that waited
            yield from live(video, self._clock, self._numbers, stopping)
            if not stopping.is_set():
                raise CameraFault(f"webcam {self._device}: gives no more frames")
        finally:
            video.release()
