"""A detector that finds what was painted: rectangles of agreed colours. For tests, and for machines without a model."""

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Image
from models.detection import Box, Detection

COLOURS: dict[str, tuple[int, int, int]] = {
    "person": (255, 0, 255),
    "car": (255, 255, 0),
    "truck": (0, 128, 255),
    "motorcycle": (0, 0, 255),
    "elephant": (255, 0, 0),
    "dog": (0, 255, 0),
}
"""Label → blue, green, red. Bright and far apart: no colour of leaves, earth or night is near them."""

NEAR = 48
"""A channel may differ by so much: a photo that was compressed and scaled still shows the figure."""
SMALLEST = 0.0005
"""Fraction of the frame that a figure must cover: 12 by 13 pixels of 640 by 480."""
_WHOLE = 0.5
"""Part of its box that a figure must fill. Less is a frame or a line, no figure."""


class ScriptedDetector:
    """Surest (score near 1) is a figure that fills its whole box; what hides a part of it makes it less sure."""

    name = "scripted"

    def detect(self, frame: Image) -> list[Detection]:
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
            raise ValueError(f"frame of shape {frame.shape}, {frame.dtype}; expected (height, width, 3), uint8")
        found = [each for label, colour in COLOURS.items() for each in _figures(frame, label, colour)]
        return sorted(found, key=lambda each: -each.score)


def _figures(frame: Image, label: str, colour: Sequence[int]) -> list[Detection]:
    middle = np.array(colour, np.int16)
    low, high = np.clip(middle - NEAR, 0, 255), np.clip(middle + NEAR, 0, 255)
    mask = cv2.inRange(frame, low.astype(np.uint8), high.astype(np.uint8))
    if not cv2.countNonZero(mask):
        return []
    height, width = frame.shape[:2]
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    patches = cast("NDArray[np.int32]", stats)[1:]  # the first is everything else
    return [
        Detection(label, pixels / (wide * tall), Box(x / width, y / height, wide / width, tall / height))
        for x, y, wide, tall, pixels in cast("list[list[int]]", patches.tolist())
        if pixels >= SMALLEST * width * height and pixels >= _WHOLE * wide * tall
    ]
