"""Only what moved makes a sighting; who stops is still a visitor for a while."""

from edge.gate import WHOLE, Region
from edge.moving import STANDS_S, Moving
from models.detection import Box, Detection

CAR = Detection("car", 0.9, Box(0.6, 0.1, 0.3, 0.2))
PERSON = Detection("person", 0.8, Box(0.2, 0.4, 0.1, 0.3))
AT_PERSON = Region(0.19, 0.42, 0.1, 0.25)


def test_who_moves_is_a_visitor_and_the_parked_car_is_not() -> None:
    assert Moving().visitors([CAR, PERSON], [AT_PERSON], 0) == [PERSON]


def test_who_stops_is_a_visitor_for_half_a_minute() -> None:
    moving = Moving()
    moving.visitors([PERSON], [AT_PERSON], 0)
    assert moving.visitors([PERSON], [], STANDS_S - 1) == [PERSON]
    assert moving.visitors([PERSON], [], STANDS_S + 1) == []


def test_who_stops_and_is_missed_in_a_frame_is_still_known() -> None:
    moving = Moving()
    moving.visitors([PERSON], [AT_PERSON], 0)
    moving.visitors([], [], 1)
    assert moving.visitors([PERSON], [], 2) == [PERSON]


def test_a_passer_by_does_not_bring_the_car_behind_him_to_life() -> None:
    passing = Region(0.7, 0.1, 0.05, 0.3)
    assert Moving().visitors([CAR], [passing], 0) == []


def test_a_car_that_drives_off_is_told() -> None:
    moving = Moving()
    assert moving.visitors([CAR], [], 0) == []
    assert moving.visitors([CAR], [Region(0.55, 0.1, 0.35, 0.2)], 1) == [CAR]


def test_when_the_light_changes_what_is_new_counts_and_what_stood_there_does_not() -> None:
    moving = Moving()
    moving.visitors([CAR], [], 0)
    assert moving.visitors([CAR, PERSON], [WHOLE], 1) == [PERSON]


def test_what_was_not_seen_for_long_is_forgotten() -> None:
    moving = Moving()
    moving.visitors([CAR], [], 0)
    moving.visitors([], [], 700)
    assert moving.visitors([CAR], [WHOLE], 701) == [CAR]


def test_memory_is_bounded() -> None:
    moving = Moving()
    for step in range(500):
        moving.visitors([Detection("person", 0.5, Box(step / 600, 0.1, 0.001, 0.1))], [], step / 10)
    assert len(moving) == 64
