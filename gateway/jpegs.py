"""From a preview in the photo store to what a messenger takes."""

from typing import Any

import structlog

from gateway.drawing import Box, as_jpeg
from gateway.headers import NotAPhoto
from gateway.photos import Photos, PhotoTrouble


class Jpegs:
    """A `PhotoReader` for the ledger."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos

    def __call__(self, path: str, detections: list[dict[str, Any]]) -> bytes | None:
        """JPEG with the boxes drawn, or None, logged: an alert's words never wait for its photo's repair."""
        try:
            return as_jpeg(self._photos.read(path), [Box(**detection) for detection in detections])
        except (FileNotFoundError, PhotoTrouble, NotAPhoto) as wrong:
            structlog.get_logger().warning("a photo cannot be shown in an alert", path=path, why=str(wrong))
            return None
