"""Who is told: a tree of routes, as prometheus/alertmanager has it. Nothing is ever unrouted: the root catches it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from alerts.rota import OnDuty, Rota, on_duty, within

OPERATOR, ANALYST, ADMINISTRATOR = "operator", "analyst", "administrator"
"""Roles. An operator sits at the operations centre, an analyst judges what was seen, an administrator mends."""

TECHNICAL = frozenset({"camera-silent", "camera-back", "tamper", "low-battery", "canary-missing", "trouble"})
"""Kinds that are about our own things, not about anybody in the forest."""

ANIMALS = frozenset({"animal"})
"""All that a village hears of."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What there may be something to tell of."""

    kinds: frozenset[str]
    """'person', 'vehicle', 'animal', a label of a model of one's own, or a notice's kind."""
    area: str
    camera: str
    at: datetime
    """In the park's zone."""
    severity: int
    """0 to 3: see `severity`."""


@dataclass(frozen=True, slots=True)
class When:
    """All that is given must hold; what is empty asks for nothing."""

    areas: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    hours: tuple[time, time] | None = None
    severity: int = 0
    """At least."""

    def holds(self, matter: Matter) -> bool:
        return (
            (not self.areas or matter.area in self.areas)
            and (not self.cameras or matter.camera in self.cameras)
            and (not self.kinds or bool(matter.kinds & self.kinds))
            and (self.hours is None or within(*self.hours, matter.at.time()))
            and matter.severity >= self.severity
        )

    def covers(self, matter: Matter) -> bool:
        """Whether nothing but its kinds is in the matter: a route of dogs alone is not to take who walks them."""
        return not self.kinds or matter.kinds <= self.kinds


@dataclass(frozen=True, slots=True)
class Route:
    """A node. Its children are asked in their order; the first that holds takes the matter, unless it `goes_on`, or
    asks for some kinds and the matter is of others beside. What no child takes is the node's own.
    """

    name: str
    when: When = When()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    quiet: bool = False
    goes_on: bool = False
    children: tuple["Route", ...] = ()


Leaf = tuple[Route, tuple[str, ...]]
"""A node that takes a matter, and the names on the way to it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A way to one person."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    """By which the park's settings know the person."""
    role: str
    reaches: tuple[Reach, ...]
    """In the person's order of preference."""
    superior: str | None = None
    villager: bool = False
    """Of a village: told coarsely of animals, and never of people."""


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    title: str
    team: str
    chief: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """A park's people, teams and routes."""

    areas: Mapping[str, Area]
    teams: Mapping[str, Rota]
    people: Mapping[str, Person]
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who is told, and why."""

    person: str
    why: str
    """'on shift in team east, by route night'."""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    first: tuple[Called, ...]
    """Told at once."""
    reserve: tuple[Called, ...]
    """The next in line, in their order."""
    chief: str | None
    officers: frozenset[str]
    """Who may approve a party."""
    path: tuple[str, ...]
    """The routes that were taken."""


@dataclass(slots=True)
class _Calls:
    """What routes come to, before it is asked who can be reached."""

    first: dict[str, Called] = field(default_factory=dict[str, Called])
    reserve: dict[str, Called] = field(default_factory=dict[str, Called])
    officers: set[str] = field(default_factory=set[str])


def route(directory: Directory, matter: Matter) -> Routed:
    """Whom a matter concerns. Persons without any channel, and persons who may not hear of it, are passed over.

    When nobody on duty is left, it is whoever would be next in line, then the area's team, then every operator, then
    everybody of any role: no incursion passes in silence while anybody can be reached.
    """
    area = directory.areas.get(matter.area)
    root = _root(area, matter)
    leaves = _leaves(replace(root, children=directory.routes), matter, ())
    calls = _calls(directory, matter, leaves)
    told, behind = _able(directory, matter, calls)
    if not told:
        calls = _calls(directory, matter, [*leaves, (root, (root.name,))])
        told, behind = _able(directory, matter, calls)
    return Routed(
        first=told or instead(directory, matter),
        reserve=behind,
        chief=area.chief if area is not None else None,
        officers=frozenset(calls.officers),
        path=tuple("/".join(path) for _, path in leaves),
    )


def can_be_told(directory: Directory, name: str, matter: Matter) -> bool:
    person = directory.people.get(name)
    return person is not None and bool(person.reaches) and may_hear(person, matter)


def instead(directory: Directory, matter: Matter) -> tuple[Called, ...]:
    """Whom to tell when a matter's route reaches nobody."""
    able = [each for each in directory.people.values() if can_be_told(directory, each.name, matter)]
    operators = [each for each in able if each.role == OPERATOR]
    why = "operator, for the route reaches nobody" if operators else "for neither the route nor an operator is reached"
    return tuple(Called(each.name, why) for each in operators or able)


def may_hear(person: Person, matter: Matter) -> bool:
    """No alert about people, and none about our own things, ever reaches a village."""
    return not person.villager or matter.kinds == ANIMALS


def severity(kinds: frozenset[str], persons: int, at: datetime) -> int:
    """0 technical, 1 animals, 2 people, vehicles and a model's own labels, 3 a party of three or more, or people by
    night (18 to 6).
    """
    if kinds <= TECHNICAL:
        return 0
    if kinds == ANIMALS:
        return 1
    by_night = within(time(18), time(6), at.time())
    return 3 if persons >= 3 or ("person" in kinds and by_night) else 2


def _leaves(node: Route, matter: Matter, path: tuple[str, ...]) -> list[Leaf]:
    """The deepest nodes that hold. A node itself where no child takes the matter, those that go on notwithstanding."""
    found: list[Leaf] = []
    for child in node.children:
        if child.when.holds(matter):
            found += _leaves(child, matter, (*path, child.name))
            if not child.goes_on and child.when.covers(matter):
                return found
    return [*found, (node, path or (node.name,))]


def _calls(directory: Directory, matter: Matter, leaves: Iterable[Leaf]) -> _Calls:
    calls = _Calls()
    for leaf, path in leaves:
        by = f"by route {'/'.join(path)}"
        for team in leaf.teams:
            duty = on_duty(directory.teams[team], matter.at) if team in directory.teams else OnDuty((), (), (), "")
            calls.officers |= set(duty.officers)
            for person in duty.members:
                _call(calls.first, Called(person, f"{duty.reason} in team {team}, {by}", leaf.quiet))
            for person in duty.reserve:
                _call(calls.reserve, Called(person, f"next in line of team {team}", leaf.quiet))
        for person in leaf.people:
            _call(calls.first, Called(person, f"named {by}", leaf.quiet))
    return calls


def _able(directory: Directory, matter: Matter, calls: _Calls) -> tuple[tuple[Called, ...], tuple[Called, ...]]:
    """Of those called, who can be told: at once, and next in line."""
    first = tuple(each for name, each in calls.first.items() if can_be_told(directory, name, matter))
    reserve = tuple(
        each for name, each in calls.reserve.items() if name not in calls.first and can_be_told(directory, name, matter)
    )
    if first:
        return first, reserve
    return tuple(replace(each, why=f"{each.why}: nobody before can be reached") for each in reserve), ()


def _call(called: dict[str, Called], new: Called) -> None:
    """Whom two routes call is told aloud where one of them says so."""
    if new.person not in called or (called[new.person].quiet and not new.quiet):
        called[new.person] = new


def _root(area: Area | None, matter: Matter) -> Route:
    if area is None:
        return Route("root")
    return Route("root", teams=(area.team,), quiet=matter.kinds <= TECHNICAL)
