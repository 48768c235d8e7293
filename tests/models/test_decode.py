import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decode import Candidates, Decoder, Floats, keep, nanodet, ssd, yolox

SIZE = (416, 416)
CLASSES = np.array([0, 2, 20], np.intp)
CELLS = (2704, 676, 169)


def quiet_nanodet() -> tuple[list[Floats], list[Floats]]:
    scores = [np.zeros((1, cells, 80), np.float32) for cells in CELLS]
    bins = [np.zeros((1, cells, 44), np.float32) for cells in CELLS]
    return scores, bins


@given(
    level=st.integers(0, 2), place=st.floats(0, 0.999), distances=st.tuples(*[st.integers(0, 10)] * 4),
    number=st.sampled_from([0, 2, 20]),
)  # fmt: skip
def test_nanodet_draws_the_box_its_bins_say(
    level: int, place: float, distances: tuple[int, int, int, int], number: int
) -> None:
    scores, bins = quiet_nanodet()
    stride, columns = (8, 16, 32)[level], (52, 26, 13)[level]
    cell = int(place * CELLS[level])
    scores[level][0, cell, number] = 0.9
    for side, distance in enumerate(distances):
        bins[level][0, cell, side * 11 + distance] = 60  # so sure that the mean is that bin
    found = nanodet.decode([*scores, *bins], CLASSES, 0.4, SIZE)
    x, y = (cell % columns + 0.5) * stride, (cell // columns + 0.5) * stride
    left, top, right, bottom = (distance * stride for distance in distances)
    assert np.allclose(found.boxes, [[x - left, y - top, x + right, y + bottom]], atol=1e-3)
    assert found.classes.tolist() == [number]


def test_nanodet_takes_the_mean_of_bins_that_are_equally_sure() -> None:
    scores, bins = quiet_nanodet()
    scores[2][0, 0, 0] = 0.9
    found = nanodet.decode([*scores, *bins], CLASSES, 0.4, SIZE)
    assert np.allclose(found.boxes, [[16 - 160, 16 - 160, 16 + 160, 16 + 160]])


def test_nanodet_does_not_mind_the_order_of_the_outputs() -> None:
    scores, bins = quiet_nanodet()
    scores[1][0, 30, 2] = 0.5
    assert nanodet.decode([*bins[::-1], *scores[::-1]], CLASSES, 0.4, SIZE).classes.tolist() == [2]


def test_classes_that_the_card_does_not_name_are_not_looked_at() -> None:
    scores, bins = quiet_nanodet()
    scores[0][0, 5, [1, 19, 21, 79]] = 0.99
    assert nanodet.decode([*scores, *bins], CLASSES, 0.4, SIZE).scores.size == 0


def test_yolox_draws_the_box_of_its_cell() -> None:
    rows = np.zeros((1, 3549, 85), np.float32)
    cell = 2704 + 3 * 26 + 7  # row 3, column 7 of the grid with stride 16
    rows[0, cell, :5] = [0.5, 0.25, math.log(2), math.log(4), 0.8]
    rows[0, cell, 5 + 20] = 0.75
    found = yolox.decode([rows], CLASSES, 0.3, SIZE)
    assert np.allclose(found.boxes, [[120 - 16, 52 - 32, 120 + 16, 52 + 32]])
    assert found.scores == pytest.approx([0.6])
    assert found.classes.tolist() == [20]


def test_yolox_needs_something_to_be_there_and_to_be_of_a_class() -> None:
    rows = np.zeros((1, 3549, 85), np.float32)
    rows[0, 10, 4], rows[0, 10, 5] = 0.5, 0.5
    rows[0, 11, 4], rows[0, 11, 5] = 0.1, 1.0
    assert yolox.decode([rows], CLASSES, 0.3, SIZE).scores.size == 0


def quiet_ssd() -> tuple[Floats, Floats]:
    return np.zeros((1, 1917, 4), np.float32), np.full((1, 1917, 24), -9, np.float32)


# Anchors as MediaPipe's SsdAnchorsCalculator makes them: in each cell first the square.
@pytest.mark.parametrize(
    ("anchor", "box"),
    [
        (0, (0.5 / 19 - 0.05, 0.5 / 19 - 0.05, 0.5 / 19 + 0.05, 0.5 / 19 + 0.05)),
        (1083, (0.05 - 0.175, 0.05 - 0.175, 0.05 + 0.175, 0.05 + 0.175)),
        (1084, (0.05 - 0.35 / 2**0.5, 0.05 - 0.35 / 8**0.5, 0.05 + 0.35 / 2**0.5, 0.05 + 0.35 / 8**0.5)),
        (1911, (0.5 - 0.475, 0.5 - 0.475, 0.5 + 0.475, 0.5 + 0.475)),
    ],
    ids=["the first, small", "the second grid, square", "the second grid, wide", "the last grid, nearly all"],
)
def test_ssd_draws_its_anchor_where_nothing_is_to_be_moved(anchor: int, box: tuple[float, float, float, float]) -> None:
    encoded, logits = quiet_ssd()
    logits[0, anchor, 20] = 2
    found = ssd.decode([logits, encoded], CLASSES, 0.4, (300, 300))
    assert np.allclose(found.boxes / 300, [box], atol=1e-5)
    assert found.scores == pytest.approx([1 / (1 + math.exp(-2))])


def test_ssd_moves_and_grows_its_anchor() -> None:
    encoded, logits = quiet_ssd()
    logits[0, 1911, 0] = 2
    encoded[0, 1911] = [1, 2, 5 * math.log(0.5), 5 * math.log(0.25)]  # y, x, height, width
    found = ssd.decode([encoded, logits], CLASSES, 0.4, (300, 300))
    x, y = 0.5 + 0.2 * 0.95, 0.5 + 0.1 * 0.95
    width, height = 0.95 * 0.25, 0.95 * 0.5
    expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    assert np.allclose(found.boxes / 300, [expected], atol=1e-5)


@pytest.mark.parametrize("decode", [nanodet.decode, yolox.decode, ssd.decode], ids=["nanodet", "yolox", "ssd"])
def test_outputs_of_another_family_are_refused_with_their_shapes(decode: Decoder) -> None:
    with pytest.raises(ValueError, match=r"outputs of shapes \[\(1, 7, 9\)\]; expected"):
        decode([np.zeros((1, 7, 9), np.float32)], CLASSES, 0.4, SIZE)


def candidates(*rows: tuple[float, float, float, float, float, int]) -> Candidates:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.intp))


def test_of_two_boxes_around_one_thing_the_surer_stays() -> None:
    assert keep(candidates((0, 0, 10, 10, 0.5, 0), (1, 0, 11, 10, 0.9, 0)), 0.5).tolist() == [1]


def test_boxes_of_two_classes_both_stay() -> None:
    assert keep(candidates((0, 0, 10, 10, 0.5, 0), (1, 0, 11, 10, 0.9, 2)), 0.5).tolist() == [1, 0]


def test_boxes_side_by_side_both_stay_surest_first() -> None:
    assert keep(candidates((0, 0, 10, 10, 0.5, 0), (6, 0, 16, 10, 0.9, 0)), 0.5).tolist() == [1, 0]


def test_a_box_that_was_dropped_drops_no_other() -> None:
    chain = candidates((0, 0, 10, 10, 0.9, 0), (3, 0, 13, 10, 0.8, 0), (6, 0, 16, 10, 0.7, 0))
    assert keep(chain, 0.5).tolist() == [0, 2]


def test_nothing_stays_of_nothing() -> None:
    assert keep(candidates(), 0.5).tolist() == []
