"""Who is told: a tree of routes, as prometheus/alertmanager has it. Nothing is ever unrouted: the root catches it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from alerts.rota import OnDuty, Rota, on_duty, within

OPERATOR, ANALYST, ADMINISTRATOR = "operator", "analyst", "administrator"
"""Roles. An operator sits at the operations centre, an analyst judges what was seen, an administrator mends."""

TECHNICAL = frozenset({"camera-silent", "camera-back", "tamper", "low-battery", "canary-missing", "trouble"})
"""Kinds that are about our own things, not about anybody in the forest."""


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


@dataclass(frozen=True, slots=True)
class Route:
    """A node. Its children are asked in their order; the first that holds takes the matter, unless it `goes_on`."""

    name: str
    when: When = When()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    quiet: bool = False
    goes_on: bool = False
    children: tuple["Route", ...] = ()


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


def route(directory: Directory, matter: Matter) -> Routed:
    """Whom a matter concerns. Persons without any channel, and persons who may not hear of it, are passed over.

    When nobody is left, it is every operator, then everybody of any role who can be reached: no incursion passes in
    silence while anybody can be reached.
    """
    taken = [node for child in directory.routes if (node := child).when.holds(matter)]
    leaves: list[tuple[Route, tuple[str, ...]]] = []
    for node in taken:
        leaves += _leaves(node, matter, (node.name,))
        if not node.goes_on:
            break
    area = directory.areas.get(matter.area)
    if not leaves:
        leaves = [(_root(area, matter), ("root",))]
    first: dict[str, Called] = {}
    reserve: dict[str, Called] = {}
    officers: set[str] = set()
    for leaf, path in leaves:
        by = f"by route {'/'.join(path)}"
        for team in leaf.teams:
            duty = on_duty(directory.teams[team], matter.at) if team in directory.teams else OnDuty((), (), (), "")
            officers |= set(duty.officers)
            for person in duty.members:
                first.setdefault(person, Called(person, f"{duty.reason} in team {team}, {by}", leaf.quiet))
            for person in duty.reserve:
                reserve.setdefault(person, Called(person, f"next in line of team {team}", leaf.quiet))
        for person in leaf.people:
            first.setdefault(person, Called(person, f"named {by}", leaf.quiet))

    def can_be_told(person: str) -> bool:
        known = directory.people.get(person)
        return known is not None and bool(known.reaches) and may_hear(known, matter)

    told = [called for name, called in first.items() if can_be_told(name)]
    if not told:
        told = _instead(directory, matter)
    return Routed(
        first=tuple(told),
        reserve=tuple(called for name, called in reserve.items() if name not in first and can_be_told(name)),
        chief=area.chief if area is not None else None,
        officers=frozenset(officers),
        path=tuple("/".join(path) for _, path in leaves),
    )


def may_hear(person: Person, matter: Matter) -> bool:
    """No alert about people, and none about our own things, ever reaches a village."""
    return not person.villager or matter.kinds <= {"animal"}


def severity(kinds: frozenset[str], persons: int, at: datetime) -> int:
    """0 technical, 1 animals, 2 people or vehicles, 3 a party of three or more, or people by night (18 to 6)."""
    if not kinds & {"person", "vehicle"}:
        return 0 if kinds <= TECHNICAL else 1
    by_night = within(time(18), time(6), at.time())
    return 3 if persons >= 3 or ("person" in kinds and by_night) else 2


def _leaves(node: Route, matter: Matter, path: tuple[str, ...]) -> list[tuple[Route, tuple[str, ...]]]:
    """The deepest nodes below that hold; the node itself when none of its children does."""
    found: list[tuple[Route, tuple[str, ...]]] = []
    for child in node.children:
        if not child.when.holds(matter):
            continue
        found += _leaves(child, matter, (*path, child.name))
        if not child.goes_on:
            break
    return found or [(node, path)]


def _root(area: Area | None, matter: Matter) -> Route:
    if area is None:
        return Route("root")
    return Route("root", teams=(area.team,), quiet=matter.kinds <= TECHNICAL)


def _instead(directory: Directory, matter: Matter) -> list[Called]:
    able = [each for each in directory.people.values() if each.reaches and may_hear(each, matter)]
    operators = [each for each in able if each.role == OPERATOR]
    why = "operator, for the route reaches nobody" if operators else "for neither the route nor an operator is reached"
    return [Called(each.name, why) for each in operators or able]
