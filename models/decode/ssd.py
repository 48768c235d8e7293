"""SSD over MobileNetV2 as TensorFlow's object detection API makes it: 1,917 anchors, logits, boxes by centre and size.

https://arxiv.org/abs/1512.02325. Six grids; the first has three anchors a cell, the others six, one of them between its
scale and the next.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from models.decode import Candidates, Floats, Numbers

SMALLEST, LARGEST = 0.2, 0.95
"""Sides of the anchors of the first and the last grid, as fractions of the input."""
STRIDES = (16, 32, 64, 128, 256, 512)
RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
CENTRE_SCALE, SIZE_SCALE = 10.0, 5.0
"""What the network's outputs were multiplied by in training."""


def decode(outputs: Sequence[Floats], classes: Numbers, threshold: float, size: tuple[int, int]) -> Candidates:
    """One output (1, anchors, 4: y, x, height, width) and one (1, anchors, logits of classes)."""
    anchors = _anchors(*size)
    fitting = [each[0] for each in outputs if each.ndim == 3 and each.shape[1] == len(anchors)]
    encoded = [each for each in fitting if each.shape[1] == 4]
    logits = [each for each in fitting if each.shape[1] != 4]
    if len(encoded) != 1 or len(logits) != 1:
        raise ValueError(
            f"outputs of shapes {[each.shape for each in outputs]}; expected (1, {len(anchors)}, 4) "
            f"and (1, {len(anchors)}, classes)"
        )
    # The sigmoid only of what passes: a threshold on scores is one on logits.
    every = logits[0][:, classes]
    cells, column = np.nonzero(every > math.log(threshold / (1 - threshold)))
    scores = 1 / (1 + np.exp(-every[cells, column]))
    box, anchor = encoded[0][cells], anchors[cells]
    centre = box[:, 1::-1] / CENTRE_SCALE * anchor[:, 2:] + anchor[:, :2]
    half = np.exp(box[:, :1:-1] / SIZE_SCALE) * anchor[:, 2:] / 2
    scale = np.array([*size, *size], np.float32)
    return Candidates(np.concatenate([centre - half, centre + half], axis=1) * scale, scores, classes[column])


@lru_cache(maxsize=4)
def _anchors(width: int, height: int) -> Floats:
    """(anchors, 4): centre x, y, width, height as fractions of the input."""
    step = (LARGEST - SMALLEST) / (len(STRIDES) - 1)
    rows: list[Floats] = []
    for level, stride in enumerate(STRIDES):
        scale, following = SMALLEST + step * level, min(1.0, SMALLEST + step * (level + 1))
        if level == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        else:
            last = 1.0 if level == len(STRIDES) - 1 else following
            shapes = [*((scale, ratio) for ratio in RATIOS), (math.sqrt(scale * last), 1.0)]
        sides = np.array([(side * math.sqrt(ratio), side / math.sqrt(ratio)) for side, ratio in shapes], np.float32)
        high, wide = math.ceil(height / stride), math.ceil(width / stride)
        y, x = np.mgrid[0:high, 0:wide]
        centres = np.stack([(x.ravel() + 0.5) / wide, (y.ravel() + 0.5) / high], axis=1).astype(np.float32)
        rows.append(np.concatenate([np.repeat(centres, len(sides), 0), np.tile(sides, (len(centres), 1))], axis=1))
    return np.concatenate(rows)
