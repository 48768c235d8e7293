"""The daily canary: one a day, whatever the clock says and however often the program starts."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.canary import APART, SPREAD, Canary, Mark, own_time, why_due
from edge.detectors.scripted import ScriptedDetector
from edge.frame import Frame
from edge.gate import Gate
from edge.originals import Originals
from edge.outbox import Outbox
from edge.sighting import Sightings
from edge.spool import Spool
from edge.teller import Teller
from edge.votes import Votes
from edge.watch import Watch, WatchSettings
from wire.envelope import peek
from wire.keys import SigningKey
from wire.messages import ClockQuality, Opening, Preview, Sighting, State, Weights, decode

NOON = time(12)
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
HOUR = 3600.0


class Driven:
    """A unit's clock that a test moves; the seconds never jump with it."""

    def __init__(self) -> None:
        self.wall = START
        self.worth = ClockQuality.NETWORK
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.wall

    def quality(self) -> ClockQuality:
        return self.worth

    def uptime_ms(self) -> int:
        return int(self.seconds * 1000)

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


class Bench:
    """A camera that gives a frame whenever the test says, with everything behind it up to the spool."""

    def __init__(self, folder: Path, *, triggered: bool = False) -> None:
        self.folder = folder
        self.clock = Driven()
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        outbox = Outbox("p", "c", SigningKey.make(), self.clock, self.spool)
        self.originals = Originals(folder / "originals", 1_000_000)
        weights = Weights(name="scripted", digest=bytes(8))
        self.watch = Watch(
            WatchSettings(frozenset({"person"}), crops=0, gate_width=160, triggered=triggered),
            ScriptedDetector(),
            gate=Gate(), votes=Votes(), sightings=Sightings(),
            teller=Teller(outbox, self.originals, weights, preview_bytes=15_000, original_quality=92),
        )  # fmt: skip
        self._triggered = triggered
        self._frames = 0
        self.start()

    def start(self) -> None:
        """The program starts, perhaps anew."""
        self.canary = Canary(
            NOON, self.folder, self.clock, self.watch.canary, triggered=self._triggered, now=self.clock.seconds
        )

    def frame(self) -> None:
        self._frames += 1
        image = np.full((120, 160, 3), 200, np.uint8)
        seen = Frame(image, self._frames, self.clock.wall, self.clock.seconds, self.clock.seconds)
        self.watch.look(seen)
        self.canary.see(seen, self.clock.seconds)

    def until(self, moment: datetime, *, every_s: float = 60.0) -> None:
        """A frame every so often until then."""
        while self.clock.wall < moment:
            self.clock.passes(every_s)
            self.frame()

    def spooled(self) -> list[Sighting | Preview]:
        waiting = sorted(self.spool.due(0, most=999, most_bytes=10**9), key=lambda each: each.sequence)
        messages = [decode(each.kind, peek(each.sealed)) for each in waiting]
        return [each for each in messages if isinstance(each, Sighting | Preview)]

    def sent(self) -> list[datetime]:
        return [each.at for each in self.spooled() if isinstance(each, Sighting)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    (tmp_path / "canary.json").write_text('{"at": "2026-02-28T12:00:00+00:00", "clock": 2}')
    bench.start()
    yield bench
    bench.spool.close()


def test_the_first_frame_after_the_time_of_day_goes_and_no_other_that_day(bench: Bench) -> None:
    bench.until(START.replace(hour=11, minute=59))
    assert bench.sent() == []
    bench.until(START.replace(hour=23))
    assert bench.sent() == [START.replace(hour=12)]


def test_it_goes_once_a_day_at_the_same_time(bench: Bench) -> None:
    bench.until(START + timedelta(days=3), every_s=600)
    assert bench.sent() == [START.replace(day=day, hour=12) for day in (1, 2, 3)]


def test_a_canary_is_a_closed_sighting_with_the_whole_frame_as_its_photo(bench: Bench) -> None:
    bench.until(START.replace(hour=12))
    text, preview = bench.spooled()
    assert isinstance(text, Sighting)
    assert isinstance(preview, Preview)
    assert (text.state, text.revision, text.counts) == (State.CLOSED, 0, {"canary": 1})
    assert text.photos[0].detections == ()
    assert preview.original == text.photos[0].original
    assert preview.opening == text.opening
    assert bench.originals.read(preview.original) is not None


def test_a_gate_that_never_opens_does_not_stop_it(bench: Bench) -> None:
    bench.until(START.replace(hour=12))
    assert bench.watch.moved == 0
    assert len(bench.sent()) == 1


def test_it_leaves_a_sighting_that_is_open_alone(bench: Bench) -> None:
    still, walker = np.full((240, 320, 3), 225, np.uint8), np.full((240, 320, 3), 225, np.uint8)
    walker[80:160, 100:130] = (255, 0, 255)

    def show(image: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]], number: int) -> None:
        bench.clock.passes(0.1)
        bench.watch.look(Frame(image, number, bench.clock.wall, bench.clock.seconds, bench.clock.seconds))

    for number in range(5):
        show(still if number < 3 else walker, number)
    bench.clock.wall = START.replace(hour=12)
    bench.frame()
    bench.watch.stop()
    texts = [each for each in bench.spooled() if isinstance(each, Sighting)]
    assert [(list(each.counts), each.state) for each in texts] == [
        (["person"], State.OPEN), (["canary"], State.CLOSED), (["person"], State.CLOSED),
    ]  # fmt: skip
    assert texts[2].opening == texts[0].opening != texts[1].opening == Opening(boot=1, sequence=texts[1].sequence)


def test_a_restart_does_not_send_it_again(bench: Bench) -> None:
    bench.until(START.replace(hour=12))
    for _ in range(5):
        bench.start()
        bench.until(bench.clock.wall + timedelta(minutes=5))
    assert len(bench.sent()) == 1


def test_one_that_was_missed_while_off_goes_at_the_start_and_the_next_at_its_time(bench: Bench) -> None:
    bench.clock.wall = START.replace(hour=14)
    bench.start()
    bench.frame()
    assert bench.sent() == [START.replace(hour=14)]
    bench.until(START.replace(day=2, hour=13), every_s=600)
    assert bench.sent()[1:] == [START.replace(day=2, hour=12)]


def test_a_unit_that_is_never_awake_at_the_time_of_day_still_sends_one_each_day(bench: Bench) -> None:
    for day in (1, 2, 3):
        bench.clock.wall = START.replace(day=day, hour=1)
        bench.start()
        bench.until(START.replace(day=day, hour=6))
    assert bench.sent() == [START.replace(day=day, hour=1, minute=1) for day in (2, 3)]


def test_a_new_unit_sends_one_with_its_first_frame(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.frame()
    bench.frame()
    assert len(bench.sent()) == 1
    bench.spool.close()


def test_a_camera_without_frames_sends_none_and_the_next_frame_goes(bench: Bench) -> None:
    bench.until(START.replace(hour=11))
    for _ in range(20):
        bench.clock.passes(HOUR / 6)
        bench.canary.pass_time(bench.clock.seconds, None)
    assert bench.sent() == []
    bench.frame()
    assert len(bench.sent()) == 1


@pytest.fixture
def triggered(tmp_path: Path) -> Iterator[Bench]:
    """A camera that takes a photo only when something moves; one was taken, with the canary of the day before."""
    bench = Bench(tmp_path, triggered=True)
    bench.frame()
    bench.until(START + timedelta(hours=1), every_s=HOUR)
    yield bench
    bench.spool.close()


def test_a_photo_of_something_else_serves_when_none_comes_within_ten_minutes(triggered: Bench) -> None:
    moment = START + timedelta(days=1, hours=3)
    triggered.clock.passes((moment - triggered.clock.wall).total_seconds())
    triggered.canary.pass_time(triggered.clock.seconds, None)
    triggered.clock.passes(599)
    triggered.canary.pass_time(triggered.clock.seconds, None)
    assert len(triggered.sent()) == 1
    triggered.clock.passes(1)
    triggered.canary.pass_time(triggered.clock.seconds, None)
    assert triggered.sent()[1:] == [moment + timedelta(minutes=10)]


def test_a_camera_that_fails_sends_no_old_photo(triggered: Bench) -> None:
    triggered.clock.passes(40 * HOUR)
    for _ in range(3):
        triggered.clock.passes(HOUR)
        triggered.canary.pass_time(triggered.clock.seconds, "the cable is out")
    assert len(triggered.sent()) == 1


def test_a_disk_that_cannot_keep_the_mark_sends_none_until_it_can(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("edge.durable.replace", full)
        bench.until(START.replace(hour=12, minute=5))
        assert bench.sent() == []
    bench.until(START.replace(hour=13))
    assert bench.sent() == [START.replace(hour=12, minute=10)]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"at": "2026-03-01T12:00:00", "clock": 2}', '{"at": 1}', "\x00"])
def test_a_mark_that_cannot_be_read_costs_one_canary_more(bench: Bench, content: str) -> None:
    bench.until(START.replace(hour=12))
    (bench.folder / "canary.json").write_text(content)
    bench.start()
    bench.until(START.replace(hour=20))
    assert len(bench.sent()) == 2


def test_a_clock_that_is_set_after_the_start_does_not_send_a_second_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.clock.wall, bench.clock.worth = datetime(1970, 1, 1, tzinfo=UTC), ClockQuality.UNSET
    bench.frame()
    bench.clock.wall, bench.clock.worth = START, ClockQuality.NETWORK
    bench.until(START.replace(hour=20))
    assert len(bench.sent()) == 1
    bench.spool.close()


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)])
def test_starts_with_a_wrong_clock_that_is_set_each_time_make_no_storm(bench: Bench, wrong: datetime) -> None:
    bench.until(START.replace(hour=12))
    for _ in range(30):
        at, worth = bench.clock.wall, bench.clock.worth
        bench.clock.wall, bench.clock.worth = wrong, ClockQuality.UNSET
        bench.start()
        bench.until(wrong + timedelta(minutes=2))
        bench.clock.wall, bench.clock.worth = at + timedelta(minutes=2), worth
        bench.until(bench.clock.wall + timedelta(minutes=5))
    assert bench.sent() == [START.replace(hour=12)]


AWAKE = timedelta(hours=1)
SET, UNSET = ClockQuality.NETWORK, ClockQuality.UNSET
YESTERDAY = datetime(2026, 2, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "clock", "last", "awake", "due"),
    [
        pytest.param(START.replace(hour=12), SET, Mark(YESTERDAY, SET), AWAKE, True, id="at its time"),
        pytest.param(START, SET, Mark(YESTERDAY, SET), AWAKE, False, id="before its time"),
        pytest.param(START, SET, Mark(START.replace(day=8), SET), AWAKE, False, id="the clock went back"),
        pytest.param(START, SET, Mark(START.replace(day=8), SET), APART, True, id="it went back, a day ago"),
        pytest.param(START, SET, Mark(START.replace(day=8), UNSET), AWAKE, True, id="it was wrong and is set now"),
        pytest.param(START.replace(year=2038), UNSET, Mark(YESTERDAY, SET), AWAKE, False, id="it was lost"),
        pytest.param(START.replace(year=2038), UNSET, Mark(YESTERDAY, SET), APART, True, id="it was lost, a day ago"),
        pytest.param(START.replace(hour=12), UNSET, Mark(YESTERDAY, UNSET), AWAKE, True, id="it never was set"),
        pytest.param(
            START.replace(hour=12), SET, Mark(YESTERDAY, ClockQuality.GNSS), AWAKE, True, id="it is good enough"
        ),
    ],
)
def test_the_clock_is_believed_as_far_as_it_can_be(
    now: datetime, clock: ClockQuality, last: Mark, awake: timedelta, *, due: bool
) -> None:
    assert (why_due(NOON, now, clock, last, awake, sent_before=False) is not None) == due


def test_the_cameras_of_a_park_are_spread_over_the_hour_each_at_its_own_moment() -> None:
    moments = [own_time(time(23, 30), "khao-yai", f"CAM-{number}") for number in range(50)]
    assert own_time(time(23, 30), "khao-yai", "CAM-7") == moments[7]
    after = [
        (datetime.combine(START, each) - datetime.combine(START, time(23, 30))) % timedelta(days=1) for each in moments
    ]
    assert max(after) < SPREAD
    minutes = [each // timedelta(minutes=1) for each in after]
    assert max(minutes.count(minute) for minute in minutes) <= 5
