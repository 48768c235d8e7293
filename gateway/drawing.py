"""A preview made ready for messengers: JPEG, with a box and a score around what was seen."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from gateway.headers import NotAPhoto, read_header

COLOUR = (0, 200, 255)
"""Amber, as OpenCV orders it: blue, green, red. Stands out on leaves and on infrared grey."""
QUALITY = 85


@dataclass(frozen=True, slots=True)
class Box:
    """Left-top corner and size as fractions of the picture."""

    label: str
    score: float
    x: float
    y: float
    width: float
    height: float


def as_jpeg(preview: bytes, boxes: Iterable[Box]) -> bytes:
    """The preview as JPEG with its boxes drawn. Raises NotAPhoto."""
    read_header(preview)
    picture = cv2.imdecode(np.frombuffer(preview, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:  # pyright: ignore[reportUnnecessaryComparison] - OpenCV's stub forgets that it may be
        raise NotAPhoto(f"photo: {len(preview)} bytes with the header of a photo, which does not decode")
    height, width = picture.shape[:2]
    thick = max(1, round(max(width, height) / 320))
    for box in boxes:
        left, top = round(box.x * width), round(box.y * height)
        right, bottom = round((box.x + box.width) * width), round((box.y + box.height) * height)
        cv2.rectangle(picture, (left, top), (right, bottom), COLOUR, thick)
        words = f"{box.label} {box.score:.0%}"
        scale = max(0.35, max(width, height) / 1600)
        (_, tall), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        line = top - below if top - below - tall > 0 else min(height - below, bottom + tall + below)
        for colour, weight in (((0, 0, 0), 3), (COLOUR, 1)):  # a dark rim keeps it readable on any ground
            cv2.putText(
                picture, words, (left, line), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, weight, cv2.LINE_AA
            )  # fmt: skip
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done  # noqa: S101 - OpenCV's word on an array that it made itself
    return jpeg.tobytes()
