import math

import pytest

from models.detection import Box, Detection


@pytest.mark.parametrize(
    ("x", "width"),
    [(-0.1, 0.5), (0.6, 0.5), (0.5, -0.1), (math.nan, 0.5), (0.1, math.nan)],
    ids=["left of the frame", "beyond its right", "negative width", "no number", "no width"],
)
def test_a_box_stays_within_the_frame(x: float, width: float) -> None:
    with pytest.raises(ValueError, match=r"box: x and width are .*; expected fractions that stay within 0 to 1"):
        Box(x, 0.0, width, 1.0)


def test_a_box_may_be_the_whole_frame() -> None:
    assert Box(0.0, 0.0, 1.0, 1.0).width == 1.0


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan])
def test_a_score_is_from_nought_to_one(score: float) -> None:
    with pytest.raises(ValueError, match=r"score is .*; expected 0 to 1"):
        Detection("person", score, Box(0, 0, 1, 1))


def test_a_detection_has_a_label() -> None:
    with pytest.raises(ValueError, match="label is empty"):
        Detection("", 0.5, Box(0, 0, 1, 1))
