"""A frame made fit for the network, and the network's boxes brought back to the frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.card import Input

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Letterbox:
    """For one network's input. Keeps a canvas between frames, so it is for one thread at a time."""

    def __init__(self, wanted: Input) -> None:
        self._wanted = wanted
        self._canvas = np.full((wanted.height, wanted.width, 3), wanted.fill, np.uint8)
        self._used = (wanted.width, wanted.height)
        # Our frames are BGR: which of their channels each of the network's is.
        self._channels = (0, 1, 2) if wanted.colour == "BGR" else (2, 1, 0)
        # A byte has 256 values: each channel's (value - mean) / std is looked up, in one pass over the target.
        values = np.arange(256, dtype=np.float32)
        self._scaled = [(values - mean) / std for mean, std in zip(wanted.mean, wanted.std, strict=True)]
        self._planes = np.empty((3, wanted.height, wanted.width), np.uint8)

    def fill(self, frame: Image, target: Floats) -> None:
        """Writes `frame` (height, width, 3), BGR, into `target`: (1, 3, H, W) or (1, H, W, 3), as the network has it.

        Raises ValueError when `frame` is no such picture.
        """
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
            raise ValueError(f"frame of shape {frame.shape}, {frame.dtype}; expected (height, width, 3), uint8")
        self._draw(frame)
        for place, channel in enumerate(self._channels):
            plane = cv2.extractChannel(self._canvas, channel, self._planes[place])
            if self._wanted.layout == "NCHW":
                cv2.LUT(plane, self._scaled[place], dst=target[0, place])
            else:
                target[0, :, :, place] = cv2.LUT(plane, self._scaled[place])

    def fractions(self, boxes: Floats) -> Floats:
        """`boxes` (n, 4), left, top, right, bottom in pixels of the network's input, as fractions of the last frame.

        What lies beyond the frame's edges is cut off.
        """
        width, height = self._used
        return np.clip(boxes / np.array([width, height, width, height], np.float32), 0, 1)

    def _draw(self, frame: Image) -> None:
        used = self._size(frame.shape[1], frame.shape[0])
        if used != self._used:
            self._canvas[:] = self._wanted.fill
            self._used = used
        cv2.resize(frame, used, dst=self._canvas[: used[1], : used[0]], interpolation=cv2.INTER_LINEAR)

    def _size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the part of the canvas that the frame takes."""
        wanted = self._wanted
        if wanted.fit == "stretch":
            return wanted.width, wanted.height
        scale = min(wanted.width / width, wanted.height / height)
        return max(1, round(width * scale)), max(1, round(height * scale))
