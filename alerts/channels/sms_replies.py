"""Whether a written word is answered by SMS: each answer costs, and two machines could answer each other for ever."""

from collections import OrderedDict
from datetime import datetime, timedelta

from alerts.channels.numbers import E164
from alerts.limits import Limit, Window

EACH = Limit(most=12, within=timedelta(hours=1))
"""To one number: more than a person writes, and the end of a loop."""
ALL = Limit(most=60, within=timedelta(hours=1))
REMEMBERED = 1_000


class Replies:
    """In memory, for one thread at a time."""

    def __init__(self) -> None:
        self._all = Window([ALL])
        self._each: OrderedDict[str, Window] = OrderedDict()

    def may_go(self, number: str, now: datetime) -> bool:
        """Counted as gone when it may. An operator's name or a short number is never answered."""
        if not E164.fullmatch(number):
            return False
        each = self._each.setdefault(number, Window([EACH]))
        if max(each.free_at(now, new=True), self._all.free_at(now, new=True)) > now:
            return False
        each.went(now)
        self._all.went(now)
        self._each.move_to_end(number)
        while len(self._each) > REMEMBERED:
            self._each.popitem(last=False)
        return True
