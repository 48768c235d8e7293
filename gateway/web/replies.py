"""An answer that was given on a page: kept, planned by, and replied to in the person's language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts import Clock
from alerts.decide import Pace
from alerts.delivery import Answer
from alerts.words import Words
from gateway.hearing import Hearing
from gateway.store import Store, tables
from gateway.store.answering import NoSuchIncursion, answer
from gateway.web.access import Visitor

CHANNEL = "web"
LONGEST_NOTE = 500
"""Letters."""
WAITED = timedelta(seconds=60)
"""An answer that lay on a phone for longer says in its note when it was given."""


@dataclass(frozen=True, slots=True)
class Reply:
    taken: bool
    sentence: str
    """In the person's language; the English in a second line where nobody has reviewed that."""


class Replies:
    def __init__(self, store: Store, clock: Clock, pace: Pace, planned: Callable[[], None]) -> None:
        """`planned` is called when there may be something to tell."""
        self._store = store
        self._clock = clock
        self._pace = pace
        self._planned = planned
        self._hearing = Hearing(store, clock, pace=pace)

    def to(
        self, visitor: Visitor, incursion: int, said: Answer, *, note: str = "", waited: timedelta = timedelta(),
        channel: str = CHANNEL,
    ) -> Reply | None:  # fmt: skip
        """None when the visitor's park has no such incursion. `waited`: how long ago the person said it."""
        now = self._clock.now()
        with self._store.reading() as session:
            zone = ZoneInfo(session.get_one(tables.Park, visitor.park).zone)
        told = [note.strip()[:LONGEST_NOTE]] if note.strip() else []
        if waited > WAITED:
            told.append(f"said at {(now - waited).astimezone(zone):%H:%M}, when the phone was not connected")
        try:
            outcome = answer(
                self._store, visitor.park, incursion, visitor.person, said,
                now=now, channel=channel, note="; ".join(told), pace=self._pace,
            )  # fmt: skip
        except NoSuchIncursion:
            return None
        self._planned()
        return Reply(outcome.taken, self._hearing.said(Words(visitor.language), zone, outcome))
