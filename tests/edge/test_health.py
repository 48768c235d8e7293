"""The heartbeat comes at once, at its interval, and when the camera begins or ceases to fail."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.health import Heartbeat, Vitals
from edge.outbox import Outbox
from edge.spool import Spool
from wire.envelope import peek
from wire.keys import SigningKey
from wire.messages import Health


class Bench:
    def __init__(self, folder: Path) -> None:
        self.vitals = Vitals(frames=10, frames_moved=2, spooled=1, bytes_sent=5, shed=0, camera_fault=None)
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        outbox = Outbox("p", "c", SigningKey.make(), SystemClock(), self.spool)
        self.heart = Heartbeat(
            outbox, lambda: self.vitals, folder=folder, version="1", boot_reason="first start", every_s=60
        )

    def beats(self) -> list[Health]:
        return [Health.decode(peek(message.sealed)) for message in self.spool.due(0)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.spool.close()


def test_the_first_beat_comes_at_once_and_promises_the_next(bench: Bench) -> None:
    bench.heart.beat(1000)
    (beat,) = bench.beats()
    assert (beat.next_within_s, beat.boot_reason, beat.frames, beat.frames_moved) == (90, "first start", 10, 2)
    assert beat.disk_free_bytes is not None


def test_the_next_comes_after_the_interval_and_not_before(bench: Bench) -> None:
    for now in (1000, 1030, 1059.9):
        bench.heart.beat(now)
    assert len(bench.beats()) == 1
    bench.heart.beat(1060)
    assert len(bench.beats()) == 2


def test_a_camera_that_begins_or_ceases_to_fail_says_so_at_once(bench: Bench) -> None:
    bench.heart.beat(1000)
    bench.vitals = replace(bench.vitals, camera_fault="the cable is loose")
    bench.heart.beat(1001)
    bench.heart.beat(1002)
    bench.vitals = replace(bench.vitals, camera_fault=None)
    bench.heart.beat(1003)
    assert [beat.camera_fault for beat in bench.beats()] == [None, "the cable is loose", None]


def test_a_fault_longer_than_the_wire_allows_is_cut(bench: Bench) -> None:
    bench.vitals = replace(bench.vitals, camera_fault="x" * 500)
    bench.heart.beat(1000)
    assert [beat.camera_fault for beat in bench.beats()] == ["x" * 200]


def test_a_disk_that_fails_does_not_stop_the_camera(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(bench.spool, "put", fail)
    bench.heart.beat(1000)
    assert bench.beats() == []
