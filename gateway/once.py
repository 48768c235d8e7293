"""What has come before: services send a thing again when our word that we have it was lost."""

from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.heard import Heard

FOR = timedelta(minutes=10)
MOST = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Once:
    """In memory: a restart forgets, and what comes again then does little harm. For one thread at a time."""

    def __init__(self, within: timedelta = FOR) -> None:
        self._within = within
        self._taken: OrderedDict[Heard, datetime] = OrderedDict()

    def before(self, heard: Heard, now: datetime) -> bool:
        """Whether it was taken within the last ten minutes. What bears no token is always new."""
        taken = self._taken.get(_name(heard))
        return taken is not None and now - taken < self._within

    def take(self, heard: Heard, now: datetime) -> None:
        """Call it once it is durable: what failed has to be done when it comes again."""
        if heard.token is None:
            return
        self._taken[_name(heard)] = now
        self._taken.move_to_end(_name(heard))
        while len(self._taken) > MOST:
            self._taken.popitem(last=False)


def _name(heard: Heard) -> Heard:
    """Without its time, which some services leave to us."""
    return replace(heard, at=EPOCH)
