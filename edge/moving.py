"""Which of the detected things are visitors, and which have always stood there.

The detector sees the parked car, the tripod that looks like a man, and the poster in every frame in which somebody
else moves. Only what moved makes a sighting; and who stops is still a visitor for a while.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.gate import WHOLE, Region
from models.detection import Box, Detection

STANDS_S = 30.0
"""Whoever moved and then stands still counts for so long."""
_FORGOTTEN_S = 600.0
_MOST = 64
_COVERED = 0.3
"""Part of a box that must lie in moving regions: a passer-by covers less of the parked car behind him."""
_SAME_PLACE = 0.5
"""Overlap (intersection over union) of two boxes from which they are one thing that stayed."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A thing at a place."""

    label: str
    box: Box
    moved_s: float | None
    """When something last moved there; None: never."""
    seen_s: float


class Moving:
    """Remembers what stands where, for one camera."""

    def __init__(self) -> None:
        self._known: list[_Known] = []

    def __len__(self) -> int:
        """How many things are remembered."""
        return len(self._known)

    def visitors(self, found: Sequence[Detection], regions: Sequence[Region], seconds: float) -> list[Detection]:
        """Those of `found` that moved of late. `regions` is where the gate saw motion in this frame.

        When the light changed on the whole picture, everything counts that was not known to stand there: somebody may
        have come with a lamp.
        """
        everywhere = WHOLE in regions
        now_known: list[_Known] = []
        for detection in found:
            known = self._match(detection)
            moved = moves(detection.box, () if everywhere else regions)
            if moved or (everywhere and known is None):
                moved_s: float | None = seconds
            else:
                moved_s = None if known is None else known.moved_s
            now_known.append(_Known(detection.label, detection.box, moved_s, seconds))
            if known is not None:
                self._known.remove(known)
        kept = [known for known in self._known if seconds - known.seen_s < _FORGOTTEN_S]
        self._known = (now_known + kept)[:_MOST]
        return [
            detection
            for detection, known in zip(found, now_known, strict=True)
            if known.moved_s is not None and seconds - known.moved_s <= STANDS_S
        ]

    def _match(self, detection: Detection) -> _Known | None:
        same = [
            (overlap(detection.box, known.box), place)
            for place, known in enumerate(self._known)
            if known.label == detection.label
        ]
        best = max(same, default=(0.0, 0))
        return self._known[best[1]] if best[0] >= _SAME_PLACE else None


def moves(box: Box, regions: Sequence[Region]) -> bool:
    """Whether enough of `box` lies in `regions`, which do not overlap much."""
    area = box.width * box.height
    return area > 0 and sum(common(box, region) for region in regions) >= _COVERED * area


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    shared = common(one, other)
    union = one.width * one.height + other.width * other.height - shared
    return shared / union if union > 0 else 0.0


def common(one: Box, other: Box | Region) -> float:
    """Area that two boxes share."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)
