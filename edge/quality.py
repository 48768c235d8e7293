"""How good a frame is as the photo of a sighting."""

import math
from collections.abc import Sequence

from edge.frame import Image
from edge.pictures import sharpness, shrunk
from models.detection import Box, Detection

_EDGE = 0.01
_CRISP = 150.0
"""Variance of the Laplacian at which a face-sized part counts as half crisp; measured on daylight street footage."""


def quality(image: Image, detections: Sequence[Detection]) -> float:
    """0 or more; of two frames the higher one tells a ranger more.

    Of the best box: score · √(share of the frame) · wholeness · crispness. The root, because twice the height is
    about twice as good and not four times. A box that the frame's edge cuts off counts for six tenths.
    Several people add up, each further one for less.
    """
    each = sorted((_of_one(image, found) for found in detections), reverse=True)[:6]
    return sum(value / 2**place for place, value in enumerate(each))


def _of_one(image: Image, found: Detection) -> float:
    box = found.box
    whole = box.x > _EDGE and box.x + box.width < 1 - _EDGE and box.y > _EDGE and box.y + box.height < 1 - _EDGE
    return found.score * math.sqrt(box.width * box.height) * (1.0 if whole else 0.6) * _crispness(image, box)


def _crispness(image: Image, box: Box) -> float:
    """0.5 (blur) to 1 (crisp): blur makes a photo worse, but a blurred man still stands before a crisp far one."""
    high, wide = image.shape[:2]
    part = image[
        max(0, int(box.y * high)) : max(1, math.ceil((box.y + box.height) * high)),
        max(0, int(box.x * wide)) : max(1, math.ceil((box.x + box.width) * wide)),
    ]
    if part.size == 0:
        return 0.5
    variance = sharpness(shrunk(part, 160))
    return 0.5 + 0.5 * variance / (variance + _CRISP)
