"""Who is told about an incursion, over which channel, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

OPERATOR = "operator"
"""The role of whoever sits at the operations centre."""


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


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    team: str


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery to be made."""

    person: str
    channel: str
    address: str
    reason: str
    """Why this person: 'in team east of area Khlong E-Thao'."""


def route(area: Area, teams: Iterable[Team], people: Iterable[Person]) -> tuple[Told, ...]:
    """Every member of the area's team, over each channel that the member lists, in the order of the team's list.

    An address that several list (a group's chat) is told once, through the first of them. When the team reaches
    nobody, every operator is told instead: no incursion passes in silence while anybody can be reached.
    """
    known = {person.name: person for person in people}
    members = [name for team in teams if team.name == area.team for name in team.members]
    told = _once(
        (known[name], f"in team {area.team} of area {area.name}") for name in dict.fromkeys(members) if name in known
    )
    return told or _once(
        (person, f"operator, for team {area.team} of area {area.name} reaches nobody")
        for person in known.values()
        if person.role == OPERATOR
    )


def _once(persons: Iterable[tuple[Person, str]]) -> tuple[Told, ...]:
    found: dict[Reach, Told] = {}
    channels: set[tuple[str, str]] = set()
    for person, reason in persons:
        for reach in person.reaches:
            # One delivery per person and channel is what the ledger can hold: of two chats, the preferred one.
            if reach in found or (person.name, reach.channel) in channels:
                continue
            channels.add((person.name, reach.channel))
            found[reach] = Told(person.name, reach.channel, reach.address, reason)
    return tuple(found.values())
