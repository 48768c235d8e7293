"""The photos of a folder, in the order of their names: what a trail camera's card holds."""

import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from edge.cameras import CameraBroken
from edge.cameras.pace import Pace
from edge.clock import Clock
from edge.frame import Frame
from edge.pictures import opened

_log = structlog.get_logger()

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class Folder:
    """Each photo stands for itself: a trail camera took it because something moved."""

    triggered = True

    def __init__(self, path: Path, clock: Clock, *, interval_s: float = 60.0, fast: bool = True, loop: bool = False):
        self.waits = fast
        self._path = path
        self._interval_s = interval_s
        self._loop = loop
        self._pace = Pace(clock, realtime=not fast)

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        if not self._path.is_dir():
            raise CameraBroken(f"{self._path}: there is no such folder; expected one with photos")
        while True:
            count = 0
            for path in sorted(path for path in self._path.iterdir() if path.suffix.lower() in SUFFIXES):
                if stopping.is_set():
                    return
                image = opened(path.read_bytes())
                if image is None:
                    _log.warning("not a photo; passed over", path=str(path))
                    continue
                count += 1
                yield self._pace.frame(image, self._interval_s, stopping)
            if count == 0:
                raise CameraBroken(f"{self._path}: holds no photo; expected {', '.join(sorted(SUFFIXES))}")
            if not self._loop:
                return
