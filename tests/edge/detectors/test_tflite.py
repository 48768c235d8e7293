import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

import models
from edge.detectors.tflite import TfliteDetector
from edge.frame import Image
from models.detection import Detection
from models.errors import ModelError, WeightsAltered, WeightsMissing
from sambar.demo.folder import WALKERS


@cache
def walkers() -> Image:
    film = cv2.VideoCapture(str(WALKERS))
    read, frame = film.read()
    film.release()
    assert read
    return cast(Image, frame)


@cache
def found_at(threads: int) -> Sequence[Detection]:
    return TfliteDetector(models.load(models.DEFAULT), threads).detect(walkers())


def test_several_people_are_found_on_real_footage() -> None:
    people = [each for each in found_at(1) if each.label == "person"]
    assert len(people) >= 4
    assert all(each.box.height > each.box.width for each in people)


def test_more_threads_see_the_same() -> None:
    assert [each.label for each in found_at(2)] == [each.label for each in found_at(1)]


def test_a_lower_threshold_finds_more() -> None:
    bold = TfliteDetector(models.load(models.DEFAULT), threads=2, threshold=0.15).detect(walkers())
    assert len(bold) > len(found_at(1))
    assert all(each.score >= 0.4 for each in found_at(1))


def test_the_boxes_are_those_of_the_formula_worked_out_one_by_one() -> None:
    card = models.load(models.DEFAULT)
    detector = TfliteDetector(card, threads=1, threshold=0.6)
    (surest, *_) = detector.detect(walkers())
    outputs = [detector.interpreter.get_tensor(each["index"]) for each in detector.interpreter.get_output_details()]
    best = (0.0, (0.0, 0.0, 0.0, 0.0))
    for stride, side in ((8, 52), (16, 26), (32, 13)):
        scores = next(each[0] for each in outputs if each.shape == (1, side * side, 80))
        bins = next(each[0] for each in outputs if each.shape == (1, side * side, 44))
        cell = int(scores[:, 0].argmax())
        reach: list[float] = []
        for start in range(0, 44, 11):
            weights = np.exp(bins[cell, start : start + 11].astype(np.float64))
            reach.append(float(sum(place * weight for place, weight in enumerate(weights)) / weights.sum()) * stride)
        x, y = (cell % side + 0.5) * stride, (cell // side + 0.5) * stride
        if scores[cell, 0] > best[0]:
            best = (float(scores[cell, 0]), (x - reach[0], y - reach[1], x + reach[2], y + reach[3]))
    # 768 by 576 letterboxed into 416: 416 by 312 are used.
    left, top, right, bottom = best[1]
    expected = (left / 416, top / 312, (right - left) / 416, (bottom - top) / 312)
    assert surest.score == pytest.approx(best[0])
    assert (surest.box.x, surest.box.y, surest.box.width, surest.box.height) == pytest.approx(expected, abs=1e-4)


def test_without_litert_its_forerunner_is_used_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tflite_runtime.interpreter", reason="tflite-runtime is not installed")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    detector = TfliteDetector(models.load(models.DEFAULT), threads=2)
    assert type(detector.interpreter).__module__ == "tflite_runtime.interpreter"
    assert [each.label for each in detector.detect(walkers())].count("person") >= 4


def test_without_either_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(ModelError, match=r"neither .* is installed; install with: pip install 'sambar\[edge\]'"):
        TfliteDetector(models.load(models.DEFAULT))


def test_missing_weights_stop_it_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="they belong beside the card"):
        TfliteDetector(replace(models.load(models.DEFAULT), folder=tmp_path))


def test_altered_weights_are_never_run() -> None:
    with pytest.raises(WeightsAltered):
        TfliteDetector(replace(models.load(models.DEFAULT), sha256=64 * "0"))


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"not a model")
    digest = hashlib.sha256(b"not a model").hexdigest()
    with pytest.raises(ModelError, match=r"model.tflite is no TensorFlow Lite model that can be run"):
        TfliteDetector(replace(models.load(models.DEFAULT), folder=tmp_path, sha256=digest))


def test_a_card_with_another_input_than_its_weights_is_refused() -> None:
    card = models.load(models.DEFAULT)
    with pytest.raises(ModelError, match=r"take \(1, 3, 416, 416\) float32; its card says \(1, 3, 320, 416\) float32"):
        TfliteDetector(replace(card, input=replace(card.input, height=320)))


def test_a_card_with_another_decoder_than_its_weights_is_refused() -> None:
    with pytest.raises(ModelError, match=r"the decoder 'yolox' does not fit its weights: outputs of shapes"):
        TfliteDetector(replace(models.load(models.DEFAULT), decoder="yolox"))
