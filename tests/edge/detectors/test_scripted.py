from itertools import combinations

import cv2
import numpy as np
import pytest

from edge.detectors.scripted import COLOURS, NEAR, ScriptedDetector
from edge.frame import Image


def frame_with(*figures: tuple[str, int, int, int, int]) -> Image:
    """Figures as label, left, top, width, height on grey."""
    frame = np.full((480, 640, 3), 120, np.uint8)
    for label, left, top, width, height in figures:
        frame[top : top + height, left : left + width] = COLOURS[label]
    return frame


@pytest.mark.parametrize("label", COLOURS)
def test_every_figure_is_found_exactly_where_it_was_painted(label: str) -> None:
    (found,) = ScriptedDetector().detect(frame_with((label, 64, 48, 128, 96)))
    assert (found.label, found.score) == (label, 1.0)
    assert (found.box.x, found.box.y, found.box.width, found.box.height) == pytest.approx((0.1, 0.1, 0.2, 0.2))


def test_figures_apart_are_found_apart() -> None:
    party = frame_with(("person", 10, 100, 40, 80), ("person", 60, 100, 40, 80), ("truck", 200, 100, 120, 80))
    assert sorted(each.label for each in ScriptedDetector().detect(party)) == ["person", "person", "truck"]


def test_a_figure_that_is_partly_hidden_is_less_sure() -> None:
    frame = frame_with(("person", 100, 100, 40, 100))
    frame[100:140, 100:130] = 120
    (found,) = ScriptedDetector().detect(frame)
    assert found.score == pytest.approx(0.7)


def test_a_speck_is_no_figure() -> None:
    assert ScriptedDetector().detect(frame_with(("person", 100, 100, 10, 10))) == []


def test_an_outline_is_no_figure() -> None:
    frame = frame_with(("person", 100, 100, 200, 200))
    frame[105:295, 105:295] = 120
    assert ScriptedDetector().detect(frame) == []


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_figures_survive_a_compressed_photo(suffix: str) -> None:
    painted = frame_with(*((label, 20 + 100 * place, 200, 60, 120) for place, label in enumerate(COLOURS)))
    encoded = cv2.imencode(suffix, painted)[1]
    photo = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    assert sorted(each.label for each in ScriptedDetector().detect(photo)) == sorted(COLOURS)


@pytest.mark.parametrize(("one", "other"), list(combinations(COLOURS, 2)))
def test_no_two_figures_can_be_taken_for_each_other(one: str, other: str) -> None:
    assert max(abs(a - b) for a, b in zip(COLOURS[one], COLOURS[other], strict=True)) > 2 * NEAR


@pytest.mark.parametrize("label", COLOURS)
def test_no_grey_can_be_taken_for_a_figure(label: str) -> None:
    assert max(COLOURS[label]) - min(COLOURS[label]) > 2 * NEAR
