"""Everyone who is told, in their order, and from when on: who is on duty, who can help, who is next up the chain."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.delivery import Alarm
from alerts.route import OPERATOR, Called, Directory, Routed, can_be_told, instead, route
from alerts.situation import Situation, Timers


@dataclass(frozen=True, slots=True)
class Call:
    called: Called
    at: datetime
    through: bool = False
    """Through mutes and quiet: an alarm that wants this person."""


def routed_for(situation: Situation) -> Routed:
    """The routes of all cameras together, each person once, told at once and aloud where any of them says so."""
    directory = _reachable(situation)
    found = [route(directory, matter) for matter in situation.matters]
    first, reserve = _merged(routed.first for routed in found), _merged(routed.reserve for routed in found)
    chiefs = [routed.chief for routed in found if routed.chief is not None]
    return Routed(
        first=tuple(first.values()),
        reserve=tuple(called for name, called in reserve.items() if name not in first),
        chief=next((chief for chief in chiefs if _able(situation, directory, chief)), next(iter(chiefs), None)),
        officers=frozenset(officer for routed in found for officer in routed.officers),
        path=tuple(dict.fromkeys(step for routed in found for step in routed.path)),
    )


def line(situation: Situation, routed: Routed, timers: Timers) -> list[Call]:
    """By time, each person once. Whoever cannot be told, or may not hear of it, is left out."""
    directory = _reachable(situation)
    calls: dict[str, Call] = {}
    for call in sorted(_calls(situation, routed, directory, timers), key=lambda each: each.at):
        name = call.called.person
        if not _able(situation, directory, name):
            continue
        calls[name] = replace(calls[name], through=calls[name].through or call.through) if name in calls else call
    return list(calls.values())


def others(situation: Situation, lost: Iterable[str]) -> Iterator[Called]:
    """Whom to tell when nobody in the line is reached."""
    directory = _reachable(situation)
    left = replace(directory, people={name: each for name, each in directory.people.items() if name not in set(lost)})
    yield from _merged(instead(left, matter) for matter in situation.matters).values()


def superiors(directory: Directory, person: str) -> Iterator[str]:
    """Up the chain. One that leads back into itself ends there."""
    met = {person}
    known = directory.people.get(person)
    while known is not None and known.superior is not None and known.superior not in met:
        met.add(known.superior)
        yield known.superior
        known = directory.people.get(known.superior)


def _calls(situation: Situation, routed: Routed, directory: Directory, timers: Timers) -> Iterator[Call]:
    begun = situation.begun_at
    for called in routed.first:
        yield Call(called, begun, situation.urgent and not directory.people[called.person].villager)
    if situation.urgent:
        for name in (*(called.person for called in routed.reserve), *_deciders(directory, routed)):
            yield Call(Called(name, f"everyone who can help: {situation.alarm}"), begun, through=True)
    if situation.alarm is Alarm.APPROVAL_WANTED:
        yield from _approvers(situation, routed, directory, timers)
    told_at = _told_at(situation)
    if told_at is None or situation.state.answered or all(matter.severity < 2 for matter in situation.matters):
        return
    yield from _escalated(situation, routed, directory, timers, told_at)


def _approvers(situation: Situation, routed: Routed, directory: Directory, timers: Timers) -> Iterator[Call]:
    """The officers of the shift; when they are not there, or say nothing, whoever else may approve."""
    asked = situation.state.ready_at or situation.begun_at
    officers = [name for name in sorted(routed.officers) if _able(situation, directory, name)]
    for name in officers:
        yield Call(Called(name, "may approve the party that is ready"), asked, through=True)
    later = asked + timers.next_in_line if officers else asked
    for name in _deciders(directory, routed):
        yield Call(Called(name, "may approve the party that is ready, in the officer's place"), later, through=True)


def _escalated(
    situation: Situation, routed: Routed, directory: Directory, timers: Timers, told_at: datetime
) -> Iterator[Call]:
    def call(name: str, after: timedelta, who: str) -> Call:
        return Call(Called(name, f"escalated: nobody answered for {_words(after)}; {who}"), told_at + after)

    for place, called in enumerate(routed.reserve, start=1):
        up = call(called.person, timers.next_in_line * place, called.why)
        yield replace(up, called=replace(up.called, quiet=called.quiet))
    if routed.chief is not None and _able(situation, directory, routed.chief):
        yield call(routed.chief, timers.chief, "the area's chief")
    else:
        for name in _operators(directory):
            yield call(name, timers.chief, "an operator, for no chief of the area can be reached")
    chain = superiors(situation.directory, routed.chief) if routed.chief is not None else iter(())
    able = (name for name in chain if _able(situation, directory, name))
    for step, name in enumerate(able, start=1):
        yield call(name, timers.superiors * step, "the chief's superior")


def _told_at(situation: Situation) -> datetime | None:
    """When anybody was first told, so that a held alert does not wake the whole chain as it comes out.

    None while all is held.
    """
    told = [each.decided_at for each in situation.tried if not each.held]
    if situation.tried and not told:
        return None
    return max(situation.begun_at, min(told, default=situation.begun_at))


def _deciders(directory: Directory, routed: Routed) -> Iterator[str]:
    if routed.chief is not None:
        yield routed.chief
    yield from _operators(directory)


def _operators(directory: Directory) -> Iterator[str]:
    for person in directory.people.values():
        if person.role == OPERATOR and person.reaches:
            yield person.name


def _reachable(situation: Situation) -> Directory:
    """The directory with those ways alone that are set up."""
    directory = situation.directory
    if situation.channels is None:
        return directory
    people = {
        name: replace(each, reaches=tuple(reach for reach in each.reaches if situation.set_up(reach.channel)))
        for name, each in directory.people.items()
    }
    return replace(directory, people=people)


def _able(situation: Situation, directory: Directory, name: str) -> bool:
    return all(can_be_told(directory, name, matter) for matter in situation.matters)


def _merged(found: Iterable[Iterable[Called]]) -> dict[str, Called]:
    merged: dict[str, Called] = {}
    for called in (each for some in found for each in some):
        if called.person not in merged or (merged[called.person].quiet and not called.quiet):
            merged[called.person] = called
    return merged


def _words(time: timedelta) -> str:
    seconds = time.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
