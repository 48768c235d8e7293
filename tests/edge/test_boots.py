"""The count of starts only grows, and says how the last run ended."""

from pathlib import Path

from edge.boots import Boots


def test_the_first_start_is_number_one(tmp_path: Path) -> None:
    boot = Boots(tmp_path).begin()
    assert (boot.number, boot.reason) == (1, "first start")


def test_each_start_counts_on(tmp_path: Path) -> None:
    assert [Boots(tmp_path).begin().number for _ in range(3)] == [1, 2, 3]


def test_a_run_that_ended_well_is_known(tmp_path: Path) -> None:
    boots = Boots(tmp_path)
    boots.end(boots.begin())
    assert Boots(tmp_path).begin().reason == "orderly stop"


def test_a_killed_program_is_told_from_a_power_cut(tmp_path: Path) -> None:
    Boots(tmp_path, kernel_boot="monday").begin()
    assert Boots(tmp_path, kernel_boot="monday").begin().reason == "program died"
    assert Boots(tmp_path, kernel_boot="tuesday").begin().reason == "power cut or system restart"


def test_a_damaged_file_jumps_ahead_of_every_number_that_was_used(tmp_path: Path) -> None:
    for _ in range(5):
        Boots(tmp_path).begin()
    (tmp_path / "boots.json").write_bytes(b"\0\0\0")
    boot = Boots(tmp_path).begin()
    assert boot.number > 1_000_000_000
    assert boot.reason == "count of starts was lost"
    assert Boots(tmp_path).begin().number == boot.number + 1
