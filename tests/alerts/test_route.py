"""Who is told: the tree, and what becomes of a matter that nobody's route catches."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.delivery import Kind
from alerts.rota import Rota, Shift
from alerts.route import (
    ADMINISTRATOR,
    ANALYST,
    OPERATOR,
    TECHNICAL,
    Area,
    Called,
    Directory,
    Matter,
    Person,
    Reach,
    Route,
    When,
    may_hear,
    route,
    severity,
)

BANGKOK = ZoneInfo("Asia/Bangkok")
NIGHT = datetime(2026, 3, 5, 3, 40, tzinfo=BANGKOK)
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=BANGKOK)
EVERY_DAY = frozenset(range(7))


def matter(*kinds: str, at: datetime = NIGHT, area: str = "east", camera: str = "CAM-12", severity: int = 2) -> Matter:
    return Matter(frozenset(kinds or {"person"}), area, camera, at, severity)


def person(name: str, role: str = "ranger", *, channels: int = 1, villager: bool = False) -> Person:
    return Person(name, role, tuple(Reach(f"channel-{n}", f"{name}-{n}") for n in range(channels)), villager=villager)


def directory(*routes: Route, people: tuple[Person, ...] = (), **teams: Rota) -> Directory:
    """Area east of team east (malee on duty by night, somchai behind her), and area west of team west (nok)."""
    night = Shift(EVERY_DAY, time(18), time(6), ("malee",))
    ours = {"east": Rota(("malee", "somchai"), (night, replace(night, begins=time(6), ends=time(18)))),
            "west": Rota(("nok",))}  # fmt: skip
    known = (person("malee"), person("somchai"), person("nok"), person("desk", OPERATOR), person("arun", ANALYST))
    return Directory(
        areas={"east": Area("east", "East", "east", chief="chai"), "west": Area("west", "West", "west")},
        teams=ours | teams,
        people={each.name: each for each in (*known, *people)},
        routes=routes,
    )


def first(directory: Directory, of: Matter) -> list[str]:
    return [called.person for called in route(directory, of).first]


def test_without_any_route_the_root_calls_the_areas_team() -> None:
    routed = route(directory(), matter())
    assert routed.first == (Called("malee", "on shift in team east, by route root"),)
    assert routed.reserve == (Called("somchai", "next in line of team east"),)
    assert (routed.chief, routed.path) == ("chai", ("root",))


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        pytest.param(When(), True, id="asks for nothing"),
        pytest.param(When(areas=frozenset({"east", "south"})), True, id="its area"),
        pytest.param(When(areas=frozenset({"west"})), False, id="another area"),
        pytest.param(When(cameras=frozenset({"CAM-12"})), True, id="its camera"),
        pytest.param(When(cameras=frozenset({"CAM-13"})), False, id="another camera"),
        pytest.param(When(kinds=frozenset({"person"})), True, id="its kind"),
        pytest.param(When(kinds=frozenset({"tamper"})), False, id="another kind"),
        pytest.param(When(hours=(time(18), time(6))), True, id="by night"),
        pytest.param(When(hours=(time(6), time(18))), False, id="by day"),
        pytest.param(When(severity=2), True, id="as severe"),
        pytest.param(When(severity=3), False, id="more severe"),
        pytest.param(When(areas=frozenset({"east"}), severity=3), False, id="one of two"),
    ],
)
def test_a_route_takes_what_it_asks_for(when: When, holds: bool) -> None:
    taken = first(directory(Route("r", when, people=("arun",))), matter())
    assert taken == (["arun"] if holds else ["malee"])


def test_the_first_route_that_holds_takes_the_matter() -> None:
    routes = (Route("one", people=("arun",)), Route("two", people=("desk",)))
    assert first(directory(*routes), matter()) == ["arun"]


def test_a_route_that_goes_on_adds_its_people_to_those_of_the_next() -> None:
    routes = (Route("one", people=("arun",), goes_on=True), Route("two", people=("desk",)))
    assert first(directory(*routes), matter()) == ["arun", "desk"]


def test_a_route_that_goes_on_and_meets_no_other_leaves_the_matter_to_the_root() -> None:
    """A copy for the analyst must not take the alert from the team."""
    assert first(directory(Route("copy", people=("arun",), goes_on=True)), matter()) == ["arun", "malee"]


def test_the_deepest_node_that_holds_takes_it_and_a_parent_keeps_what_no_child_takes() -> None:
    child = Route("night", When(hours=(time(18), time(6))), people=("arun",))
    tree = directory(Route("east", When(areas=frozenset({"east"})), people=("desk",), children=(child,)))
    assert first(tree, matter(at=NIGHT)) == ["arun"]
    assert first(tree, matter(at=NOON)) == ["desk"]
    assert route(tree, matter()).path == ("east/night",)


def test_a_child_that_goes_on_alone_leaves_the_matter_to_its_parent_too() -> None:
    child = Route("copy", people=("arun",), goes_on=True)
    assert first(directory(Route("east", people=("desk",), children=(child,))), matter()) == ["arun", "desk"]


def test_a_route_of_animals_does_not_take_the_people_who_lead_them() -> None:
    dogs = Route("dogs", When(kinds=frozenset({"animal"})), people=("arun",), quiet=True)
    routed = route(directory(dogs), matter("animal", "person"))
    assert [(called.person, called.quiet) for called in routed.first] == [("arun", True), ("malee", False)]
    assert first(directory(dogs), matter("animal")) == ["arun"]


def test_whom_a_quiet_and_a_loud_route_call_is_told_aloud() -> None:
    routes = (Route("copy", people=("malee",), quiet=True, goes_on=True), Route("east", teams=("east",)))
    (called,) = route(directory(*routes), matter()).first
    assert (called.person, called.quiet) == ("malee", False)


def test_the_root_is_quiet_about_our_own_things() -> None:
    assert [called.quiet for called in route(directory(), matter("low-battery")).first] == [True]


def test_the_reason_names_the_route_the_team_and_the_shift() -> None:
    tree = directory(Route("east", children=(Route("night", teams=("east",), people=("arun",)),)))
    assert [called.why for called in route(tree, matter()).first] == [
        "on shift in team east, by route east/night",
        "named by route east/night",
    ]


def test_who_cannot_be_reached_is_passed_over_and_the_next_in_line_is_told_at_once() -> None:
    routed = route(directory(people=(person("malee", channels=0),)), matter())
    assert [called.person for called in routed.first] == ["somchai"]
    assert routed.first[0].why == "next in line of team east: nobody before can be reached"
    assert routed.reserve == ()


def test_a_route_that_reaches_nobody_leaves_the_matter_to_the_areas_team() -> None:
    ghosts = Route("ghosts", people=("ghost", "gone"))
    assert first(directory(ghosts, people=(person("gone", channels=0),)), matter()) == ["malee"]


def test_a_route_to_a_village_leaves_people_to_the_areas_team() -> None:
    village = Route("village", people=("headman",))
    known = directory(village, people=(person("headman", villager=True),))
    assert first(known, matter("person")) == ["malee"]
    assert first(known, matter("animal")) == ["headman"]


def test_when_no_team_is_reached_every_operator_is() -> None:
    routed = route(directory(people=(person("desk-2", OPERATOR),)), matter(area="nowhere"))
    assert [called.person for called in routed.first] == ["desk", "desk-2"]
    assert routed.first[0].why == "operator, for the route reaches nobody"
    assert routed.chief is None


def test_without_an_operator_everybody_is_told_who_can_be() -> None:
    known = directory(people=(person("desk", OPERATOR, channels=0), person("headman", villager=True)))
    assert first(known, matter(area="nowhere")) == ["malee", "somchai", "nok", "arun"]


def test_a_team_or_a_person_that_the_park_does_not_know_harms_nobody_else() -> None:
    assert first(directory(Route("r", teams=("gone", "west"), people=("ghost",))), matter()) == ["nok"]


def test_the_officers_of_the_shift_that_runs_may_approve() -> None:
    rota = Rota(("malee", "desk"), (Shift(EVERY_DAY, time(0), time(0), ("malee",), officer="desk"),))
    assert route(directory(east=rota), matter()).officers == {"desk"}


@pytest.mark.parametrize(
    ("kinds", "persons", "at", "weight"),
    [
        pytest.param({"low-battery"}, 0, NIGHT, 0, id="a thing of ours"),
        pytest.param({"animal"}, 0, NIGHT, 1, id="an animal"),
        pytest.param({"person"}, 1, NOON, 2, id="a person by day"),
        pytest.param({"vehicle"}, 0, NIGHT, 2, id="a vehicle"),
        pytest.param({"person"}, 1, NIGHT, 3, id="a person by night"),
        pytest.param({"person"}, 3, NOON, 3, id="a party of three"),
        pytest.param({"animal", "person"}, 1, NOON, 2, id="a person with a dog"),
        pytest.param({"poacher"}, 0, NOON, 2, id="a label of a model of one's own"),
    ],
)
def test_how_severe_a_matter_is(kinds: set[str], persons: int, at: datetime, weight: int) -> None:
    assert severity(frozenset(kinds), persons, at) == weight


EVERYTHING = sorted({"person", "vehicle", "animal", "poacher", *(str(kind) for kind in Kind)})


@pytest.mark.parametrize("kind", EVERYTHING)
def test_a_village_hears_of_animals_and_of_nothing_else(kind: str) -> None:
    assert may_hear(person("headman", villager=True), matter(kind)) is (kind == "animal")


def test_a_village_does_not_hear_of_animals_that_people_lead_nor_of_nobody_knows_what() -> None:
    headman = person("headman", villager=True)
    assert not may_hear(headman, matter("animal", "person"))
    assert not may_hear(headman, replace(matter(), kinds=frozenset()))


NAMES = ["malee", "somchai", "nok", "desk", "headman"]
AREAS, CAMERAS, TEAMS = ["east", "west", "lost"], ["CAM-12", "CAM-13"], ["east", "west"]
some_names = st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)
hours = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


def some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


whens = st.builds(
    When, some(AREAS), some(CAMERAS), some(EVERYTHING), st.none() | st.tuples(hours, hours), st.integers(0, 3)
)


def nodes(children: st.SearchStrategy[tuple[Route, ...]]) -> st.SearchStrategy[Route]:
    teams = st.lists(st.sampled_from([*TEAMS, "gone"]), max_size=2).map(tuple)
    return st.builds(Route, st.just("r"), whens, teams, some_names, st.booleans(), st.booleans(), children)


routes = st.recursive(nodes(st.just(())), lambda deeper: nodes(st.lists(deeper, max_size=3).map(tuple)), max_leaves=6)
shifts = st.builds(
    Shift, st.frozensets(st.integers(0, 6)), hours, hours, some_names, st.none() | st.sampled_from(NAMES)
)
rotas = st.builds(Rota, some_names, st.lists(shifts, max_size=2).map(tuple))
people = st.fixed_dictionaries({
    name: st.builds(
        person, st.just(name), st.sampled_from(["ranger", OPERATOR, ADMINISTRATOR]),
        channels=st.integers(0, 2), villager=st.booleans(),
    )
    for name in NAMES
})  # fmt: skip
directories = st.builds(
    Directory,
    st.fixed_dictionaries(
        {}, optional={name: st.builds(Area, st.just(name), st.just(name), st.sampled_from(TEAMS)) for name in AREAS}
    ),
    st.fixed_dictionaries(dict.fromkeys(TEAMS, rotas)),
    people,
    st.lists(routes, max_size=4).map(tuple),
)
matters = st.builds(
    Matter,
    some(EVERYTHING),
    st.sampled_from(AREAS),
    st.sampled_from(CAMERAS),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(BANGKOK)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(0, 3),
)


@settings(deadline=None)  # a busy machine is no failure
@given(directories, matters)
def test_if_anybody_who_may_hear_can_be_told_somebody_is_told_first(known: Directory, of: Matter) -> None:
    able = {name for name, each in known.people.items() if each.reaches and may_hear(each, of)}
    assert bool(route(known, of).first) is bool(able)


@settings(deadline=None)  # a busy machine is no failure
@given(directories, matters)
def test_only_who_can_be_told_and_may_hear_is_called_and_each_once(known: Directory, of: Matter) -> None:
    routed = route(known, of)
    called = [each.person for each in (*routed.first, *routed.reserve)]
    assert len(set(called)) == len(called)
    assert all(known.people[name].reaches and may_hear(known.people[name], of) for name in called)


@settings(deadline=None)  # a busy machine is no failure
@given(directories, matters)
def test_no_villager_is_called_for_anything_but_animals(known: Directory, of: Matter) -> None:
    routed = route(known, of)
    villagers = {name for name, each in known.people.items() if each.villager}
    assert of.kinds == {"animal"} or not villagers & {each.person for each in (*routed.first, *routed.reserve)}


@settings(deadline=None)  # a busy machine is no failure
@given(directories, matters)
def test_everybody_is_called_for_a_reason(known: Directory, of: Matter) -> None:
    routed = route(known, of)
    assert all(each.why for each in (*routed.first, *routed.reserve))
    assert routed.path


def test_all_technical_kinds_are_kinds_of_notices() -> None:
    assert {str(kind) for kind in Kind} >= TECHNICAL
