"""When not to tell aloud: silences, maintenance, planned patrols and quiet hours, asked through one question.

A mute never deletes an alert: what it holds back stays in the incursion, with its reason. One person alone never
blinds a camera: a silence of alerts about people has no effect until a second person, or an analyst, agrees.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.route import TECHNICAL, Matter


class MuteKind(StrEnum):
    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    """Somebody works on the camera: it hides what the work itself causes, and no people."""
    PATROL = "patrol"
    """People of ours are there: alerts arrive quietly, and say so."""
    QUIET_HOURS = "quiet-hours"
    """A person's own."""


class Effect(StrEnum):
    HELD = "held"
    """Not told; shown in the incursion with its reason."""
    QUIET = "quiet"
    """Told without a sound."""


@dataclass(frozen=True, slots=True)
class Mute:
    number: int
    kind: MuteKind
    author: str
    reason: str
    begins: datetime
    ends: datetime
    cameras: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    """A camera or an area of them; both empty: the whole park."""
    kinds: frozenset[str] = frozenset()
    """Of matters that are of nothing else; empty: all."""
    person: str | None = None
    """Only for this one's alerts."""
    agreed_by: str | None = None
    """The second person."""

    def covers(self, matter: Matter, person: str, now: datetime) -> bool:
        return (
            self.begins <= now < self.ends
            and (self.person is None or self.person == person)
            and (not (self.cameras or self.areas) or matter.camera in self.cameras or matter.area in self.areas)
            and (not self.kinds or (bool(matter.kinds) and matter.kinds <= self.kinds))
        )

    def needs_agreement(self) -> bool:
        """Whether it could hide people, and so is more than one person may decide."""
        return self.kind is MuteKind.SILENCE and not (self.kinds and self.kinds <= TECHNICAL)


@dataclass(frozen=True, slots=True)
class Muted:
    effect: Effect
    reason: str
    ours: bool = False
    """Whether people of ours are expected there."""


def muted(matter: Matter, person: str, mutes: Iterable[Mute], now: datetime) -> Muted | None:
    """What the mutes in force make of telling this person; the strongest wins, and then the one that ends last."""
    found = [
        (effect is Effect.HELD, mute.ends, mute, effect)
        for mute in mutes
        if mute.covers(matter, person, now) and (effect := _effect(mute, matter)) is not None
    ]
    ours = any(mute.kind is MuteKind.PATROL for _, _, mute, _ in found)
    if not found:
        return None
    _, _, mute, effect = max(found, key=lambda each: each[:2])
    return Muted(effect, _words(mute), ours)


def ends_next(mutes: Iterable[Mute], now: datetime) -> datetime | None:
    """When the answer to `muted` may change by time alone."""
    moments = [moment for mute in mutes for moment in (mute.begins, mute.ends) if moment > now]
    return min(moments, default=None)


def _effect(mute: Mute, matter: Matter) -> Effect | None:
    match mute.kind:
        case MuteKind.PATROL | MuteKind.QUIET_HOURS:
            return Effect.QUIET
        case MuteKind.MAINTENANCE:
            return Effect.HELD if matter.kinds and matter.kinds <= TECHNICAL else None
        case MuteKind.SILENCE:
            return None if mute.needs_agreement() and mute.agreed_by is None else Effect.HELD


def _words(mute: Mute) -> str:
    agreed = f", agreed by {mute.agreed_by}" if mute.agreed_by else ""
    return f"{mute.kind} {mute.number} of {mute.author}{agreed}: {mute.reason}"
