"""Whom an incursion is told at this moment, over which channel, and why: routes, mutes, escalation and fall-back.

Pure: asked again at each change and at each `wake_at`, so that a restart forgets no timer. What was told stays told;
a plan only ever adds.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.line import Call, line, others, routed_for, superiors
from alerts.mute import Effect, Mute, Muted, ends_next, muted
from alerts.route import Matter, Person, Routed
from alerts.situation import NOTHING_YET, Situation, Timers, Tried

__all__ = ["NOTHING_YET", "Plan", "Situation", "Timers", "Tried", "Wanted", "plan", "superiors", "weakest"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A delivery to be made; or, where one to this person over this channel is held, to be let go."""

    person: str
    channel: str
    address: str
    rank: int
    why: str
    quiet: bool = False
    held: str | None = None
    """Muted, by this reason: recorded and shown, not told."""


@dataclass(frozen=True, slots=True)
class Plan:
    wanted: tuple[Wanted, ...]
    wake_at: datetime | None
    """When time alone may change the plan."""
    routed: Routed
    unreachable: tuple[str, ...]
    """Persons who should be told, and whom no channel reaches any more."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to be done for one person now."""

    wanted: tuple[Wanted, ...] = ()
    wake_at: datetime | None = None
    lost: bool = False
    """No channel reaches the person any more."""


def plan(situation: Situation, timers: Timers, now: datetime) -> Plan:
    routed = routed_for(situation)
    wanted: list[Wanted] = []
    lost: list[str] = []
    moments: list[datetime | None] = [ends_next(situation.mutes, now), situation.state.overdue_at]
    hope = situation.state.answered
    for call in _whole_line(situation, routed, timers, lost):
        forward = call.at > now
        if forward and hope:
            moments.append(call.at)
            continue
        if forward:  # all before are lost: time is not waited for
            call = replace(call, called=replace(call.called, why=f"nobody before is reached; {call.called.why}"))  # noqa: PLW2901 - the same call, sooner
        step = _step(situation, situation.directory.people[call.called.person], call, timers, now)
        wanted += step.wanted
        moments.append(step.wake_at)
        if step.lost:
            lost.append(call.called.person)
        else:
            hope = True
    if any(each.held is None for each in wanted):
        moments.append(now + min(timers.accepted, timers.next_in_line))  # what is told now begins its own timers
    future = [moment for moment in moments if moment is not None and moment > now]
    return Plan(_each_address_once(wanted, situation.tried), min(future, default=None), routed, tuple(lost))


def weakest(matters: Iterable[Matter], person: str, mutes: Sequence[Mute], now: datetime) -> Muted | None:
    """What the mutes make of a party that several cameras saw: one that is not muted makes the whole heard."""
    found = [muted(matter, person, mutes, now) for matter in matters]
    known = [mute for mute in found if mute is not None]
    if len(known) < len(found) or not known:
        return None
    return min(known, key=lambda mute: mute.effect is Effect.HELD)


def _whole_line(situation: Situation, routed: Routed, timers: Timers, lost: list[str]) -> Iterator[Call]:
    """The line; and, when by its end everyone in it is among the `lost`, everyone else."""
    own = line(situation, routed, timers)
    yield from own
    if len(lost) == len(own) and not situation.state.answered:
        for called in others(situation, lost):
            yield Call(called, situation.begun_at)


def _step(situation: Situation, person: Person, call: Call, timers: Timers, now: datetime) -> _Step:
    if person.name in situation.state.dark or person.name in situation.state.help:
        return _Step()  # nothing new rings in a party in place, nor with whoever called for help
    mute = None if call.through else weakest(situation.matters, person.name, situation.mutes, now)
    quiet = not call.through and (call.called.quiet or mute is not None)
    addresses = {(reach.channel, reach.address) for reach in person.reaches}
    own = [each for each in situation.tried if each.person == person.name or (each.channel, each.address) in addresses]
    tried = [each for each in own if not each.held]
    used = {each.channel for each in tried}
    left: list[int] = []
    for rank, reach in enumerate(person.reaches):
        if situation.set_up(reach.channel) and reach.channel not in used:
            left.append(rank)
            used.add(reach.channel)  # a second address on one channel is never told: there is one delivery of each
    silent = [rank for rank in left if not (quiet and person.reaches[rank].channel in situation.ringing)]

    def want(rank: int, why: str, held: str | None = None) -> Wanted:
        way = person.reaches[rank]
        return Wanted(person.name, way.channel, way.address, rank, why, quiet and held is None, held)

    if not left:
        return _Step(lost=all(_is_lost(each, situation) for each in tried))
    if mute is not None and mute.effect is Effect.HELD:
        return _Step((want(left[0], call.called.why, mute.reason),) if not own else ())
    if situation.urgent and call.through:
        return _Step(tuple(want(rank, f"{call.called.why}; by every channel") for rank in left))
    why, wake_at = _why_next(person, tried, situation, timers, now) if tried else ("", None)
    if why is None:
        return _Step(wake_at=wake_at)
    reason = "; ".join(part for part in (call.called.why, why, f"quiet: {mute.reason}" if mute else "") if part)
    if silent:
        return _Step((want(silent[0], reason),))
    held = f"{mute.reason if mute else 'quiet by its route'}; {person.reaches[left[0]].channel} always rings"
    return _Step((want(left[0], reason, held),) if not own else ())


def _why_next(
    person: Person, tried: Sequence[Tried], situation: Situation, timers: Timers, now: datetime
) -> tuple[str | None, datetime | None]:
    """Why this person's next channel is to be tried now, or None; and when to ask again."""
    reached = any(each.reached and each.person == person.name for each in tried)
    if reached or person.name in situation.state.seen or situation.state.over:
        return None, None
    last = max(tried, key=lambda each: (each.decided_at, each.rank))
    if _is_lost(last, situation):
        return f"{last.channel} {'refused it' if last.over else 'is not set up any more'}", None
    if last.accepted_at is None:
        since, patience, what = last.decided_at, timers.accepted, "has not taken it"
    elif situation.state.answered or last.group:  # nobody can say of a group whose phones showed it
        return None, None
    else:
        since, patience, what = last.accepted_at, timers.delivered, "took it, and nobody saw it"
    if now < since + patience:
        return None, since + patience
    return f"{last.channel} {what} for {patience.total_seconds():.0f} s", None


def _is_lost(tried: Tried, situation: Situation) -> bool:
    return tried.over or not situation.set_up(tried.channel)


def _each_address_once(wanted: Iterable[Wanted], tried: Collection[Tried]) -> tuple[Wanted, ...]:
    """A group's chat that several list is told through the first of them."""
    there = {(each.channel, each.address) for each in tried if not each.held and each.address}
    found: dict[tuple[str, str], Wanted] = {}
    for each in wanted:
        if (each.channel, each.address) not in there:
            found.setdefault((each.channel, each.address), each)
    return tuple(found.values())
