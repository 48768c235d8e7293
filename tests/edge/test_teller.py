"""What is told goes to disk in order: original, text, preview; and what the disk does not take is tried again."""

import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from edge.clock import SystemClock
from edge.frame import Frame
from edge.originals import Originals
from edge.outbox import Outbox
from edge.sighting import Shot, Telling
from edge.spool import Spool
from edge.teller import Teller
from models.detection import Box, Detection
from wire.envelope import peek
from wire.keys import SigningKey
from wire.messages import Opening, Preview, Sighting, Stages, State, Weights, decode
from wire.topics import Kind

START = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
STAGES = Stages(shutter=START, gated=START, detected=START)


def shot(number: int) -> Shot:
    image = np.full((60, 80, 3), number, np.uint8)
    found = Detection("person", 0.9, Box(0.4, 0.3, 0.1, 0.3))
    return Shot(Frame(image, number, START, 0, 0), (found,), 1.0, STAGES)


def telling(number: int, revision: int, *shots: Shot, previous: int | None = None) -> Telling:
    return Telling(
        reason="opened", number=number, previous=previous, revision=revision, state=State.OPEN, opened_at=START,
        seen_at=START, counts={"person": 1}, shots=shots, stages=STAGES,
    )  # fmt: skip


class Bench:
    def __init__(self, folder: Path, most_bytes: int = 1_000_000) -> None:
        self.spool = Spool(folder / "spool.sqlite3", boot=3, most_bytes=most_bytes)
        self.originals = Originals(folder / "originals", 1_000_000)
        outbox = Outbox("p", "c", SigningKey.make(), SystemClock(), self.spool)
        weights = Weights(name="m", digest=bytes(8))
        self.teller = Teller(outbox, self.originals, weights, preview_bytes=15_000, original_quality=92)

    def spooled(self) -> list[Sighting | Preview]:
        waiting = sorted(self.spool.due(0, most=100, most_bytes=10**9), key=lambda message: message.sequence)
        messages = [decode(message.kind, peek(message.sealed)) for message in waiting]
        return [message for message in messages if isinstance(message, Sighting | Preview)]

    def sightings(self) -> list[Sighting]:
        return [message for message in self.spooled() if isinstance(message, Sighting)]


def test_the_text_is_spooled_before_its_preview_and_the_original_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.teller.tell(telling(1, 0, shot(1)))
    text, preview = bench.spooled()
    assert isinstance(text, Sighting)
    assert isinstance(preview, Preview)
    assert text.photos[0].original == preview.original
    kept = bench.originals.read(preview.original)
    assert kept is not None
    assert hashlib.sha256(kept).digest() == preview.original
    bench.spool.close()


def test_a_revision_carries_the_sightings_id_and_sends_only_the_new_photo(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first, second = shot(1), shot(2)
    bench.teller.tell(telling(1, 0, first))
    bench.teller.tell(telling(1, 1, second, first))
    kinds = [type(message) for message in bench.spooled()]
    assert kinds == [Sighting, Preview, Sighting, Preview]
    opened, revised = bench.sightings()
    assert revised.opening == opened.opening == Opening(boot=3, sequence=1)
    assert revised.photos[1] == opened.photos[0]
    bench.spool.close()


def test_a_sighting_that_carries_on_another_names_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.teller.tell(telling(1, 0, shot(1)))
    bench.teller.tell(telling(2, 0, shot(2), previous=1))
    first, second = bench.sightings()
    assert second.previous == first.opening
    assert second.opening != first.opening
    bench.spool.close()


def test_a_text_that_the_disk_did_not_take_is_told_later_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(bench.spool, "put", _disk_full)
        bench.teller.tell(telling(1, 0, shot(1)))
        assert bench.spooled() == []
    bench.teller.flush()
    bench.teller.flush()
    assert [sighting.revision for sighting in bench.sightings()] == [0]
    bench.spool.close()


def _disk_full(kind: Kind, *_: object, **__: object) -> int:
    raise sqlite3.OperationalError(f"database or disk is full, said the {kind}")


def test_a_preview_without_room_is_given_up_and_the_text_stands(tmp_path: Path) -> None:
    bench = Bench(tmp_path, most_bytes=300)
    bench.teller.tell(telling(1, 0, shot(1)))
    assert [type(message) for message in bench.spooled()] == [Sighting]
    assert bench.spool.shed_count == 1
    bench.spool.close()


def test_a_full_disk_of_originals_does_not_hold_up_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)

    def full(_: Path, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge.durable.replace", full)
    bench.teller.tell(telling(1, 0, shot(1)))
    assert [type(message) for message in bench.spooled()] == [Sighting, Preview]
    bench.spool.close()


class Killed(BaseException):
    """As if the program ended here."""


def _killed(*_: object) -> None:
    raise Killed


def _killed_before_the_preview(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as kill:
        kill.setattr("edge.teller.preview", _killed)
        with pytest.raises(Killed):
            bench.teller.tell(telling(1, 0, shot(1)))


def test_a_preview_that_a_kill_prevented_is_made_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)

    _killed_before_the_preview(bench, monkeypatch)
    assert [type(message) for message in bench.spooled()] == [Sighting]
    bench.spool.close()

    again = Bench(tmp_path)
    again.teller.keep_promises()
    text, preview = again.spooled()
    assert isinstance(text, Sighting)
    assert isinstance(preview, Preview)
    assert (preview.opening, preview.original) == (text.opening, text.photos[0].original)
    again.teller.keep_promises()
    assert len(again.spooled()) == 2
    again.spool.close()


def test_a_promise_whose_original_is_gone_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)

    _killed_before_the_preview(bench, monkeypatch)
    bench.originals.give_up(10**9)
    bench.teller.keep_promises()
    assert bench.spool.promised() == []
    bench.spool.close()
