"""YOLOX: for each cell of three grids a box, whether there is anything, and what. https://arxiv.org/abs/2107.08430"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from models.decode import Candidates, Floats, Numbers

STRIDES = (8, 16, 32)
BEFORE_CLASSES = 5
"""x, y, width, height, objectness."""


def decode(outputs: Sequence[Floats], classes: Numbers, threshold: float, size: tuple[int, int]) -> Candidates:
    """One output (1, cells of all grids, 5 + classes)."""
    grid = _grid(*size)
    if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[1] != len(grid):
        raise ValueError(
            f"outputs of shapes {[each.shape for each in outputs]}; expected one of (1, {len(grid)}, 5 + classes)"
        )
    rows = outputs[0][0]
    # A class score is at most 1, so objectness alone rules out nearly every cell.
    cells = np.nonzero(rows[:, 4] > threshold)[0]
    hot = rows[cells]
    every = hot[:, BEFORE_CLASSES + classes] * hot[:, 4:5]
    which, column = np.nonzero(every > threshold)
    places = grid[cells[which]]
    stride = places[:, 2:]
    centre = (hot[which, 0:2] + places[:, :2]) * stride
    half = np.exp(hot[which, 2:4]) * stride / 2
    return Candidates(np.concatenate([centre - half, centre + half], axis=1), every[which, column], classes[column])


@lru_cache(maxsize=4)
def _grid(width: int, height: int) -> Floats:
    """(cells, 3): column, row and stride of each cell, finest grid first."""
    levels: list[Floats] = []
    for stride in STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        levels.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], axis=1).astype(np.float32))
    return np.concatenate(levels)
