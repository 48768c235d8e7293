"""Originals lie under the hash of their bytes, within a budget."""

import hashlib
import os
from pathlib import Path

from edge.originals import Originals


def test_an_original_is_read_back_by_its_hash(tmp_path: Path) -> None:
    originals = Originals(tmp_path, budget=1000)
    name = originals.keep(b"a photo")
    assert name == hashlib.sha256(b"a photo").digest()
    assert originals.read(name) == b"a photo"


def test_the_oldest_goes_first_when_the_budget_is_full(tmp_path: Path) -> None:
    originals = Originals(tmp_path, budget=250)
    names = [originals.keep(letter * 100) for letter in (b"a", b"b", b"c")]
    assert [originals.read(name) is not None for name in names] == [False, True, True]
    assert originals.shed_count == 1


def test_age_survives_a_restart(tmp_path: Path) -> None:
    first = Originals(tmp_path, budget=1000)
    names = [first.keep(letter * 100) for letter in (b"a", b"b", b"c")]
    for age, name in enumerate(names):
        os.utime(tmp_path / f"{name.hex()}.jpg", (1000 - age, 1000 - age))  # c is now the oldest
    second = Originals(tmp_path, budget=200)
    assert [second.read(name) is not None for name in names] == [True, True, False]


def test_an_original_that_changed_on_the_disk_is_not_handed_out(tmp_path: Path) -> None:
    originals = Originals(tmp_path, budget=1000)
    name = originals.keep(b"a photo")
    (tmp_path / f"{name.hex()}.jpg").write_bytes(b"another")
    assert originals.read(name) is None


def test_half_a_file_of_a_power_cut_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "ab.jpg.part").write_bytes(b"half")
    originals = Originals(tmp_path, budget=1000)
    assert list(tmp_path.iterdir()) == []
    assert originals.read(bytes(32)) is None


def test_the_newest_stays_even_when_it_alone_passes_the_budget(tmp_path: Path) -> None:
    originals = Originals(tmp_path, budget=10)
    originals.keep(b"a" * 5)
    name = originals.keep(b"b" * 100)
    assert originals.read(name) == b"b" * 100
    assert len(list(tmp_path.iterdir())) == 1
