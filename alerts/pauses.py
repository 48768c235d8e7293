"""The pauses that a service asked for, an address at a time, and whose turn comes when after them."""

from datetime import datetime, timedelta


class Pauses:
    """Lines up what waits behind a pause, so that it does not all come at its end and meet the next one."""

    def __init__(self, spacing: timedelta = timedelta(seconds=1)) -> None:
        self._spacing = spacing
        self._ends: dict[str, datetime] = {}
        self._next_turn: dict[str, datetime] = {}

    def begin(self, address: str, now: datetime, pause: timedelta) -> datetime:
        """The service wants nothing at `address` for so long. The turn of what it has just turned away: the first."""
        self._ends[address] = self._next_turn[address] = now + pause
        return self._taken(address)

    def turn(self, address: str, now: datetime) -> datetime | None:
        """When something for `address` may go; None for now."""
        if self._ends.get(address, now) <= now:
            self._ends.pop(address, None)
            return None
        return self._taken(address)

    def _taken(self, address: str) -> datetime:
        turn = self._next_turn[address]
        self._next_turn[address] = turn + self._spacing
        return turn
