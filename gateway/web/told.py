"""How far each delivery of an alert got, as a page shows it. What is not known is said to be unknown, never assumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.store import tables
from gateway.web import words

SAYS_DELIVERED = {"web"}
"""Channels that can say that the phone shows the alert."""
SAYS_SEEN = {"web"}
"""Channels that can say that a human has seen it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of decided, accepted, delivered, seen."""

    name: str
    state: str
    """'done', 'waiting' (it may still come), 'unknown' (the channel cannot say) or 'failed'."""
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    name: str
    channel: str
    reason: str
    steps: tuple[Step, ...]
    trouble: str | None
    over: bool
    """Refused for good."""
    row: tables.Delivery

    @property
    def summary(self) -> str:
        """The furthest that is known, in one word."""
        if self.over:
            return "refused"
        done = [step.name for step in self.steps if step.state == "done"]
        return done[-1] if done else "decided"


def told(row: tables.Delivery, names: Mapping[str, str]) -> Told:
    """`names`: person → the name that people use."""
    return Told(
        number=row.number,
        name=names.get(row.person, row.person),
        channel=words.channel(row.channel),
        reason=row.reason,
        steps=steps(row),
        trouble=row.trouble,
        over=row.over,
        row=row,
    )


def steps(row: tables.Delivery) -> tuple[Step, ...]:
    return (
        Step("decided", "done", row.decided_at),
        _step("accepted", row.accepted_at, can_say=True, over=row.over),
        _step("delivered", row.delivered_at, can_say=row.channel in SAYS_DELIVERED, over=row.over),
        _step("seen", row.seen_at, can_say=row.channel in SAYS_SEEN, over=row.over),
    )


def _step(name: str, at: datetime | None, *, can_say: bool, over: bool) -> Step:
    if at is not None:
        return Step(name, "done", at)
    if not can_say:
        return Step(name, "unknown", None)
    return Step(name, "failed" if over else "waiting", None)
