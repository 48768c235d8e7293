"""How far each delivery of an alert got, as a page shows it. What is not known is said to be unknown, never assumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.channels import TRAITS
from gateway.store import tables
from gateway.web import words

BY_OPERATOR = "relay"
"""An operator says that it was told, having read it out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of decided, accepted, delivered, seen."""

    name: str
    state: str
    """'done', 'waiting' (it may still come), 'unknown' (the channel cannot say), 'failed' or 'held' (muted)."""
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    number: int
    name: str
    channel: str
    why: str
    """Why this person."""
    reason: str
    """Why then."""
    held: str | None
    """Muted, by this reason."""
    quiet: bool
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
        if self.held is not None and self.row.accepted_at is None:
            return "muted"
        done = [step.name for step in self.steps if step.state == "done"]
        return done[-1] if done else "decided"


def told(row: tables.Delivery, names: Mapping[str, str]) -> Told:
    """`names`: person → the name that people use."""
    return Told(
        number=row.number,
        name=names.get(row.person, row.person),
        channel=words.channel(row.channel),
        why=row.why,
        reason=row.reason,
        held=row.held,
        quiet=bool(row.quiet),
        steps=steps(row),
        trouble=row.trouble,
        over=row.over,
        row=row,
    )


def steps(row: tables.Delivery) -> tuple[Step, ...]:
    """Seen is a human act: it comes from whoever can answer on the channel, by answering."""
    traits = TRAITS.get(row.channel)
    relayed = row.channel == BY_OPERATOR
    says_delivered = relayed or (traits is not None and traits.says_delivered)
    return (
        Step("decided", "done", row.decided_at),
        _step("accepted", row.accepted_at, row, can_say=True),
        _step("delivered", row.delivered_at, row, can_say=says_delivered),
        _step("seen", row.seen_at, row, can_say=relayed or (traits is not None and traits.hears)),
    )


def _step(name: str, at: datetime | None, row: tables.Delivery, *, can_say: bool) -> Step:
    if at is not None:
        return Step(name, "done", at)
    if row.held is not None:
        return Step(name, "held", None)
    if not can_say:
        return Step(name, "unknown", None)
    return Step(name, "failed" if row.over else "waiting", None)
