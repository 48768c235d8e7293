"""A video file, replayed; or a stream, such as a network camera's rtsp:// address."""

import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import cv2
import structlog

from edge.cameras import CameraBroken, CameraFault
from edge.cameras.pace import Pace
from edge.clock import Clock
from edge.frame import Frame, Image

_log = structlog.get_logger()

_OPEN_WITHIN_MS = 10_000
_READ_WITHIN_MS = 10_000


class VideoFile:
    """Replays a file, in real time by its own rate or as fast as possible, once or for ever.

    Between two rounds of a loop no frame comes for `rest_s`.
    """

    triggered = False

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        fast: bool = False,
        loop: bool = False,
        rest_s: float = 0,
        fps: float | None = None,
    ) -> None:
        self.waits = fast
        self._path = path
        self._loop = loop
        self._rest_s = rest_s
        self._fps = fps
        self._pace = Pace(clock, realtime=not fast)

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        while True:
            count = yield from self._once(stopping)
            if count == 0 and not stopping.is_set():
                raise CameraBroken(f"{self._path}: no frame in it can be read; expected a video that OpenCV can play")
            if stopping.is_set() or not self._loop:
                return
            self._pace.rest(self._rest_s, stopping)

    def _once(self, stopping: threading.Event) -> Generator[Frame, None, int]:
        """Returns how many frames there were."""
        if not self._path.is_file():
            raise CameraBroken(f"{self._path}: there is no such file; expected a video")
        video = cv2.VideoCapture(str(self._path))
        try:
            if not video.isOpened():
                raise CameraBroken(f"{self._path}: cannot be opened as a video; expected one that OpenCV can play")
            promised = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
            fps = self._fps or video.get(cv2.CAP_PROP_FPS)
            period_s = 1 / fps if 0.1 <= fps <= 1000 else 1 / 25
            count = 0
            while not stopping.is_set():
                image = read(video)
                if image is None:
                    break
                count += 1
                yield self._pace.frame(image, period_s, stopping)
            # A header's count may be a few frames off.
            if not stopping.is_set() and 0 < count < 0.95 * promised - 2:
                _log.warning("the video breaks off", path=str(self._path), frames=count, expected=promised)
            return count
        finally:
            video.release()


class Stream:
    """Frames from an address as they come. When it breaks off, CameraFault: the caller tries again later."""

    triggered = False
    waits = False

    def __init__(self, address: str, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._number = 0

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        video = cv2.VideoCapture(
            self._address,
            cv2.CAP_FFMPEG,
            (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_WITHIN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_WITHIN_MS),
        )
        try:
            if not video.isOpened():
                raise CameraFault(f"{without_secret(self._address)}: does not answer; expected a video stream")
            yield from live(video, self._clock, self._numbers(), stopping)
            if not stopping.is_set():
                raise CameraFault(f"{without_secret(self._address)}: the stream broke off")
        finally:
            video.release()

    def _numbers(self) -> Iterator[int]:
        while True:
            yield self._number
            self._number += 1


def live(video: cv2.VideoCapture, clock: Clock, numbers: Iterator[int], stopping: threading.Event) -> Iterator[Frame]:
    """Frames as `video` gives them, until it gives none."""
    while not stopping.is_set():
        image = read(video)
        if image is None:
            return
        taken = time.monotonic()
        yield Frame(image, next(numbers), clock.now(), taken, taken)


def read(video: cv2.VideoCapture) -> Image | None:
    """The next picture, or None at the end."""
    done, image = video.read()
    return cast(Image, image) if done else None


def without_secret(address: str) -> str:
    """The address as it may stand in a log: without the user and password that it may hold."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
