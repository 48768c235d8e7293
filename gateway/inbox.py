"""The inbox: one thread that takes what waits, stores it in one transaction, and only then says so.

Receipts and acknowledgements follow the commit. What the database or the photo store cannot take now stays in hand,
unacknowledged, and is tried again; what can never be taken is set aside, and the next message is handled at once.
"""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import delete, func, insert, select, update

from alerts import Clock
from gateway.identity import Keyring
from gateway.intake import Incoming, SetAside, examine, refusal_of
from gateway.photos import Kept, Photos, PhotoTrouble
from gateway.receipts import receipts
from gateway.store import Store
from gateway.store.engine import is_outage
from gateway.store.recording import Recording, record
from gateway.store.tables import Park, Quarantine
from gateway.taken import Taken
from wire import topics
from wire.envelope import LARGEST
from wire.keys import SigningKey
from wire.messages import Preview

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class InboxSettings:
    group: int = 256
    """Messages at most in one transaction."""
    quarantine: int = 1_000
    """How many messages that were set aside are kept; the oldest go."""
    slowest_retry: timedelta = timedelta(seconds=10)
    recording: Recording = field(default_factory=Recording)


@dataclass(slots=True)
class Counts:
    """Since the program's start."""

    stored: int = 0
    set_aside: int = 0
    retries: int = 0


class Line(Protocol):
    """What the inbox needs of the connection to the broker."""

    def next_group(self, most: int) -> list[Incoming]: ...

    def ack(self, incoming: Incoming) -> None: ...

    def send(self, topic: topics.Topic, sealed: bytes) -> None: ...


class Inbox:
    def __init__(
        self,
        store: Store,
        photos: Photos,
        link: Line,
        *,
        key: SigningKey,
        clock: Clock,
        settings: InboxSettings,
        stored: Callable[[], None] = lambda: None,
    ) -> None:
        """`stored` is called after each commit: there may be something to tell."""
        self.counts = Counts()
        self._store = store
        self._photos = photos
        self._link = link
        self._key = key
        self._clock = clock
        self._stored = stored
        self._settings = settings
        self._keyring = Keyring()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. What is in hand then is not acknowledged, and comes again."""
        while not stop.is_set():
            if group := self._link.next_group(self._settings.group):
                self._handle(group, stop)

    def _handle(self, group: Sequence[Incoming], stop: threading.Event) -> None:
        """Returns when each message is stored or set aside, or when `stop` is set."""
        tries = 0
        while not stop.is_set():
            try:
                self._store_and_tell(group)
            except Exception as wrong:  # noqa: BLE001 - a boundary: the inbox outlives whatever one group does to it
                tries += 1
                outage = is_outage(wrong) or isinstance(wrong, PhotoTrouble)
                if len(group) > 1 and (not outage or tries == 3):
                    log.warning("a group could not be stored; now one by one", messages=len(group), why=_words(wrong))
                    for each in group:
                        self._handle([each], stop)
                    return
                if len(group) == 1 and self._is_done_with(group[0], wrong, tries, outage=outage):
                    return
                self.counts.retries += 1
                log.warning("cannot store now; tried again", messages=len(group), tries=tries, why=_words(wrong))
                stop.wait(self._pause(tries))
            else:
                return

    def _is_done_with(self, incoming: Incoming, wrong: Exception, tries: int, *, outage: bool) -> bool:
        """Whether a message that cannot be stored is out of the way of the next."""
        try:
            if not outage:
                log.error("a message cannot be stored", topic=incoming.topic, exc_info=wrong)
                self._set_aside_alone(incoming, f"store: it does not take this message ({_words(wrong)})")
                return True
            if tries >= 5 and not isinstance(wrong, PhotoTrouble) and self._others_can_be_stored():
                # The database may have recovered just now, so this is no verdict: its camera sends it again.
                log.error("left with its camera for now", topic=incoming.topic, exc_info=wrong)
                self._link.ack(incoming)
                return True
        except Exception as also:  # noqa: BLE001 - the boundary of _handle, for this second write
            log.warning("nor can it be set aside now", topic=incoming.topic, why=_words(also))
        return False

    def _others_can_be_stored(self) -> bool:
        with self._store.writing() as session:
            session.execute(update(Park).values(change=Park.change).execution_options(synchronize_session=False))
        return True

    def _set_aside_alone(self, incoming: Incoming, reason: str) -> None:
        examined = examine(incoming, self._keyring)
        aside = refusal_of(examined, incoming, reason) if isinstance(examined, Taken) else examined
        self._commit([], [aside])
        self._tell([], [aside], [incoming])

    def _store_and_tell(self, group: Sequence[Incoming]) -> None:
        with self._store.reading() as session:
            self._keyring.refresh(session)
        examined = [(incoming, examine(incoming, self._keyring)) for incoming in group]
        taken = [(incoming, each) for incoming, each in examined if isinstance(each, Taken)]
        aside = [each for _, each in examined if isinstance(each, SetAside)]
        previews = [
            Kept(each.preview.path, each.message.image)
            for _, each in taken
            if each.preview is not None and isinstance(each.message, Preview)
        ]
        if previews:
            self._photos.keep(previews)  # durable before the commit that speaks of them
        stored, conflicting = self._commit(taken, aside)
        self._tell(stored, aside + conflicting, group)

    def _commit(
        self, taken: Sequence[tuple[Incoming, Taken]], aside: Sequence[SetAside]
    ) -> tuple[list[Taken], list[SetAside]]:
        """One transaction for all. What is stored now, and what was found to be unstorable, which is set aside too."""
        now = self._clock.now()
        with self._store.writing() as session:
            verdicts = record(session, [each for _, each in taken], now, self._settings.recording)
            conflicting = [
                refusal_of(each, incoming, why)
                for (incoming, each), why in zip(taken, verdicts, strict=True)
                if why is not None
            ]
            if rows := [_row(each) for each in (*aside, *conflicting)]:
                session.execute(insert(Quarantine), rows)
                newest = select(func.max(Quarantine.number)).scalar_subquery()
                session.execute(
                    delete(Quarantine)
                    .where(Quarantine.number <= newest - self._settings.quarantine)
                    .execution_options(synchronize_session=False)
                )
        return [each for (_, each), why in zip(taken, verdicts, strict=True) if why is None], conflicting

    def _tell(self, stored: Sequence[Taken], aside: Sequence[SetAside], group: Sequence[Incoming]) -> None:
        """After the commit, and never before it."""
        for each in aside:
            log.warning("set aside", topic=each.incoming.topic, size=len(each.incoming.payload), reason=each.reason)
        self._stored()
        for topic, sealed in receipts(stored, aside, self._key, self._clock.now()):
            self._link.send(topic, sealed)
        for incoming in group:
            self._link.ack(incoming)
        self.counts.stored += len(stored)
        self.counts.set_aside += len(aside)

    def _pause(self, tries: int) -> float:
        """Seconds: doubled from 0.1 up to the slowest, then cut by chance so that several inboxes spread out."""
        longest = min(self._settings.slowest_retry.total_seconds(), 0.1 * 2 ** min(tries, 16))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _row(aside: SetAside) -> dict[str, object]:
    incoming = aside.incoming
    return {
        "received_at": incoming.received_at,
        "topic": incoming.topic[:500].replace("\x00", "\\x00"),
        "size": len(incoming.payload),
        "sealed": incoming.payload[:LARGEST],
        "reason": aside.reason,
    }


def _words(wrong: Exception) -> str:
    return " ".join(str(getattr(wrong, "orig", None) or wrong).split())[:300]
