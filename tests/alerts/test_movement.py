"""Where a party goes, as far as its visits say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.delivery import Movement
from alerts.incursion import Place, Visit
from alerts.movement import POINTS, bearing, movement

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
GATE = Place(14.4390, 101.3720)
METRES_A_DEGREE = 111_195
"""Of latitude, on our sphere."""


def away(north_m: float, east_m: float, place: Place = GATE) -> Place:
    """East is shorter by the cosine of the latitude, here 0.9684."""
    return Place(place.latitude + north_m / METRES_A_DEGREE, place.longitude + east_m / METRES_A_DEGREE / 0.9684)


def visit(camera: str, at_s: float, place: Place | None, for_s: float = 10) -> Visit:
    first = NOON + timedelta(seconds=at_s)
    return Visit(camera, place, first, first + timedelta(seconds=for_s))


def test_from_one_camera_to_the_next_it_has_a_heading_and_a_speed() -> None:
    found = movement([visit("gate", 0, GATE), visit("ridge", 730, away(1000, 0))])
    assert found is not None
    assert found.heading == "N"
    assert found.km_h == pytest.approx(5.0, rel=0.01)  # a kilometre from second 10 to second 730


@pytest.mark.parametrize(
    ("north", "east", "heading"),
    [
        (1, 0, "N"), (1, 1, "NE"), (0, 1, "E"), (-1, 1, "SE"), (-1, 0, "S"), (-1, -1, "SW"), (0, -1, "W"),
        (1, -1, "NW"), (10, 4, "N"), (10, 5, "NE"), (10, -4, "N"),
    ],
)  # fmt: skip
def test_the_heading_is_the_nearest_of_eight(north: int, east: int, heading: str) -> None:
    found = movement([visit("gate", 0, GATE), visit("ridge", 600, away(100 * north, 100 * east))])
    assert found is not None
    assert found.heading == heading


@pytest.mark.parametrize(
    "visits",
    [
        pytest.param([], id="nothing"),
        pytest.param([visit("gate", 0, GATE)], id="one visit"),
        pytest.param([visit("gate", 0, GATE), visit("gate", 600, GATE)], id="one camera"),
        pytest.param([visit("gate", 0, None), visit("ridge", 600, GATE)], id="from where nobody knows"),
        pytest.param([visit("gate", 0, None), visit("ridge", 600, None)], id="no place at all"),
        pytest.param([visit("gate", 0, GATE), visit("ridge", 600, away(40, 0))], id="cameras side by side"),
        pytest.param([visit("gate", 0, GATE), visit("ridge", 30, away(2000, 0))], id="faster than any vehicle"),
        pytest.param([visit("gate", 0, GATE, 60), visit("ridge", 30, away(500, 0), 60)], id="on both at once"),
        pytest.param([visit("gate", 0, GATE), visit("ridge", 10, away(500, 0))], id="in no time"),
    ],
)
def test_where_the_visits_say_nothing_it_says_nothing(visits: list[Visit]) -> None:
    assert movement(visits) is None


def test_the_last_two_cameras_count_and_not_the_first() -> None:
    found = movement([visit("gate", 0, GATE), visit("ridge", 600, away(1000, 0)), visit("pond", 1200, away(1000, 900))])
    assert found is not None
    assert found.heading == "E"


def test_the_time_is_until_it_came_to_the_last_camera_and_not_how_long_it_stayed_there() -> None:
    arrived = [visit("gate", 0, GATE), visit("ridge", 730, away(1000, 0))]
    stayed = [*arrived, *(visit("ridge", 730 + 60 * minute, away(1000, 0)) for minute in range(1, 30))]
    assert movement(stayed) == movement(arrived)


def test_a_party_that_comes_back_heads_back() -> None:
    ridge = away(1000, 0)
    found = movement([visit("gate", 0, GATE), visit("ridge", 700, ridge), visit("gate", 1400, GATE)])
    assert found is not None
    assert found.heading == "S"


def test_a_camera_whose_place_nobody_knows_is_left_out() -> None:
    found = movement([visit("gate", 0, GATE), visit("lost", 300, None), visit("ridge", 730, away(1000, 0))])
    assert found is not None
    assert found.heading == "N"


def test_a_clock_that_is_wrong_makes_no_direction() -> None:
    assert movement([visit("ridge", 730, away(1000, 0)), visit("gate", 0, GATE)]) is None


@pytest.mark.parametrize(
    ("one", "other", "degrees"),
    [
        (Place(0, 0), Place(1, 0), 0),
        (Place(0, 0), Place(0, 1), 90),
        (Place(0, 0), Place(-1, 0), 180),
        (Place(0, 179.5), Place(0, -179.5), 90),
        (Place(35, 45), Place(35, 135), 60.2),
    ],
    ids=["north", "east", "south", "over the date line", "Baghdad to Osaka, by I. Chris Veness's worked example"],
)
def test_a_bearing_is_as_the_map_says(one: Place, other: Place, degrees: float) -> None:
    assert bearing(one, other) == pytest.approx(degrees, abs=0.1)


def test_hundreds_of_visits_take_no_time() -> None:
    """It is asked for every telling: each visit may be looked at a few times, and no more."""

    class Counted(Visit):
        looked = 0

        def __getattribute__(self, name: str) -> object:
            if name == "camera":
                Counted.looked += 1
            return super().__getattribute__(name)

    def counted(camera: str, at_s: float, place: Place) -> Visit:
        plain = visit(camera, at_s, place)
        return Counted(plain.camera, plain.place, plain.first, plain.last)

    visits = [counted("gate", 0, GATE), *(counted("ridge", 730 + 60 * n, away(1000, 0)) for n in range(500))]
    Counted.looked = 0
    assert movement(visits) is not None
    assert Counted.looked < 10 * len(visits)


places = st.one_of(st.none(), st.builds(Place, st.floats(-80, 80), st.floats(-180, 180)))
known = st.dictionaries(st.sampled_from("abcd"), places, min_size=1)


@settings(deadline=None)  # a busy machine is no failure
@given(known, st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 7200), st.integers(0, 60)), max_size=12))
def test_whatever_was_seen_it_is_a_compass_point_and_a_possible_speed_or_nothing(
    known: dict[str, Place | None], seen: list[tuple[str, int, int]]
) -> None:
    visits = sorted((visit(camera, at, known.get(camera), length) for camera, at, length in seen), key=lambda v: v.last)
    found = movement(visits)
    assert found is None or (isinstance(found, Movement) and found.heading in POINTS and 0 < found.km_h <= 150)
