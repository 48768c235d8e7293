"""Who would be told, by what and why: the plan of an incursion that has not happened, played through to its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.mute import muted
from alerts.plan import Situation, Tried, Wanted, plan
from alerts.route import Matter, severity
from gateway.store import tables
from gateway.store.directory import mutes, standing


class NoSuchCamera(LookupError):
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    after: timedelta
    """Since the gateway knows."""
    person: str
    name: str
    channel: str
    next_channels: tuple[str, ...]
    """Tried in this order when this one does not take it, or nobody sees it."""
    why: str
    quiet: bool
    held: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    routes: tuple[str, ...]
    severity: int
    officers: tuple[str, ...]
    steps: tuple[Step, ...]
    mutes: tuple[str, ...]
    """In force for this camera, in words."""
    unreachable: tuple[str, ...]
    not_set_up: tuple[str, ...]
    """Channels that people list and gateway.toml has no section for."""


def explain(
    session: Session,
    park: tables.Park,
    camera: str,
    *,
    kinds: frozenset[str],
    persons: int,
    at: datetime,
    channels: frozenset[str],
) -> Explanation:
    """As if nobody answered. Raises NoSuchCamera."""
    unit = session.get(tables.Camera, (park.park, camera))
    if unit is None:
        there = session.scalars(select(tables.Camera.camera).where(tables.Camera.park == park.park)).all()
        raise NoSuchCamera(
            f"camera {camera!r} of park {park.park!r}; expected one of: {', '.join(sorted(there)) or '-'}"
        )
    stands = standing(session, park, at)
    local = at.astimezone(stands.zone)
    weight = severity(kinds, persons, local)
    matter = Matter(kinds, unit.area, camera, local, weight)
    in_force = (*mutes(session, park.park, at), *stands.quiet_hours)
    situation = Situation(stands.directory, (matter,), at, mutes=in_force, channels=channels)
    people = {row.person: row for row in session.scalars(select(tables.Person).where(tables.Person.park == park.park))}
    steps: list[Step] = []
    unreachable: list[str] = []
    moment: datetime | None = at
    tried: tuple[Tried, ...] = ()
    routes: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    while moment is not None and moment - at <= 4 * stands.timers.superiors:
        planned = plan(_tried(situation, tried), stands.timers, moment)
        routes, officers = planned.routed.path, tuple(sorted(planned.routed.officers))
        unreachable += [person for person in planned.unreachable if person not in unreachable]
        for wanted in planned.wanted:
            steps.append(_step(wanted, people[wanted.person], moment - at, channels))
            tried += (
                Tried(
                    wanted.person, wanted.channel, wanted.rank, moment, accepted_at=moment, reached=True,
                    held=wanted.held is not None,
                ),
            )  # fmt: skip
        moment = planned.wake_at
    listed = {each["channel"] for row in people.values() for each in row.channels}
    words = {mute.number: str(m.reason) for mute in in_force if (m := muted(matter, mute.person or "", [mute], at))}
    return Explanation(
        routes,
        weight,
        officers,
        tuple(steps),
        tuple(words.values()),
        tuple(unreachable),
        tuple(sorted(listed - channels)),
    )


def _tried(situation: Situation, tried: Sequence[Tried]) -> Situation:
    return Situation(
        situation.directory, situation.matters, situation.begun_at,
        mutes=situation.mutes, channels=situation.channels, tried=tuple(tried),
    )  # fmt: skip


def _step(wanted: Wanted, person: tables.Person, after: timedelta, channels: frozenset[str]) -> Step:
    later = [each["channel"] for each in person.channels[wanted.rank + 1 :] if each["channel"] in channels]
    return Step(after, wanted.person, person.name, wanted.channel, tuple(later), wanted.why, wanted.quiet, wanted.held)
