"""NanoDet: for each cell of three grids 80 scores, and 4 x 11 weights whose mean bin is the distance to each side.

Generalised focal loss, https://arxiv.org/abs/2006.04388; the grid is that of https://github.com/RangiLyu/nanodet.
"""

from collections.abc import Sequence

import numpy as np

from models.decode import Candidates, Floats, Numbers

STRIDES = (8, 16, 32)
BINS = 11


def decode(outputs: Sequence[Floats], classes: Numbers, threshold: float, size: tuple[int, int]) -> Candidates:
    """Three outputs (1, cells, 80 scores from 0 to 1) and three (1, cells, 44 weights of bins)."""
    levels = [_level(outputs, stride, size) for stride in STRIDES]
    span = int(classes.max()) + 1
    wanted = np.zeros(span, np.bool_)
    wanted[classes] = True
    scores: list[Floats] = []
    numbers: list[Numbers] = []
    bins: list[Floats] = []
    places: list[Floats] = []
    for stride, (level_scores, level_bins) in zip(STRIDES, levels, strict=True):
        looked_at = level_scores[:, :span]
        # Scores first: the softmax is then needed for a handful of cells, not for all 3,549. Flat: much the faster.
        cells, number = np.divmod(np.flatnonzero((looked_at > threshold) & wanted), span)
        scores.append(looked_at[cells, number])
        numbers.append(number)
        bins.append(level_bins[cells])
        places.append(_places(cells, size[0] // stride, stride))
    boxes = _boxes(np.concatenate(bins), np.concatenate(places))
    return Candidates(boxes, np.concatenate(scores), np.concatenate(numbers))


def _level(outputs: Sequence[Floats], stride: int, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """The scores and the bins of one grid, found by their shapes: converters do not keep the order."""
    cells = (size[0] // stride) * (size[1] // stride)
    both = [each[0] for each in outputs if each.ndim == 3 and each.shape[:2] == (1, cells)]
    bins = [each for each in both if each.shape[1] == 4 * BINS]
    scores = [each for each in both if each.shape[1] != 4 * BINS]
    if len(bins) != 1 or len(scores) != 1:
        raise ValueError(
            f"outputs of shapes {[each.shape for each in outputs]}; expected for stride {stride} one of "
            f"(1, {cells}, classes) and one of (1, {cells}, {4 * BINS})"
        )
    return scores[0], bins[0]


def _places(cells: Numbers, columns: int, stride: int) -> Floats:
    """(n, 3): centre x, y in pixels, and stride, of each of a grid's `cells`."""
    row, column = np.divmod(cells, columns)
    return np.stack([(column + 0.5) * stride, (row + 0.5) * stride, np.full(cells.size, stride)], 1).astype(np.float32)


def _boxes(bins: Floats, places: Floats) -> Floats:
    """`bins` (n, 44) of the cells at `places` (n, 3) as boxes (n, 4)."""
    weights = bins.reshape(-1, 4, BINS)
    weights = np.exp(weights - weights.max(axis=2, keepdims=True))
    distances = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(axis=2) * places[:, 2:]
    centres = places[:, :2]
    return np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
