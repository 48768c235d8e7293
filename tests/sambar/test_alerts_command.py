"""`sambar alerts …` on a park in a real database, with Telegram's API over real HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from sambar.cli import main

PARK = """
[park]
name = "khao-yai"
title = "Khao Yai"
zone = "Asia/Bangkok"

[[area]]
name = "north"
title = "North"
team = "north"
chief = "chai"

[[camera]]
name = "gate"
area = "north"
place = "The gate"
key = "ed25519:2loAAg0l0VqNjbqMloEVwhdOyQnSiKyi36GUo2YzZwM="

[[team]]
name = "north"
title = "North"
members = ["malee", "somchai"]
shift = [
  { begins = "18:00", ends = "06:00", members = ["malee"], officer = "chai" },
  { begins = "06:00", ends = "18:00", members = ["somchai"] },
]

[[person]]
name = "malee"
title = "Malee"
channels = [{ channel = "telegram", address = "101" }, { channel = "web", address = "malee" }]

[[person]]
name = "somchai"
title = "Somchai"
channels = [{ channel = "web", address = "somchai" }]

[[person]]
name = "chai"
title = "Chai"
channels = [{ channel = "signal", address = "+66812345678" }, { channel = "web", address = "chai" }]

[[person]]
name = "nobody"
title = "Nobody's phone"
"""


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.add_chat(101)
        yield server


@pytest.fixture(autouse=True)
def loud_again() -> Iterator[None]:
    """The command makes the log quiet, which would last beyond its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def settings(tmp_path: Path, server: FakeTelegram) -> Path:
    (tmp_path / "park.toml").write_text(PARK)
    path = tmp_path / "gateway.toml"
    path.write_text(f'[channels.telegram]\ntoken = "{TOKEN}"\nbase_url = "{server.url}"\n')
    applied = sambar("park", "apply", tmp_path / "park.toml", "--settings", path, "--yes")
    assert applied.exit_code == 0, applied.output
    return path


def sambar(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def steps(settings: Path, *options: str) -> list[tuple[float, str, str]]:
    """(seconds, person, channel) as `explain` has them."""
    shown = sambar("alerts", "explain", "--settings", settings, "--json", *options)
    assert shown.exit_code == 0, shown.output
    return [(each["after"], each["person"], each["channel"]) for each in json.loads(shown.output)["steps"]]


def test_by_night_the_night_shift_is_told_and_then_up_the_line(settings: Path) -> None:
    assert steps(settings, "--camera", "gate", "--at", "2026-12-24T03:40") == [
        (0, "malee", "telegram"), (0, "chai", "web"), (180, "somchai", "web"),
    ]  # fmt: skip


def test_by_day_it_is_the_day_shift(settings: Path) -> None:
    assert steps(settings, "--camera", "gate", "--at", "2026-12-24T12:00")[0] == (0, "somchai", "web")


def test_a_channel_that_is_not_set_up_is_named(settings: Path) -> None:
    shown = sambar("alerts", "explain", "--settings", settings, "--camera", "gate")
    assert "expected a section [channels.signal] in gateway.toml" in " ".join(shown.output.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--camera", "hill"), "camera 'hill' of park 'khao-yai'; expected one of: gate"),
        (("--camera", "gate", "--at", "noon"), "--at noon: expected a moment such as 2026-12-24T03:40"),
        (("--camera", "gate", "--park", "doi"), "--park doi: expected one of: khao-yai"),
    ],
    ids=["camera", "moment", "park"],
)
def test_a_mistake_is_a_sentence(settings: Path, options: tuple[str, ...], words: str) -> None:
    shown = sambar("alerts", "explain", "--settings", settings, *options)
    assert shown.exit_code == 1
    assert words in shown.output


def test_a_test_goes_out_on_every_channel_and_says_what_each_answered(settings: Path, server: FakeTelegram) -> None:
    shown = sambar("alerts", "test", "--settings", settings, "--to", "malee")
    assert shown.exit_code == 0, shown.output
    assert "telegram: accepted after" in shown.output
    assert "web: accepted after" in shown.output
    (message,) = server.shows(101)
    assert "Khao Yai" in message.text


def test_a_refused_test_says_why_and_fails(settings: Path, server: FakeTelegram) -> None:
    server.forbid(101)
    shown = sambar("alerts", "test", "--settings", settings, "--to", "malee")
    assert shown.exit_code == 1
    assert "telegram: refused: " in shown.output


@pytest.mark.parametrize(
    ("person", "words"),
    [("arun", "--to arun: expected one of: chai, malee, nobody, somchai"), ("nobody", "--to nobody: has no channel")],
)
def test_a_test_to_whom_it_cannot_reach_is_a_sentence(settings: Path, person: str, words: str) -> None:
    shown = sambar("alerts", "test", "--settings", settings, "--to", person)
    assert shown.exit_code == 1
    assert words in shown.output


def test_the_report_counts_everyone(settings: Path) -> None:
    shown = sambar("alerts", "report", "--settings", settings, "--json")
    assert [each["person"] for each in json.loads(shown.output)] == ["chai", "malee", "nobody", "somchai"]
