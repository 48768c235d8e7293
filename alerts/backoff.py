"""How long to wait after a failure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first` to `longest`, spread so that what failed together does not come back together."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=5)
    spread: float = 0.25
    """At most this part is added."""

    def after(self, failures: int, chance: float) -> timedelta:
        """After `failures` in a row, the last included. `chance` is from 0 to 1."""
        doubled = min(self.first * 2 ** min(max(failures, 1) - 1, 30), self.longest)
        return doubled * (1 + self.spread * chance)
