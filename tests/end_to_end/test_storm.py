"""50 cameras, 20 sightings a minute each, five minutes long, in 30 incursions, to one Telegram group with limits."""

from pathlib import Path

import pytest

from tests.fixtures.storm import Storm, storm


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Storm:
    folder: Path = tmp_path_factory.mktemp("storm")
    return storm(folder)


def test_every_incursion_is_told(happened: Storm) -> None:
    assert happened.sightings == 5_000
    assert sorted(happened.messages) == list(range(1, 31))


def test_the_first_telling_of_each_comes_within_five_seconds_of_the_limits_own_floor(happened: Storm) -> None:
    assert max(happened.late().values()) <= 5


def test_nobody_gets_more_than_one_new_message_per_incursion_and_camera(happened: Storm) -> None:
    assert {n: len(shown) for n, shown in happened.messages.items() if len(shown) > happened.cameras[n]} == {}


def test_what_is_told_last_is_the_newest(happened: Storm) -> None:
    """Nothing that coalescing left out is lost: the last word of each says the most people that were seen at once."""
    assert {shown[-1].text.splitlines()[0].split()[0] for shown in happened.messages.values()} == {"5"}


def test_the_service_turns_hardly_anything_away(happened: Storm) -> None:
    assert happened.turned_away <= 0.05 * happened.calls
