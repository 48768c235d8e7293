"""A sighting opens, grows, closes; and says why each time."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.frame import Frame
from edge.sighting import Shot, Sightings, SightingSettings, Telling
from models.detection import Box, Detection
from wire.messages import Stages, State

START = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
PERSON = Detection("person", 0.9, Box(0.4, 0.3, 0.1, 0.3))
SETTINGS = SightingSettings(quiet_s=10, longest_s=60, update_s=5, better=1.5, photos=3)
ONE = {"person": 1}


def shot(seconds: float, quality: float = 1.0, *, empty: bool = False) -> Shot:
    at = START + timedelta(seconds=seconds)
    frame = Frame(np.zeros((2, 2, 3), np.uint8), round(seconds * 10), at, seconds, seconds)
    return Shot(frame, () if empty else (PERSON,), quality, Stages(shutter=at, gated=at, detected=at))


def reasons(tellings: list[Telling]) -> list[str]:
    return [telling.reason for telling in tellings]


def opened(quality: float = 1.0) -> Sightings:
    sightings = Sightings(SETTINGS)
    assert reasons(sightings.see(shot(0, quality), ONE)) == ["opened"]
    return sightings


def test_without_enough_votes_nothing_opens() -> None:
    sightings = Sightings(SETTINGS)
    assert sightings.see(shot(0), {}) == []
    assert not sightings.is_open


def test_enough_votes_open_it() -> None:
    (telling,) = Sightings(SETTINGS).see(shot(0), ONE)
    assert (telling.reason, telling.revision, telling.state) == ("opened", 0, State.OPEN)
    assert telling.counts == ONE
    assert telling.opened_at == telling.seen_at == START
    assert telling.previous is None


def test_a_better_frame_among_the_first_votes_is_the_photo() -> None:
    sightings = Sightings(SETTINGS)
    sightings.see(shot(0, quality=5), {})
    (telling,) = sightings.see(shot(0.2, quality=1), ONE)
    assert [shot.frame.number for shot in telling.shots] == [0]


def test_a_better_frame_of_long_ago_is_not_the_photo() -> None:
    sightings = Sightings(SETTINGS)
    sightings.see(shot(0, quality=5), {})
    (telling,) = sightings.see(shot(20, quality=1), ONE)
    assert [shot.frame.number for shot in telling.shots] == [200]


def test_more_of_the_same_is_not_worth_telling() -> None:
    sightings = opened()
    assert [sightings.see(shot(seconds), ONE) for seconds in (1, 6, 9)] == [[], [], []]


def test_a_much_better_photo_is_told_once_the_interval_is_over() -> None:
    sightings = opened()
    assert sightings.see(shot(3, quality=2), ONE) == []
    (telling,) = sightings.see(shot(5, quality=1), ONE)
    assert telling.reason == "better photo"
    assert [shot.frame.number for shot in telling.shots] == [30, 0]
    assert telling.revision == 1


def test_a_slightly_better_photo_is_not() -> None:
    assert opened().see(shot(6, quality=1.4), ONE) == []


def test_more_people_are_told_with_the_newest_best_photo() -> None:
    sightings = opened()
    (telling,) = sightings.see(shot(6, quality=1.2), {"person": 3})
    assert telling.reason == "more: 3 person"
    assert telling.counts == {"person": 3}
    assert [shot.frame.number for shot in telling.shots] == [60, 0]


def test_fewer_people_do_not_lower_the_count() -> None:
    sightings = opened()
    sightings.see(shot(6), {"person": 3})
    sightings.see(shot(7), ONE)
    (telling,) = sightings.pass_time(30)
    assert telling.counts == {"person": 3}


def test_photos_are_bounded_and_every_revision_names_all_before_it() -> None:
    sightings = opened()
    named: set[int] = {0}
    for step in range(1, 8):
        for telling in sightings.see(shot(step * 6, quality=2.0**step), ONE):
            numbers = {shot.frame.number for shot in telling.shots}
            assert named <= numbers
            assert len(numbers) <= 3
            named = numbers
    assert len(named) == 3


def test_quiet_closes_it() -> None:
    sightings = opened()
    assert sightings.pass_time(9.9) == []
    (telling,) = sightings.pass_time(10)
    assert (telling.reason, telling.state, telling.revision) == ("nothing seen for 10 s", State.CLOSED, 1)
    assert telling.seen_at == START
    assert not sightings.is_open


def test_frames_without_anybody_do_not_keep_it_open() -> None:
    sightings = opened()
    assert sightings.see(shot(9, empty=True), {}) == []
    assert reasons(sightings.see(shot(10, empty=True), {})) == ["nothing seen for 10 s"]


def test_a_better_photo_that_was_not_told_yet_comes_with_the_closing() -> None:
    sightings = opened()
    sightings.see(shot(1, quality=3), ONE)
    (telling,) = sightings.pass_time(20)
    assert [shot.frame.number for shot in telling.shots] == [10, 0]


def test_after_its_longest_time_it_is_closed_and_carried_on_by_a_new_one() -> None:
    sightings = opened()
    tellings = [telling for seconds in range(1, 70) for telling in sightings.see(shot(seconds), ONE)]
    assert reasons(tellings) == ["open for 60 s, the longest", "opened"]
    closed, carried = tellings
    assert (closed.number, closed.state) == (1, State.CLOSED)
    assert (carried.number, carried.previous) == (2, 1)


def test_a_party_that_comes_later_does_not_carry_on_the_one_before() -> None:
    sightings = opened()
    for seconds in range(1, 61):
        sightings.see(shot(seconds, empty=seconds > 55), ONE if seconds <= 55 else {})
    sightings.pass_time(61)
    (telling,) = sightings.see(shot(90), ONE)
    assert telling.previous is None


def test_a_camera_that_stops_closes_what_is_open() -> None:
    assert reasons(opened().stop(3)) == ["the camera stops"]
    assert Sightings(SETTINGS).stop(3) == []


@pytest.mark.parametrize("photos", [0, 9])
def test_settings_beyond_the_wire_are_refused(photos: int) -> None:
    with pytest.raises(ValueError, match=f"photos: {photos}; expected 1 to 8"):
        SightingSettings(photos=photos)
