"""What every detector promises, the real one and the scripted one alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

import cv2
import numpy as np
import pytest

import models
from edge.detectors import Detector
from edge.detectors.scripted import COLOURS, ScriptedDetector
from edge.detectors.tflite import TfliteDetector
from edge.frame import Image
from models.detection import KINDS
from sambar.demo.folder import WALKERS


@cache
def walkers() -> Image:
    """The first frame of the demo's footage, (576, 768, 3): people on a lawn."""
    film = cv2.VideoCapture(str(WALKERS))
    read, frame = film.read()
    film.release()
    assert read
    return cast(Image, frame)


@cache
def figures() -> Image:
    frame = np.full((480, 640, 3), 120, np.uint8)
    frame[200:360, 100:160] = COLOURS["person"]
    frame[250:360, 300:520] = COLOURS["truck"]
    return frame


@dataclass(frozen=True)
class Case:
    """A detector, and a frame with a person that it can find, around the point (x, y) in fractions."""

    make: Callable[[], Detector]
    frame: Callable[[], Image]
    x: float
    y: float


CASES = {
    "tflite": Case(cache(lambda: TfliteDetector(models.load(models.DEFAULT), threads=2)), walkers, 0.763, 0.555),
    "scripted": Case(ScriptedDetector, figures, 130 / 640, 280 / 480),
}


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return cast(Case, request.param)


def test_a_person_is_found_where_it_is(case: Case) -> None:
    found = [each.box for each in case.make().detect(case.frame()) if each.label == "person"]
    assert any(
        box.x < case.x < box.x + box.width and box.y < case.y < box.y + box.height and box.height < 0.5 for box in found
    )


def test_a_person_in_a_part_of_the_frame_is_found_where_it_is_in_that_part(case: Case) -> None:
    high, wide = case.frame().shape[:2]
    left, top, side = max(0, int(case.x * wide) - 120), max(0, int(case.y * high) - 120), 240
    part = case.frame()[top : top + side, left : left + side]
    x, y = (case.x * wide - left) / side, (case.y * high - top) / side
    found = [each.box for each in case.make().detect(part) if each.label == "person"]
    assert any(box.x < x < box.x + box.width and box.y < y < box.y + box.height for box in found)


def test_nothing_is_found_on_a_plain_frame(case: Case) -> None:
    assert case.make().detect(np.full((480, 640, 3), 90, np.uint8)) == []


def test_the_surest_comes_first(case: Case) -> None:
    scores = [each.score for each in case.make().detect(case.frame())]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


def test_labels_are_words_of_the_cards(case: Case) -> None:
    assert {each.label for each in case.make().detect(case.frame())} <= set(KINDS)


def test_the_frame_is_not_changed(case: Case) -> None:
    frame = case.frame().copy()
    case.make().detect(frame)
    assert np.array_equal(frame, case.frame())


def test_the_same_frame_is_answered_the_same_whatever_came_between(case: Case) -> None:
    detector = case.make()
    first = detector.detect(case.frame())
    detector.detect(np.full((600, 200, 3), 200, np.uint8))
    assert detector.detect(case.frame()) == first


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (1944, 2592)], ids=["one pixel", "a strip", "five megapixels"])
def test_a_frame_may_have_any_size(case: Case, size: tuple[int, int]) -> None:
    assert case.make().detect(np.zeros((*size, 3), np.uint8)) == []


@pytest.mark.parametrize(
    "frame", [np.zeros((480, 640), np.uint8), np.zeros((480, 640, 3), np.float32)], ids=["grey", "floats"]
)
def test_what_is_no_picture_is_refused(case: Case, frame: Image) -> None:
    with pytest.raises(ValueError, match=r"frame of shape .*; expected \(height, width, 3\), uint8"):
        case.make().detect(frame)


def test_a_detector_goes_on_after_it_refused_a_frame(case: Case) -> None:
    detector = case.make()
    with pytest.raises(ValueError, match="expected"):
        detector.detect(np.zeros((480, 640), np.uint8))
    assert detector.detect(case.frame())


def test_a_detector_has_the_name_of_its_model(case: Case) -> None:
    assert case.make().name in {models.DEFAULT, "scripted"}
