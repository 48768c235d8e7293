"""What a service allows in a time, kept by waiting rather than by being turned away."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SPACING = timedelta(seconds=1)
"""Between two messages to an address at which a service has once asked for a pause."""


@dataclass(frozen=True, slots=True)
class Limit:
    most: int
    within: timedelta
    reserved: int = 0
    """Of `most`, kept for what is told as a new message: edits stop before."""


@dataclass(frozen=True, slots=True)
class Resting:
    """Addresses that wait: for anything, or for edits only."""

    all: frozenset[str] = frozenset()
    edits: frozenset[str] = frozenset()


class Window:
    """Counts what went out against several limits at once."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = list(limits)
        self.not_before: datetime | None = None
        self._gone: deque[datetime] = deque(maxlen=max((limit.most for limit in limits), default=1))

    def free_at(self, now: datetime, *, new: bool) -> datetime:
        """When the next may go. `new`: it may use what is reserved."""
        free = max(now, self.not_before or now)
        for limit in self.limits:
            allowed = limit.most if new else max(1, limit.most - limit.reserved)
            if len(self._gone) >= allowed:
                free = max(free, self._gone[-allowed] + limit.within)
        return free

    def went(self, now: datetime) -> None:
        self._gone.append(now)


class Limits:
    """Of one channel: over all addresses, to each, and to each group beside."""

    def __init__(
        self,
        overall: Sequence[Limit] = (),
        each: Sequence[Limit] = (),
        in_group: Sequence[Limit] = (),
        group_mark: str | None = None,
    ) -> None:
        """`group_mark`: how a group's address begins."""
        self._overall = Window(overall)
        self._each, self._in_group, self._mark = tuple(each), tuple(in_group), group_mark
        self._windows: dict[str, Window] = {}

    def went(self, address: str, now: datetime) -> None:
        """A message or an edit was sent, whatever became of it."""
        self._overall.went(now)
        self._window(address).went(now)

    def pause(self, address: str, until: datetime) -> None:
        """The service wants nothing at this address for so long. What waits then goes one by one."""
        window = self._window(address)
        window.not_before = until
        if not any(limit.within / limit.most >= SPACING for limit in window.limits):
            window.limits.append(Limit(1, SPACING))

    def free_at(self, now: datetime) -> datetime:
        """When anything may go at all."""
        return self._overall.free_at(now, new=True)

    def resting(self, now: datetime) -> Resting:
        for address in [name for name, window in self._windows.items() if window.free_at(now, new=False) <= now]:
            if not self._windows[address].limits:
                del self._windows[address]
        return Resting(
            all=frozenset(name for name, window in self._windows.items() if window.free_at(now, new=True) > now),
            edits=frozenset(name for name, window in self._windows.items() if window.free_at(now, new=False) > now),
        )

    def next_free(self, now: datetime) -> datetime | None:
        """When an address that rests now does so no longer, for new messages or for edits."""
        ends = [window.free_at(now, new=new) for window in self._windows.values() for new in (True, False)]
        return min((end for end in ends if end > now), default=None)

    def _window(self, address: str) -> Window:
        if address not in self._windows:
            group = self._mark is not None and address.startswith(self._mark)
            self._windows[address] = Window([*self._each, *(self._in_group if group else ())])
        return self._windows[address]
