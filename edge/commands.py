"""What the gateway asks for: done once, and answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from edge import durable
from edge.clock import Clock
from edge.originals import Originals
from edge.outbox import Outbox
from edge.spool import NoRoom
from wire.messages import ClockQuality, Command, Original, Outcome, Reply
from wire.topics import Kind

_log = structlog.get_logger()

PIECE = 32_000
"""Bytes of an original per message: four seconds on a slow mobile link."""


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    words: str = ""


class Done:
    """The numbers of the commands that were begun, in `commands.json`. The oldest are known by a floor."""

    def __init__(self, folder: Path, remembered: int = 512) -> None:
        self._path = folder / "commands.json"
        self._remembered = remembered
        self._floor = -1
        self._numbers: set[int] = set()
        try:
            kept = json.loads(self._path.read_text())
            self._floor, self._numbers = int(kept["floor"]), {int(number) for number in kept["numbers"]}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as broken:
            _log.error("the record of commands is lost", path=str(self._path), error=str(broken))

    def __contains__(self, number: int) -> bool:
        return number <= self._floor or number in self._numbers

    def add(self, number: int) -> None:
        """On the disk when this returns."""
        self._numbers.add(number)
        while len(self._numbers) > self._remembered:
            self._floor = min(self._numbers)
            self._numbers.remove(self._floor)
        durable.replace(self._path, json.dumps({"floor": self._floor, "numbers": sorted(self._numbers)}).encode())


class Commands:
    """Obeys. A command is marked as done before it is done: better once too few than twice, the gateway asks again."""

    def __init__(self, folder: Path, outbox: Outbox, originals: Originals, clock: Clock) -> None:
        self._done = Done(folder)
        self._outbox = outbox
        self._originals = originals
        self._clock = clock
        self._orders: dict[str, Callable[[Command], Answer]] = {"ping": self._ping, "original": self._original}

    def obey(self, command: Command) -> None:
        """`command` is already known to be the gateway's."""
        if command.number in self._done:
            _log.info("a command came again; it was done already", number=command.number)
            return
        self._done.add(command.number)
        answer = self._answer(command)
        _log.info(
            "command", number=command.number, order=command.order, outcome=answer.outcome.name, words=answer.words
        )
        try:
            self._outbox.post(
                Kind.REPLY,
                lambda stamp: Reply(**stamp, command=command.number, outcome=answer.outcome, words=answer.words[:400]),
            )
        except NoRoom as full:
            _log.error("a reply was given up", number=command.number, error=str(full))

    def _answer(self, command: Command) -> Answer:
        if expired(command, self._clock.now(), self._clock.quality()):
            return Answer(Outcome.REFUSED, f"expired at {command.expires:%Y-%m-%d %H:%M:%S} UTC")
        order = self._orders.get(command.order)
        if order is None:
            known = ", ".join(sorted(self._orders))
            return Answer(Outcome.REFUSED, f"{command.order!r} is no order that this camera knows; expected {known}")
        try:
            return order(command)
        except Exception as fault:  # noqa: BLE001 - one order's failure is told, and the camera runs on
            _log.exception("a command failed", number=command.number, order=command.order)
            return Answer(Outcome.FAILED, f"{type(fault).__name__}: {fault}")

    def _ping(self, _: Command) -> Answer:
        return Answer(Outcome.DONE, "here")

    def _original(self, command: Command) -> Answer:
        """`words`: {"original": the 32 bytes of its SHA-256}. Spools the photo in pieces, behind everything else."""
        original = command.words.get("original")
        if not isinstance(original, bytes) or len(original) != 32:
            return Answer(Outcome.REFUSED, f"original: {original!r:.80}; expected the 32 bytes of its SHA-256")
        photo = self._originals.read(original)
        if photo is None:
            return Answer(Outcome.REFUSED, f"original {original.hex()} is not kept here (any more)")
        try:
            for offset in range(0, len(photo), PIECE):
                self._post_piece(original, photo, offset)
        except NoRoom as full:
            return Answer(Outcome.FAILED, str(full))
        return Answer(Outcome.DONE, f"{len(photo)} bytes follow")

    def _post_piece(self, original: bytes, photo: bytes, offset: int) -> None:
        self._outbox.post(
            Kind.ORIGINAL,
            lambda stamp: Original(
                **stamp, original=original, offset=offset, size=len(photo), piece=photo[offset : offset + PIECE]
            ),
        )


def expired(command: Command, now: datetime, clock: ClockQuality) -> bool:
    """Whether the command is void. A clock that nothing has set cannot tell, and does not."""
    return clock is not ClockQuality.UNSET and now >= command.expires
