"""A frame's whole way, without a camera, a broker or a model's weights."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.clock import SystemClock
from edge.detectors.scripted import COLOURS, ScriptedDetector
from edge.frame import Frame, Image
from edge.gate import Gate
from edge.originals import Originals
from edge.outbox import Outbox
from edge.sighting import Sightings
from edge.spool import Spool
from edge.teller import Teller
from edge.votes import Votes
from edge.watch import Watch, WatchSettings
from models.detection import Detection
from wire.envelope import peek
from wire.keys import SigningKey
from wire.messages import Sighting, Weights, decode


class Moody:
    """The scripted detector, unless it is told to fail."""

    name = "moody"

    def __init__(self) -> None:
        self.fails = False
        self.calls = 0
        self._inner = ScriptedDetector()

    def detect(self, frame: Image) -> list[Detection]:
        self.calls += 1
        if self.fails:
            raise ValueError("out of memory")
        return self._inner.detect(frame)


class Bench:
    def __init__(self, folder: Path, *, triggered: bool = False) -> None:
        self.detector = Moody()
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        outbox = Outbox("p", "c", SigningKey.make(), SystemClock(), self.spool)
        weights = Weights(name="moody", digest=bytes(8))
        originals = Originals(folder / "originals", 1_000_000)
        teller = Teller(outbox, originals, weights, preview_bytes=15_000, original_quality=92)
        settings = WatchSettings(frozenset({"person"}), crops=2, gate_width=160, triggered=triggered)
        self.watch = Watch(settings, self.detector, gate=Gate(), votes=Votes(), sightings=Sightings(), teller=teller)
        self._number = 0

    def show(self, image: Image, *, times: int = 1) -> None:
        for _ in range(times):
            seconds = self._number / 10
            self.watch.look(Frame(image, self._number, SystemClock().now(), seconds, seconds))
            self._number += 1

    def sightings(self) -> list[Sighting]:
        messages = [decode(each.kind, peek(each.sealed)) for each in self.spool.due(0, most=99, most_bytes=10**9)]
        return [message for message in messages if isinstance(message, Sighting)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.spool.close()


def picture(left: int | None = None, label: str = "person") -> Image:
    image = np.full((240, 320, 3), 225, np.uint8)
    if left is not None:
        image[80:160, left : left + 30] = COLOURS[label]
    return image


def test_while_nothing_moves_the_detector_rests(bench: Bench) -> None:
    bench.show(picture(), times=50)
    assert bench.detector.calls == 0
    assert (bench.watch.frames, bench.watch.moved, bench.watch.looked) == (50, 0, 0)


def test_two_frames_with_a_walker_open_a_sighting(bench: Bench) -> None:
    bench.show(picture(), times=3)
    bench.show(picture(100))
    assert bench.sightings() == []
    bench.show(picture(110))
    assert [sighting.counts for sighting in bench.sightings()] == [{"person": 1}]


def test_what_the_settings_do_not_name_makes_no_sighting(bench: Bench) -> None:
    bench.show(picture(), times=3)
    for left in range(50, 200, 10):
        bench.show(picture(left, "elephant"))
    assert bench.detector.calls > 0
    assert bench.sightings() == []


def test_who_stands_still_is_looked_for_and_keeps_the_sighting_open(bench: Bench) -> None:
    bench.show(picture(), times=3)
    bench.show(picture(100))
    bench.show(picture(110), times=150)
    assert [sighting.revision for sighting in bench.sightings()] == [0]


def test_a_detector_that_fails_is_told_and_the_watch_goes_on(bench: Bench) -> None:
    bench.show(picture(), times=3)
    bench.detector.fails = True
    bench.show(picture(100), times=2)
    assert bench.watch.fault == "ValueError: out of memory"
    bench.detector.fails = False
    bench.show(picture(110))
    bench.show(picture(120))
    assert bench.watch.fault is None
    assert len(bench.sightings()) == 1


def test_a_photo_that_was_triggered_needs_neither_motion_nor_a_second_vote(tmp_path: Path) -> None:
    bench = Bench(tmp_path, triggered=True)
    bench.show(picture(100))
    assert [sighting.counts for sighting in bench.sightings()] == [{"person": 1}]
    bench.spool.close()


def test_stopping_closes_and_tells_what_is_open(bench: Bench) -> None:
    bench.show(picture(), times=3)
    bench.show(picture(100))
    bench.show(picture(110))
    bench.watch.stop()
    assert [sighting.revision for sighting in bench.sightings()] == [0, 1]
