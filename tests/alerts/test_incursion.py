"""Which sightings are one party."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.incursion import (
    SLACK_M,
    Belonging,
    Follows,
    Grouping,
    Joined,
    Place,
    Pursuit,
    Tellable,
    Visit,
    apart_in_time,
    haversine,
    join,
    more_to_tell,
    told_kinds,
)

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
GATE = Place(14.4390, 101.3720)
GROUPING = Grouping(gap=timedelta(minutes=10), reach=2_000, speed=2.0)


def north_of(place: Place, metres: float) -> Place:
    return Place(place.latitude + metres / 111_195, place.longitude)  # a degree on our sphere


def seen(camera: str = "gate", at_s: float = 0, for_s: float = 10, place: Place | None = GATE) -> Visit:
    first = NOON + timedelta(seconds=at_s)
    return Visit(camera, place, first, first + timedelta(seconds=for_s))


def belonging(visit: Visit, incursion: int = 7) -> Belonging:
    return Belonging(visit.camera, visit.place, visit.first, visit.last, incursion)


def test_a_degree_of_latitude_is_111_km() -> None:
    assert haversine(Place(0, 0), Place(1, 0)) == pytest.approx(111_195, rel=1e-4)


def test_bangkok_to_chiang_mai_is_as_far_as_the_map_says() -> None:
    assert haversine(Place(13.7563, 100.5018), Place(18.7883, 98.9853)) == pytest.approx(583_000, rel=0.01)


def test_the_first_sighting_begins_an_incursion() -> None:
    assert join(seen(), [], GROUPING) is None


def test_the_same_camera_within_the_gap_joins() -> None:
    joined = join(seen(at_s=70), [belonging(seen(at_s=0))], GROUPING)
    assert joined is not None
    assert (joined.incursion, joined.reason) == (7, "same camera, 60 s later")


def test_the_same_camera_after_the_gap_begins_another() -> None:
    assert join(seen(at_s=611), [belonging(seen(at_s=0))], GROUPING) is None


def test_a_late_sighting_joins_what_came_after_it() -> None:
    joined = join(seen(at_s=0), [belonging(seen(at_s=70))], GROUPING)
    assert joined is not None
    assert joined.reason == "same camera, 60 s earlier"


@pytest.mark.parametrize(
    ("metres", "later_s", "joins"),
    [
        pytest.param(800, 410, True, id="a walk of 800 m in 400 s"),
        pytest.param(800, 210, False, id="too fast for a party: 800 m in 200 s"),
        pytest.param(2_100, 600, False, id="beyond reach"),
        pytest.param(800, 620, False, id="in reach, after the gap"),
        pytest.param(SLACK_M - 5, 0, True, id="two cameras on one clearing, at once"),
        pytest.param(500, 0, False, id="two parties at once"),
    ],
)
def test_another_camera_joins_when_a_party_can_have_come_from_it(metres: float, later_s: float, joins: bool) -> None:
    other = belonging(seen("gate"))
    joined = join(seen("ridge", at_s=later_s, place=north_of(GATE, metres)), [other], GROUPING)
    assert (joined is not None) is joins


def test_the_reason_names_the_other_camera_and_how_far_it_is() -> None:
    joined = join(seen("ridge", at_s=410, place=north_of(GATE, 800)), [belonging(seen("gate"))], GROUPING)
    assert joined is not None
    assert joined.reason == "gate is 800 m away, 7 min later"


def test_a_camera_without_a_place_joins_only_its_own() -> None:
    others = [belonging(seen("gate"), 1), belonging(seen("ridge", place=None), 2)]
    joined = join(seen("ridge", at_s=60, place=None), others, GROUPING)
    assert joined is not None
    assert joined.incursion == 2


def test_the_same_camera_goes_before_a_nearer_one_in_time() -> None:
    others = [belonging(seen("gate", at_s=0), 1), belonging(seen("ridge", at_s=50, place=north_of(GATE, 50)), 2)]
    joined = join(seen("gate", at_s=90), others, GROUPING)
    assert joined is not None
    assert joined.incursion == 1


def test_a_sighting_that_carries_on_another_joins_it_whatever_the_time() -> None:
    joined = join(seen(at_s=10_000), [belonging(seen(at_s=9_990), 8)], GROUPING, carries_on=3)
    assert joined is not None
    assert joined.incursion == 3


@pytest.mark.parametrize(
    ("labels", "tell", "told"),
    [
        ({"person"}, ["person", "vehicle"], {"person"}),
        ({"truck", "dog"}, ["person", "vehicle"], {"vehicle"}),
        ({"elephant"}, ["person", "vehicle"], set[str]()),
        ({"elephant"}, ["animal"], {"animal"}),
        ({"poacher"}, ["poacher"], {"poacher"}),
    ],
    ids=["person", "truck and dog", "elephant", "elephant told", "a label of a park's own model"],
)
def test_only_what_the_park_tells_opens_an_incursion(labels: set[str], tell: list[str], told: set[str]) -> None:
    assert told_kinds(labels, tell) == told


@pytest.mark.parametrize(
    ("after", "news"),
    [
        (Tellable({"person": 1}, frozenset({"gate"}), None), None),
        (Tellable({"person": 1}, frozenset({"gate"}), "aa"), "photo came"),
        (Tellable({"person": 3}, frozenset({"gate"}), None), "more seen"),
        (Tellable({"person": 1}, frozenset({"gate", "ridge"}), "bb"), "another camera, photo came"),
    ],
    ids=["nothing new", "photo", "more people", "camera and photo"],
)
def test_there_is_more_to_tell_when_a_ranger_would_act_on_it(after: Tellable, news: str | None) -> None:
    assert more_to_tell(Tellable({"person": 1}, frozenset({"gate"}), None), after) == news


def test_a_better_photo_is_told_as_one() -> None:
    before, after = (Tellable({"person": 1}, frozenset({"gate"}), photo) for photo in ("aa", "bb"))
    assert more_to_tell(before, after) == "better photo"


CAMERAS = {"gate": GATE, "ridge": north_of(GATE, 700), "pond": north_of(GATE, 5_000), "unplaced": None}


def a_visit(camera: str, at_s: int, for_s: int) -> Visit:
    return seen(camera, at_s, for_s, CAMERAS[camera])


visits = st.builds(a_visit, st.sampled_from(sorted(CAMERAS)), st.integers(0, 7_200), st.integers(0, 60))
crowds = st.lists(st.builds(belonging, visits, st.integers(1, 5)), max_size=12)


@settings(deadline=None)  # a busy machine is no failure
@given(new=visits, others=crowds)
def test_the_order_of_the_others_does_not_matter(new: Visit, others: list[Belonging]) -> None:
    assert (
        len({joined and joined.incursion for joined in (join(new, some, GROUPING) for some in (others, others[::-1]))})
        == 1
    )


@settings(deadline=None)  # a busy machine is no failure
@given(new=visits, others=crowds)
def test_nothing_is_joined_beyond_the_gap_or_the_reach(new: Visit, others: list[Belonging]) -> None:
    joined = join(new, others, GROUPING)
    possible = {
        other.incursion
        for other in others
        if apart_in_time(new, other) <= GROUPING.gap
        and (
            other.camera == new.camera
            or (new.place and other.place and haversine(new.place, other.place) <= GROUPING.reach)
        )
    }
    assert joined is None or joined.incursion in possible


@settings(deadline=None)  # a busy machine is no failure
@given(new=visits, others=crowds)
def test_a_visit_of_the_same_camera_within_the_gap_is_always_joined(new: Visit, others: list[Belonging]) -> None:
    near = [other for other in others if other.camera == new.camera and apart_in_time(new, other) <= GROUPING.gap]
    joined = join(new, others, GROUPING)
    assert not near or (joined is not None and joined.incursion in {other.incursion for other in near})


@settings(deadline=None)  # a busy machine is no failure
@given(st.permutations([0, 300, 600, 900, 1200]))
def test_one_party_on_one_camera_is_never_joined_to_another_that_is_a_gap_away(order: list[int]) -> None:
    """In whatever order they come: what is split stays near, and nothing from hours away gets in."""
    numbers = itertools.count(2)
    others = [belonging(seen(at_s=20_000), 1)]
    for at_s in order:
        visit = seen(at_s=at_s)
        joined = join(visit, others, GROUPING)
        others.append(belonging(visit, joined.incursion if joined else next(numbers)))
    assert [other.incursion for other in others].count(1) == 1
    assert len({other.incursion for other in others}) <= 4


# Pursuers


TRAIL = {
    "A": GATE,
    "B": north_of(GATE, 400),
    "C": north_of(GATE, 800),
    "D": north_of(GATE, 1200),
    "E": north_of(GATE, 1600),
}
PARK = Grouping()


@dataclass
class Scene:
    """Plays a trail: who passes where and when, grouped as the gateway groups it, in the order in which it is seen."""

    pursuit_s: float | None = None
    """When a party of ours is approved to go after incursion 1."""
    over_s: float | None = None
    """When incursion 1 is declared over."""
    log: list[tuple[str, Belonging]] = field(default_factory=list[tuple[str, Belonging]])
    follows: dict[int, int] = field(default_factory=dict[int, int])
    ours: set[int] = field(default_factory=set[int])
    """Incursions that are marked possibly ours."""

    def play(self, passes: Iterable[tuple[float, str, str]]) -> None:
        """(second, who, camera), in any order."""
        pursuits = {} if self.pursuit_s is None else {1: Pursuit(NOON + timedelta(seconds=self.pursuit_s))}
        over = {} if self.over_s is None else {1: NOON + timedelta(seconds=self.over_s)}
        for at_s, who, camera in sorted(passes):
            visit = seen(camera, at_s, place=TRAIL[camera])
            others = [each for _, each in self.log]
            joined = join(visit, others, PARK, pursuits=pursuits, follows=self.follows, over=over)
            number = joined.incursion if isinstance(joined, Joined) else len({each.incursion for each in others}) + 1
            if isinstance(joined, Follows):
                self.follows[number] = joined.incursion
            if isinstance(joined, Follows) or (isinstance(joined, Joined) and joined.possibly_ours):
                self.ours.add(number)
            self.log.append((who, belonging(visit, number)))

    def incursions(self, who: str) -> set[int]:
        return {each.incursion for name, each in self.log if name == who}


def passes(who: str, cameras: str, begins_s: float, apart_s: float = 300) -> list[tuple[float, str, str]]:
    """The cameras of the trail at their times; a dot is one that the party does not pass."""
    return [(begins_s + apart_s * place, who, camera) for place, camera in enumerate(cameras) if camera != "."]


def test_pursuers_four_minutes_behind_suspects_are_kept_apart_and_marked_possibly_ours() -> None:
    scene = Scene(pursuit_s=120)
    scene.play([*passes("suspects", "ABC", 0), *passes("pursuers", "ABC", 240)])
    assert (scene.incursions("suspects"), scene.incursions("pursuers")) == ({1}, {2})
    assert 2 in scene.ours
    assert scene.follows == {2: 1}


@pytest.mark.parametrize("way", [".BC", "A.C", "AB.", "..C", "A..DE", ".B.D", ".BCDE", "A.C.E"])
def test_pursuers_who_skip_a_camera_are_kept_apart_too(way: str) -> None:
    scene = Scene(pursuit_s=120)
    scene.play([*passes("suspects", "ABCDE", 0), *passes("pursuers", way, 240)])
    assert (scene.incursions("suspects"), scene.incursions("pursuers")) == ({1}, {2})
    assert 2 in scene.ours


def test_without_a_party_of_ours_out_they_would_be_one() -> None:
    """So the scene can fail: time and place alone do not keep them apart."""
    scene = Scene()
    scene.play([*passes("suspects", "ABC", 0), *passes("pursuers", "ABC", 240)])
    assert scene.incursions("suspects") & scene.incursions("pursuers")


@settings(deadline=None)  # a busy machine is no failure
@given(
    behind_s=st.integers(90, 290),
    apart_s=st.integers(110, 420),
    way=st.text("ABCDE.", min_size=5, max_size=5),
    approved_s=st.integers(0, 90),
)
def test_whatever_pursuers_skip_and_however_fast_they_go_the_suspects_stay_one(
    behind_s: int, apart_s: int, way: str, approved_s: int
) -> None:
    scene = Scene(pursuit_s=approved_s)
    way = "".join(camera if camera == own else "." for camera, own in zip(way, "ABCDE", strict=True))
    scene.play([*passes("suspects", "ABCDE", 0, apart_s), *passes("pursuers", way, behind_s, apart_s)])
    assert scene.incursions("suspects") == {1}
    assert not scene.incursions("pursuers") & {1}
    assert scene.incursions("pursuers") <= scene.ours


def test_what_pursuers_may_be_in_is_never_joined_in_silence() -> None:
    """Where the suspects left the trail the pursuers come first: that is theirs, marked."""
    scene = Scene(pursuit_s=120)
    scene.play([*passes("suspects", "AB", 0), *passes("pursuers", "ABC", 240)])
    assert scene.incursions("pursuers") <= scene.ours


def test_whoever_comes_before_the_party_set_out_is_not_taken_for_it() -> None:
    scene = Scene(pursuit_s=1000)
    scene.play(passes("suspects", "ABC", 0))
    assert scene.incursions("suspects") == {1}
    assert scene.ours == set()


def test_a_large_party_that_takes_its_time_before_one_camera_is_one() -> None:
    scene = Scene(pursuit_s=20)
    scene.play([(at_s, "suspects", "A") for at_s in range(0, 300, 40)])
    assert scene.incursions("suspects") == {1}


# What was declared over


def test_whoever_comes_after_an_incursion_was_declared_over_begins_another() -> None:
    """Else a false alarm, or a party that was caught, would hide the next for as long as somebody passes."""
    scene = Scene(over_s=100)
    scene.play([(0, "first", "A"), (90, "first", "A"), (150, "second", "A"), (300, "second", "B")])
    assert (scene.incursions("first"), scene.incursions("second")) == ({1}, {2})
    assert scene.ours == set()


def test_what_was_seen_before_the_end_and_came_late_still_belongs_to_it() -> None:
    earlier = belonging(seen(at_s=0), 1)
    joined = join(seen(at_s=60), [earlier], GROUPING, over={1: NOON + timedelta(seconds=90)})
    assert isinstance(joined, Joined)


def test_a_sighting_that_was_cut_in_two_stays_whole_over_the_end() -> None:
    joined = join(seen(at_s=70), [belonging(seen(), 1)], GROUPING, carries_on=1, over={1: NOON})
    assert joined == Joined(1, "carries on a sighting of gate")


def test_a_party_of_ours_on_its_way_home_is_marked_possibly_ours() -> None:
    scene = Scene(pursuit_s=60, over_s=600)
    scene.play([(0, "suspects", "A"), (300, "suspects", "B"), (700, "ours", "A"), (900, "ours", "B")])
    assert scene.incursions("ours") == {2}
    assert 2 in scene.ours
