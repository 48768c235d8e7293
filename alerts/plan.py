"""Whom an incursion is told at this moment, over which channel, and why: routes, mutes, escalation and fall-back.

Pure: asked again at each change and at each `wake_at`, so that a restart forgets no timer. What was told stays told;
a plan only ever adds.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.delivery import Alarm
from alerts.mute import Effect, Mute, Muted, ends_next, muted
from alerts.response import State
from alerts.route import OPERATOR, Called, Directory, Matter, Person, Routed, may_hear, route


@dataclass(frozen=True, slots=True)
class Timers:
    next_in_line: timedelta = timedelta(minutes=3)
    """T1: without an answer the next in line is told, and after as long again the one after."""
    chief: timedelta = timedelta(minutes=10)
    """T2, from the incursion's beginning."""
    superiors: timedelta = timedelta(minutes=20)
    """T3, likewise; after as long again the superior's superior."""
    accepted: timedelta = timedelta(seconds=20)
    """A channel that has not taken the message by then: the person's next channel."""
    delivered: timedelta = timedelta(seconds=40)
    """Neither shown on the phone nor answered so long after it was taken: the person's next channel."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A delivery that is there already."""

    person: str
    channel: str
    rank: int
    """The channel's place in the person's order of preference."""
    decided_at: datetime
    accepted_at: datetime | None = None
    reached: bool = False
    """Whether the phone showed it, or the person saw or answered it."""
    over: bool = False
    """Refused for good."""
    held: bool = False
    group: bool = False
    """Whether it went to a group's chat."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A delivery to be made."""

    person: str
    channel: str
    address: str
    rank: int
    why: str
    quiet: bool = False
    held: str | None = None
    """Muted, by this reason: recorded and shown, not told."""


NOTHING_YET = State()


@dataclass(frozen=True, slots=True)
class Situation:
    directory: Directory
    matters: tuple[Matter, ...]
    """One for each camera that saw the party."""
    begun_at: datetime
    """When the gateway knew of it."""
    state: State = NOTHING_YET
    mutes: tuple[Mute, ...] = ()
    tried: tuple[Tried, ...] = ()
    channels: frozenset[str] | None = None
    """That are set up; None when that is not known: then every channel counts."""
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    wanted: tuple[Wanted, ...]
    wake_at: datetime | None
    """When time alone may change the plan."""
    routed: Routed
    unreachable: tuple[str, ...]
    """Persons who should be told, and whom no channel reaches any more."""


def plan(situation: Situation, timers: Timers, now: datetime) -> Plan:
    routed = _routed(situation)
    wanted: list[Wanted] = []
    unreachable: list[str] = []
    moments: list[datetime | None] = [ends_next(situation.mutes, now), situation.state.overdue_at]
    for called, at in _line(situation, routed, timers):
        if at > now:
            moments.append(at)
            continue
        person = situation.directory.people[called.person]
        mute = None if situation.alarm else weakest(situation.matters, person.name, situation.mutes, now)
        own = [each for each in situation.tried if each.person == person.name]
        if mute is not None and mute.effect is Effect.HELD:
            if not own:
                wanted += _held(person, called, mute)
            continue
        reach, wait = _next_reach(person, own, situation, timers, now)
        moments.append(wait)
        if reach is None:
            if wait is None and not any(not each.over for each in own):
                unreachable.append(person.name)
            continue
        rank, why = reach
        way = person.reaches[rank]
        quiet = called.quiet or mute is not None
        reason = f"{called.why}{f'; {why}' if why else ''}{f'; quiet: {mute.reason}' if mute else ''}"
        wanted.append(Wanted(person.name, way.channel, way.address, rank, reason, quiet))
    future = [moment for moment in moments if moment is not None and moment > now]
    return Plan(_each_address_once(wanted, situation.tried), min(future, default=None), routed, tuple(unreachable))


def weakest(matters: Iterable[Matter], person: str, mutes: Sequence[Mute], now: datetime) -> Muted | None:
    """What the mutes make of a party that several cameras saw: one that is not muted makes the whole heard."""
    found = [muted(matter, person, mutes, now) for matter in matters]
    known = [mute for mute in found if mute is not None]
    if len(known) < len(found) or not known:
        return None
    return min(known, key=lambda mute: mute.effect is Effect.HELD)


def superiors(people: Directory, person: str) -> Iterator[str]:
    """Up the chain. One that leads back into itself ends there."""
    met = {person}
    known = people.people.get(person)
    while known is not None and known.superior is not None and known.superior not in met:
        met.add(known.superior)
        yield known.superior
        known = people.people.get(known.superior)


def _routed(situation: Situation) -> Routed:
    """The routes of all cameras together, each person once, told at once where any of them says so."""
    found = [route(situation.directory, matter) for matter in situation.matters]
    first = {called.person: called for routed in reversed(found) for called in reversed(routed.first)}
    reserve = {called.person: called for routed in reversed(found) for called in reversed(routed.reserve)}
    return Routed(
        first=tuple(reversed(first.values())),
        reserve=tuple(called for name, called in reversed(reserve.items()) if name not in first),
        chief=next((routed.chief for routed in found if routed.chief is not None), None),
        officers=frozenset(officer for routed in found for officer in routed.officers),
        path=tuple(dict.fromkeys(step for routed in found for step in routed.path)),
    )


def _line(situation: Situation, routed: Routed, timers: Timers) -> Iterator[tuple[Called, datetime]]:
    """Everyone who is told, and from when on, each once. Without `at` in the past nobody is told."""
    met: set[str] = set()
    for called, at in _calls(situation, routed, timers):
        known = situation.directory.people.get(called.person)
        if (
            called.person not in met
            and known is not None
            and all(may_hear(known, matter) for matter in situation.matters)
        ):
            met.add(called.person)
            yield called, at


def _calls(situation: Situation, routed: Routed, timers: Timers) -> Iterator[tuple[Called, datetime]]:
    begun = situation.begun_at
    for called in routed.first:
        yield called, begun
    if situation.alarm in {Alarm.HELP, Alarm.OVERDUE}:
        for name in _helpers(situation.directory, routed):
            yield Called(name, f"everyone who can help: {situation.alarm}"), begun
    if situation.alarm is Alarm.APPROVAL_WANTED:
        for name in routed.officers or _deciders(situation.directory, routed):
            yield Called(name, "may approve the party that is ready"), begun
    if situation.state.answered or all(matter.severity == 0 for matter in situation.matters):
        return
    words = "nobody answered for"
    for place, called in enumerate(routed.reserve, start=1):
        yield (
            Called(called.person, f"escalated: {words} {_minutes(timers.next_in_line * place)}; {called.why}"),
            (begun + timers.next_in_line * place),
        )
    if routed.chief is not None:
        yield (
            Called(routed.chief, f"escalated: {words} {_minutes(timers.chief)}; the area's chief"),
            begun + timers.chief,
        )
        for step, name in enumerate(superiors(situation.directory, routed.chief), start=1):
            after = timers.superiors * step
            yield Called(name, f"escalated: {words} {_minutes(after)}; the chief's superior"), begun + after


def _next_reach(
    person: Person, own: Sequence[Tried], situation: Situation, timers: Timers, now: datetime
) -> tuple[tuple[int, str] | None, datetime | None]:
    """The place of the channel to try now, with the reason of a fall-back; and when to ask again."""
    ranks = [
        rank
        for rank, reach in enumerate(person.reaches)
        if situation.channels is None or reach.channel in situation.channels
    ]
    tried = [each for each in own if not each.held]
    if not tried:
        return ((ranks[0], "") if ranks else None), None
    last = max(tried, key=lambda each: each.rank)
    left = [
        rank for rank in ranks if rank > last.rank and person.reaches[rank].channel not in {t.channel for t in tried}
    ]
    if not left or any(each.reached for each in tried) or last.group or person.name in situation.state.seen:
        return None, None
    if last.over:
        return (left[0], f"{last.channel} refused it"), None
    if situation.state.answered and last.accepted_at is not None:
        return None, None
    since, patience = (
        (last.decided_at, timers.accepted) if last.accepted_at is None else (last.accepted_at, timers.delivered)
    )
    if now < since + patience:
        return None, since + patience
    what = "has not taken it" if last.accepted_at is None else "took it, and nobody saw it"
    return (left[0], f"{last.channel} {what} for {patience.total_seconds():.0f} s"), None


def _held(person: Person, called: Called, mute: Muted) -> list[Wanted]:
    return [
        Wanted(person.name, way.channel, way.address, rank, called.why, held=mute.reason)
        for rank, way in enumerate(person.reaches[:1])
    ]


def _each_address_once(wanted: Iterable[Wanted], tried: Collection[Tried]) -> tuple[Wanted, ...]:
    """A group's chat that several list is told through the first of them."""
    there = {(each.person, each.channel) for each in tried if not each.held}
    found: dict[tuple[str, str], Wanted] = {}
    for each in wanted:
        if (each.person, each.channel) not in there:
            found.setdefault((each.channel, each.address), each)
    return tuple(found.values())


def _helpers(directory: Directory, routed: Routed) -> Iterator[str]:
    for called in routed.reserve:
        yield called.person
    yield from _deciders(directory, routed)


def _deciders(directory: Directory, routed: Routed) -> Iterator[str]:
    if routed.chief is not None:
        yield routed.chief
    for person in directory.people.values():
        if person.role == OPERATOR and person.reaches:
            yield person.name


def _minutes(time: timedelta) -> str:
    seconds = time.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
