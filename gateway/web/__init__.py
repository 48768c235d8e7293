"""The pages: the operations timeline, an incursion's page, the ranger's phone. They read the store and write marks."""

from datetime import datetime
from typing import Protocol


class Marks(Protocol):
    """What a phone and its person say about an alert. Each commits before it returns."""

    def delivered(self, park: str, person: str, number: int, now: datetime) -> bool:
        """The phone shows it. Whether this is the first word of it; False, too, when it is not this person's."""
        ...

    def seen(self, park: str, person: str, number: int, now: datetime) -> bool:
        """A human touched it. As `delivered`."""
        ...
