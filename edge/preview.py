"""The small photo that travels at once: WebP within a byte budget."""

from dataclasses import dataclass

from edge.frame import Image
from edge.pictures import shrunk, webp

BUDGET = 15_000
WIDTHS = (640, 512, 400, 320, 240, 160)
BEST, FAIR, WORST = 80, 35, 5
"""WebP qualities: nobody sees more than BEST on a phone; below FAIR a smaller picture shows more."""


@dataclass(frozen=True, slots=True)
class Preview:
    image: bytes
    width: int
    quality: int


def preview(image: Image, budget: int = BUDGET) -> Preview:
    """The largest of WIDTHS whose best quality within `budget` bytes is at least FAIR.

    Raises ValueError when even the smallest at its worst is too long.
    """
    for width in WIDTHS:
        small = shrunk(image, width)
        if (found := _best_within(small, budget, FAIR)) is not None:
            return found
    if (found := _best_within(shrunk(image, WIDTHS[-1]), budget, WORST)) is not None:
        return found
    raise ValueError(f"preview: no WebP of {WIDTHS[-1]} pixels across fits in {budget} bytes; expected a larger budget")


def _best_within(small: Image, budget: int, worst: int) -> Preview | None:
    """By halving: WebP grows with its quality. Four or five encodings."""
    image = webp(small, worst)
    if len(image) > budget:
        return None
    found = Preview(image, small.shape[1], worst)
    low, high = worst + 1, BEST
    while low <= high and len(found.image) < 0.9 * budget:
        middle = (low + high + 1) // 2
        image = webp(small, middle)
        if len(image) <= budget:
            found, low = Preview(image, small.shape[1], middle), middle + 1
        else:
            high = middle - 1
    return found
