"""From a network's outputs to boxes: a pure function for each family of networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.decode.names import DecoderName

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes that passed the threshold, in no order; one thing may be in several. Copies, no views of the outputs."""

    boxes: Floats
    """(n, 4): left, top, right, bottom in pixels of the network's input."""
    scores: Floats
    """(n,), 0 to 1."""
    classes: Numbers
    """(n,): class numbers as the card has them."""


class Decoder(Protocol):
    def __call__(
        self, outputs: Sequence[Floats], classes: Numbers, threshold: float, size: tuple[int, int]
    ) -> Candidates:
        """`outputs` are the network's, in any order; only `classes` are looked at; `size` is the input's width, height.

        Raises ValueError when the outputs are not of this family.
        """
        ...


def decoder(name: DecoderName) -> Decoder:
    from models.decode import nanodet, ssd, yolox  # noqa: PLC0415 - they take Candidates from here

    registry: dict[DecoderName, Decoder] = {"nanodet": nanodet.decode, "ssd": ssd.decode, "yolox": yolox.decode}
    return registry[name]


def keep(found: Candidates, overlap: float) -> Numbers:
    """Which of `found` stay, best first: those that no surer box of their class overlaps (IoU) more than `overlap`."""
    order = np.argsort(-found.scores, kind="stable")
    kept: list[int] = []
    left, top, right, bottom = found.boxes.T
    areas = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        width = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        height = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        common = np.maximum(width, 0) * np.maximum(height, 0)
        union = areas[best] + areas[rest] - common
        same = (common > overlap * union) & (found.classes[rest] == found.classes[best])
        order = rest[~same]
    return np.array(kept, np.intp)
