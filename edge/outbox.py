"""Stamps, signs and spools: the one way by which anything leaves the camera."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from edge.clock import Clock
from edge.spool import Promise, Spool
from wire.envelope import seal
from wire.keys import SigningKey
from wire.messages import ClockQuality, Upward
from wire.topics import Kind, Topic


class Stamp(TypedDict):
    """What every message begins with, as the keyword arguments of an Upward."""

    boot: int
    sequence: int
    at: datetime
    clock: ClockQuality
    uptime_ms: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A signed message that is not spooled."""

    topic: str
    sealed: bytes


class Outbox:
    """One camera's voice."""

    def __init__(self, park: str, camera: str, key: SigningKey, clock: Clock, spool: Spool) -> None:
        self.park = park
        self.camera = camera
        self._key = key
        self._clock = clock
        self._spool = spool

    def post(
        self,
        kind: Kind,
        make: Callable[[Stamp], Upward],
        *,
        promising: Callable[[], Iterable[Promise]] = tuple,
        keeping: bytes | None = None,
    ) -> int:
        """Spools what `make` made of its stamp: on the disk when this returns with its sequence. Raises NoRoom.

        `promising` and `keeping` as `Spool.put` takes them.
        """
        topic = Topic(self.park, self.camera, kind)
        return self._spool.put(
            kind,
            str(topic),
            lambda sequence: seal(make(self._stamp(sequence)).encode(), topic, self._key),
            promising=promising,
            keeping=keeping,
        )

    def promised(self) -> list[Promise]:
        """The previews that were announced and never spooled."""
        return self._spool.promised()

    def give_up_promise(self, original: bytes) -> None:
        """Its preview will never be made."""
        self._spool.give_up_promise(original)

    def sign(self, kind: Kind, make: Callable[[Stamp], Upward]) -> Letter:
        """As `post`, but only stamped and signed: for what is void once the connection is gone."""
        topic = Topic(self.park, self.camera, kind)
        payload = make(self._stamp(self._spool.take_sequence())).encode()
        return Letter(str(topic), seal(payload, topic, self._key))

    def _stamp(self, sequence: int) -> Stamp:
        return Stamp(
            boot=self._spool.boot,
            sequence=sequence,
            at=self._clock.now(),
            clock=self._clock.quality(),
            uptime_ms=self._clock.uptime_ms(),
        )
