"""Which parts of a frame the detector sees, and how its boxes come back together.

The whole frame alone loses the small and far; crops alone lose the near and large. So: the whole frame, and a bounded
number of crops around what moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.detectors import Detector
from edge.frame import Image
from edge.gate import Region
from edge.moving import common, overlap
from models.detection import Box, Detection

_SAME = 0.45
"""Overlap (intersection over union) from which two boxes with one label are one thing."""
_INSIDE = 0.75
"""Part of the smaller box that lies in the larger, from which they are one thing: a crop cut the rest off."""
_SAME_WHATEVER = 0.75
"""Overlap from which two boxes are one thing even if their labels differ: a car seen as a truck."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a frame in pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, other: "Crop") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def cut(self, image: Image) -> Image:
        return image[self.y : self.y + self.height, self.x : self.x + self.width]


def crops_around(regions: Sequence[Region], wide: int, high: int, most: int = 2, side: float = 0.5) -> tuple[Crop, ...]:
    """At most `most` squares around `regions` (largest first) in a frame of `wide` by `high` pixels.

    A crop is `side` of the frame's shorter edge, or larger where its region with a margin is; a region that needs
    three quarters of the frame gets none, since the whole frame is looked at anyway.
    """
    crops: list[Crop] = []
    for region in regions:
        tight = Crop(
            int(region.x * wide), int(region.y * high),
            max(1, int(region.width * wide)), max(1, int(region.height * high)),
        )  # fmt: skip
        if any(crop.holds(tight) for crop in crops):
            continue
        if len(crops) == most:
            break
        edge = int(max(side * min(wide, high), 1.3 * tight.width, 1.3 * tight.height))
        if edge > 0.75 * min(wide, high):
            continue
        left = _between(0, tight.x + tight.width // 2 - edge // 2, wide - edge)
        top = _between(0, tight.y + tight.height // 2 - edge // 2, high - edge)
        crops.append(Crop(left, top, edge, edge))
    return tuple(crops)


def detect(detector: Detector, image: Image, regions: Sequence[Region], most: int = 2) -> list[Detection]:
    """What `detector` finds in the whole of `image` and in crops around `regions`; boxes are fractions of `image`."""
    high, wide = image.shape[:2]
    whole = [(found, False) for found in detector.detect(image)]
    cropped = [
        (_out_of(crop, found, wide, high), _is_cut(crop, found.box, wide, high))
        for crop in crops_around(regions, wide, high, most)
        for found in detector.detect(crop.cut(image))
    ]
    return merge(whole + cropped)


def merge(found: Sequence[tuple[Detection, bool]]) -> list[Detection]:
    """One detection for each thing, best first. The flag says that the box was cut off by a crop's edge.

    A whole box stands before one that was cut; then the surer one.
    """
    kept: list[Detection] = []
    for detection, _ in sorted(found, key=lambda each: (each[1], -each[0].score)):
        if not any(_are_one(detection, other) for other in kept):
            kept.append(detection)
    return sorted(kept, key=lambda detection: -detection.score)


def _out_of(crop: Crop, found: Detection, wide: int, high: int) -> Detection:
    box = found.box
    return Detection(
        found.label,
        found.score,
        Box(
            (crop.x + box.x * crop.width) / wide,
            (crop.y + box.y * crop.height) / high,
            box.width * crop.width / wide,
            box.height * crop.height / high,
        ),
    )


def _is_cut(crop: Crop, box: Box, wide: int, high: int) -> bool:
    """Whether the box touches an edge of the crop that is no edge of the frame."""
    near = 0.01
    return (
        (box.x < near and crop.x > 0)
        or (box.y < near and crop.y > 0)
        or (box.x + box.width > 1 - near and crop.x + crop.width < wide)
        or (box.y + box.height > 1 - near and crop.y + crop.height < high)
    )


def _are_one(one: Detection, other: Detection) -> bool:
    if one.label != other.label:
        return overlap(one.box, other.box) > _SAME_WHATEVER
    smaller = min(one.box.width * one.box.height, other.box.width * other.box.height)
    return overlap(one.box, other.box) > _SAME or common(one.box, other.box) > _INSIDE * smaller


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))
