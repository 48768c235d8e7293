"""A park's people, teams, routes and rules, read once for a transaction, as alerts/ wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.mute import Mute, MuteKind
from alerts.plan import Timers
from alerts.response import Rules
from alerts.rota import Exchange, Rota, Shift
from alerts.route import ADMINISTRATOR, ANALYST, OPERATOR, Area, Directory, Person, Reach, Route, When
from gateway.store import tables

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
VILLAGER = "villager"
DECIDERS = frozenset({OPERATOR, ANALYST, ADMINISTRATOR})
"""Roles whose office it is to approve a party and to judge what was seen."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in a park's settings, for decisions."""

    zone: ZoneInfo
    directory: Directory
    timers: Timers
    rules: Rules
    quiet_hours: tuple[Mute, ...]
    """Of persons, as mutes around `now`."""


def standing(session: Session, park: tables.Park, now: datetime) -> Standing:
    def rows(table: Any) -> Any:
        return session.scalars(select(table).where(table.park == park.park)).all()

    zone = ZoneInfo(park.zone)
    people = rows(tables.Person)
    return Standing(
        zone=zone,
        directory=Directory(
            areas={row.area: Area(row.area, row.name, row.team, row.chief) for row in rows(tables.Area)},
            teams={row.team: rota(row.members, row.shifts, row.exchanges, zone) for row in rows(tables.Team)},
            people={row.person: _person(row) for row in people},
            routes=tuple(_route(each) for each in park.routes),
        ),
        timers=timers(park.response),
        rules=rules(park.response),
        quiet_hours=tuple(mute for row in people if row.quiet_hours for mute in _quiet(row, zone, now)),
    )


def timers(said: Mapping[str, Any]) -> Timers:
    """A park's, with ours where it has none."""
    ours = Timers()
    return Timers(
        **{
            name: timedelta(seconds=said[f"{name}_s"]) if f"{name}_s" in said else getattr(ours, name)
            for name in ("next_in_line", "chief", "superiors", "accepted", "delivered")
        }
    )


def rules(said: Mapping[str, Any]) -> Rules:
    ours = Rules()
    return Rules(
        least=said.get("party", ours.least),
        approval=said.get("approval", ours.approval),
        check_in=timedelta(seconds=said["check_in_s"]) if "check_in_s" in said else ours.check_in,
    )


def rota(members: list[str], shifts: list[Any], exchanges: list[Any], zone: ZoneInfo) -> Rota:
    return Rota(
        members=tuple(members),
        shifts=tuple(
            Shift(
                days=frozenset(DAYS.index(day) for day in each["days"]),
                begins=time.fromisoformat(each["begins"]),
                ends=time.fromisoformat(each["ends"]),
                members=tuple(each["members"]),
                officer=each.get("officer"),
            )
            for each in shifts
        ),
        exchanges=tuple(
            Exchange(
                begins=_local(each["begins"], zone),
                ends=_local(each["ends"], zone),
                members=tuple(each["members"]),
                officer=each.get("officer"),
            )
            for each in exchanges
        ),
    )


def mutes(session: Session, park: str, now: datetime) -> tuple[Mute, ...]:
    """Those of the park that are not over."""
    found = session.scalars(select(tables.Mute).where(tables.Mute.park == park, tables.Mute.ends > now))
    return tuple(mute_of(row) for row in found)


def mute_of(row: tables.Mute) -> Mute:
    return Mute(
        number=row.number, kind=MuteKind(row.kind), author=row.author, reason=row.reason, begins=row.begins,
        ends=row.ends, cameras=frozenset(row.cameras), areas=frozenset(row.areas), kinds=frozenset(row.kinds),
        agreed_by=row.agreed_by,
    )  # fmt: skip


def may_decide(standing: Standing, person: str, officers: frozenset[str], chiefs: frozenset[str]) -> bool:
    """Whether it is this person's office to approve a party and to judge what was seen."""
    known = standing.directory.people.get(person)
    return known is not None and (known.role in DECIDERS or person in officers or person in chiefs)


def _person(row: tables.Person) -> Person:
    return Person(
        name=row.person,
        role=row.role,
        reaches=tuple(Reach(each["channel"], each["address"]) for each in row.channels),
        superior=row.superior,
        villager=row.role == VILLAGER,
    )


def _route(said: Mapping[str, Any]) -> Route:
    hours = said.get("hours")
    return Route(
        name=said["name"],
        when=When(
            areas=frozenset(said.get("areas", ())),
            cameras=frozenset(said.get("cameras", ())),
            kinds=frozenset(said.get("kinds", ())),
            hours=(time.fromisoformat(hours["begins"]), time.fromisoformat(hours["ends"])) if hours else None,
            severity=said.get("severity", 0),
        ),
        teams=tuple(said.get("teams", ())),
        people=tuple(said.get("people", ())),
        quiet=said.get("quiet", False),
        goes_on=said.get("goes_on", False),
        children=tuple(_route(each) for each in said.get("route", ())),
    )


def _quiet(row: tables.Person, zone: ZoneInfo, now: datetime) -> list[Mute]:
    """Last night's and tonight's: enough for any moment near `now`."""
    said = cast("dict[str, str]", row.quiet_hours)
    begins, ends = time.fromisoformat(said["begins"]), time.fromisoformat(said["ends"])
    found: list[Mute] = []
    for days in (-1, 0, 1):
        day = now.astimezone(zone).date() + timedelta(days=days)
        last = day + timedelta(days=begins >= ends)
        found.append(
            Mute(
                number=0,
                kind=MuteKind.QUIET_HOURS,
                author=row.person,
                reason=f"{said['begins']} to {said['ends']}",
                begins=datetime.combine(day, begins, zone),
                ends=datetime.combine(last, ends, zone),
                person=row.person,
            )
        )
    return found


def _local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)
