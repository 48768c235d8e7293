"""Who of a team is on duty: a weekly rota, with exceptions, in the park's time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Shift:
    days: frozenset[int]
    """On which it begins: 0 is Monday."""
    begins: time
    ends: time
    """By the park's clock. Not after `begins`: on the next day."""
    members: tuple[str, ...]
    officer: str | None = None
    """Who approves a party."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exception: in place of whatever shift would run."""

    begins: datetime
    ends: datetime
    members: tuple[str, ...]
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class Rota:
    members: tuple[str, ...]
    """In the order in which they are called."""
    shifts: tuple[Shift, ...] = ()
    exchanges: tuple[Exchange, ...] = ()

    @property
    def team(self) -> tuple[str, ...]:
        """The members, then whoever only a shift names."""
        turns = (name for shift in self.shifts for name in (*shift.members, shift.officer) if name is not None)
        return tuple(dict.fromkeys((*self.members, *turns)))


@dataclass(frozen=True, slots=True)
class OnDuty:
    members: tuple[str, ...]
    officers: tuple[str, ...]
    reserve: tuple[str, ...]
    """The rest of the team: the next in line."""
    reason: str


def on_duty(rota: Rota, at: datetime) -> OnDuty:
    """`at` in the park's zone. A hole in the rota leaves nobody out: then it is the whole team."""
    exchanges = [each for each in rota.exchanges if each.begins <= at < each.ends]
    running = exchanges or [shift for shift in rota.shifts if _runs(shift, at)]
    members = tuple(dict.fromkeys(member for each in running for member in each.members))
    officers = tuple(dict.fromkeys(each.officer for each in running if each.officer is not None))
    if not members and not officers:
        reason = "its rota has a hole now: the whole team" if rota.shifts else "it has no rota: the whole team"
        return OnDuty(rota.team, (), (), reason)
    called = tuple(dict.fromkeys((*members, *officers)))
    reserve = tuple(member for member in rota.team if member not in called)
    return OnDuty(called, officers, reserve, "an exchange of shifts" if exchanges else "on shift")


def holes(rota: Rota, monday: date) -> tuple[tuple[datetime, datetime], ...]:
    """The times of a week from `monday` (naive, by the park's clock) at which no shift runs, to the minute."""
    if not rota.shifts:
        return ()
    week = [datetime.combine(monday, time()) + timedelta(minutes=minute) for minute in range(7 * 24 * 60)]
    bare = [moment for moment in week if not any(_runs(shift, moment) for shift in rota.shifts)]
    return _spans(bare)


def within(begins: time, ends: time, at: time) -> bool:
    """Whether a time of day lies in a span that may pass midnight. Equal ends mean the whole day."""
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def _runs(shift: Shift, at: datetime) -> bool:
    if not within(shift.begins, shift.ends, at.time()):
        return False
    began_yesterday = shift.begins >= shift.ends and at.time() < shift.ends
    return (at - timedelta(days=began_yesterday)).weekday() in shift.days


def _spans(minutes: Sequence[datetime]) -> tuple[tuple[datetime, datetime], ...]:
    spans: list[tuple[datetime, datetime]] = []
    for moment in minutes:
        end = moment + timedelta(minutes=1)
        if spans and spans[-1][1] == moment:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((moment, end))
    return tuple(spans)
