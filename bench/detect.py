"""What the way from a frame to its detections costs beyond the network itself.

Frames of real footage, scaled to 640 by 480. The bare call is `invoke` on the same interpreter, with an input already
in it; both are timed in turn, on the same frame, so that a slow moment of the machine meets both.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import TypeVar, cast

import cv2

import models
from bench.footage import NoFootage, vtest
from bench.report import Options, Report, run
from edge import crops
from edge.detectors.tflite import TfliteDetector
from edge.frame import Image
from edge.gate import WHOLE, Gate, Region
from edge.pictures import grey_of
from models.detection import Detection

_T = TypeVar("_T")

WIDTH, HEIGHT = 640, 480
EVERY = 5
"""Frames of the footage between two that the detector sees: it runs ten a second."""
GATE_WIDTH = 160


class _Counting:
    """A detector that counts how often it was asked."""

    def __init__(self, inner: TfliteDetector) -> None:
        self.name = inner.name
        self.asked = 0
        self._inner = inner

    def detect(self, frame: Image) -> list[Detection]:
        self.asked += 1
        return self._inner.detect(frame)


def measure(report: Report, options: Options) -> None:
    detector = TfliteDetector(models.load(models.DEFAULT), threads=1)
    bare = detector.interpreter.invoke
    counting = _Counting(detector)
    gate = Gate()
    spent: dict[str, list[float]] = {name: [] for name in ("grey", "gate", "bare", "detect", "crops")}
    ratios: dict[str, list[float]] = {"detect": [], "crops": []}
    seen = 0
    for number, frame in enumerate(_frames(400 if options.quick else 795)):
        grey, took = _timed(lambda frame=frame: grey_of(frame, GATE_WIDTH))
        spent["grey"].append(took)
        motion, took = _timed(lambda grey=grey, number=number: gate.look(grey, number / 10))
        spent["gate"].append(took)
        if number % EVERY:
            continue
        regions: tuple[Region, ...] = motion.regions or (WHOLE,)
        before = _timed(bare)[1]
        found, whole = _timed(lambda frame=frame: detector.detect(frame))
        after = _timed(bare)[1]
        counting.asked = 0
        _, cropped = _timed(lambda frame=frame, regions=regions: crops.detect(counting, frame, regions))
        calls = counting.asked
        last = _timed(bare)[1]
        seen += len(found)
        spent["bare"] += [before, after, last]
        spent["detect"].append(whole)
        spent["crops"].append(cropped)
        ratios["detect"].append(whole / ((before + after) / 2))
        ratios["crops"].append(cropped / (calls * (after + last) / 2))
    report.figure("frames the gate saw", len(spent["gate"]), "")
    report.figure("frames the detector saw", len(spent["detect"]), "")
    report.figure("detections on them", seen, "")
    report.figure("small grey copy", 1e3 * statistics.median(spent["grey"]), "ms (median)")
    report.figure("gate", 1e3 * statistics.median(spent["gate"]), "ms (median)")
    report.figure("bare invoke, 1 thread", 1e3 * statistics.median(spent["bare"]), "ms (median)")
    report.figure("detect, whole frame", 1e3 * statistics.median(spent["detect"]), "ms (median)")
    report.figure("detect, whole frame and crops", 1e3 * statistics.median(spent["crops"]), "ms (median)")
    moving = statistics.median(a + b for a, b in zip(spent["grey"], spent["gate"], strict=True))
    report.ratio("gate / one bare invoke", moving / statistics.median(spent["bare"]), "<=", 0.3)
    report.ratio("detect with crops / the bare invokes it makes", statistics.median(ratios["crops"]), "<=", 1.3)
    report.ratio("detect on one frame / bare invoke", statistics.median(ratios["detect"]), "<=", 1.3)


def _timed(call: Callable[[], _T]) -> tuple[_T, float]:
    """What `call` gives, and the seconds it took."""
    begun = time.perf_counter()
    given = call()
    return given, time.perf_counter() - begun


def _frames(count: int) -> Iterator[Image]:
    """The first `count` frames of the footage, (480, 640, 3)."""
    try:
        film = cv2.VideoCapture(str(vtest()))
    except NoFootage as missing:
        raise SystemExit(str(missing)) from None
    for _ in range(count):
        read, frame = film.read()
        if not read:
            break
        yield cast(Image, cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
    film.release()


if __name__ == "__main__":
    run("From a frame to its detections", measure)
