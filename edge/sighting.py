"""What one camera saw as one party passed it: opened by enough votes, updated, closed by quiet.

Pure: frames and time in, tellings with their reasons out. Nothing here touches a disk or a wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from edge.frame import Frame
from models.detection import Detection
from wire.messages import CANARY, Stages, State


@dataclass(frozen=True, slots=True)
class SightingSettings:
    quiet_s: float = 10.0
    """Nothing seen for so long closes it."""
    longest_s: float = 60.0
    """Closed after so long in any case, and carried on by a new one."""
    update_s: float = 5.0
    """Between two tellings at least so long, but for the first and the last."""
    better: float = 1.5
    """A photo must be so many times better than the best told one to be told."""
    photos: int = 4
    """At most so many photos per sighting (the wire allows 8)."""

    def __post_init__(self) -> None:
        if not 1 <= self.photos <= 8:
            raise ValueError(f"sighting.photos: {self.photos}; expected 1 to 8")
        if not 0 < self.quiet_s <= self.longest_s:
            raise ValueError(f"sighting.quiet_s: {self.quiet_s}; expected above 0, at most longest_s {self.longest_s}")


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame with what was detected in it."""

    frame: Frame
    detections: tuple[Detection, ...]
    quality: float
    stages: Stages


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """The state of a sighting, to be told now."""

    reason: str
    number: int
    """Counts the sightings of this program start, from 1."""
    previous: int | None
    """The number of the sighting that this one carries on."""
    revision: int
    state: State
    opened_at: datetime
    seen_at: datetime
    counts: Mapping[str, int]
    shots: tuple[Shot, ...]
    """All that were told and the new one, best first."""
    stages: Stages


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    number: int
    previous: int | None
    opened_at: datetime
    opened_s: float
    seen_at: datetime
    seen_s: float
    counts: Mapping[str, int]
    stages: Stages
    best: Shot
    told: tuple[Shot, ...] = ()
    told_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    told_s: float = 0.0
    revision: int = -1


@dataclass(frozen=True, slots=True)
class _Cut:
    """A sighting that was closed at its longest time, and when it was last seen."""

    number: int
    seen_s: float


class Sightings:
    """The one sighting that is open, if any. Times are `Frame.seconds`."""

    def __init__(self, settings: SightingSettings | None = None) -> None:
        self._settings = settings or SightingSettings()
        self._count = 0
        self._open: _Open | None = None
        self._cut: _Cut | None = None
        self._first: Shot | None = None

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def see(self, shot: Shot, agreed: Mapping[str, int]) -> list[Telling]:
        """A frame that the detector looked at; `agreed` is label → count as the votes have it."""
        now = shot.frame.seconds
        tellings = self.pass_time(now)
        if not shot.detections:
            return tellings
        if self._open is not None:
            self._open = _grown(self._open, shot, agreed)
        elif agreed:
            self._open = self._begin(shot, agreed)
        else:
            # The frame that begins the votes is often the one with the face.
            self._first = _better(self._first, shot, now - self._settings.quiet_s)
            return tellings
        if (reason := self._why_tell(self._open, now)) is not None:
            tellings.append(self._tell(self._open, reason, State.OPEN, now))
        return tellings

    def pass_time(self, now: float) -> list[Telling]:
        """To be called now and then, also when no frame comes."""
        if self._open is None:
            return []
        if now - self._open.seen_s >= self._settings.quiet_s:
            return [self._close(self._open, f"nothing seen for {now - self._open.seen_s:.0f} s", now)]
        if now - self._open.opened_s >= self._settings.longest_s:
            self._cut = _Cut(self._open.number, self._open.seen_s)
            return [self._close(self._open, f"open for {now - self._open.opened_s:.0f} s, the longest", now)]
        return []

    def stop(self, now: float) -> list[Telling]:
        """The program ends: closes what is open."""
        return [] if self._open is None else [self._close(self._open, "the camera stops", now)]

    def canary(self, shot: Shot, at: datetime) -> Telling:
        """The daily test: a sighting of its own, closed as it opens. One that is open is left alone."""
        self._count += 1
        return Telling(
            reason="the daily canary", number=self._count, previous=None, revision=0, state=State.CLOSED, opened_at=at,
            seen_at=at, counts={CANARY: 1}, shots=(shot,), stages=shot.stages,
        )  # fmt: skip

    def _begin(self, shot: Shot, agreed: Mapping[str, int]) -> _Open:
        now = shot.frame.seconds
        self._count += 1
        previous = None
        if self._cut is not None and now - self._cut.seen_s < self._settings.quiet_s:
            previous = self._cut.number
        best = _better(self._first, shot, now - self._settings.quiet_s)
        self._first = self._cut = None
        return _Open(
            number=self._count, previous=previous, opened_at=shot.frame.at, opened_s=now, seen_at=shot.frame.at,
            seen_s=now, counts=dict(agreed), stages=shot.stages, best=best,
        )  # fmt: skip

    def _why_tell(self, sighting: _Open, now: float) -> str | None:
        if sighting.revision < 0:
            return "opened"
        if now - sighting.told_s < self._settings.update_s:
            return None
        grown = [label for label, count in sighting.counts.items() if count > sighting.told_counts.get(label, 0)]
        if grown:
            return "more: " + ", ".join(f"{sighting.counts[label]} {label}" for label in sorted(grown))
        if self._has_better_photo(sighting):
            return "better photo"
        return None

    def _has_better_photo(self, sighting: _Open) -> bool:
        if len(sighting.told) >= self._settings.photos:
            return False
        return sighting.best.quality >= self._settings.better * max(shot.quality for shot in sighting.told)

    def _close(self, sighting: _Open, reason: str, now: float) -> Telling:
        self._open = None
        return self._telling(sighting, reason, State.CLOSED, now)[1]

    def _tell(self, sighting: _Open, reason: str, state: State, now: float) -> Telling:
        self._open, telling = self._telling(sighting, reason, state, now)
        return telling

    def _telling(self, sighting: _Open, reason: str, state: State, now: float) -> tuple[_Open, Telling]:
        told = sighting.told
        more_people = any(count > sighting.told_counts.get(label, 0) for label, count in sighting.counts.items())
        is_new = all(sighting.best is not shot for shot in told)
        room = len(told) < self._settings.photos
        if not told or (is_new and room and (self._has_better_photo(sighting) or more_people)):
            told = tuple(sorted((*told, sighting.best), key=lambda shot: -shot.quality))
        sighting = replace(sighting, told=told, told_counts=sighting.counts, told_s=now, revision=sighting.revision + 1)
        return sighting, Telling(
            reason=reason, number=sighting.number, previous=sighting.previous, revision=sighting.revision, state=state,
            opened_at=sighting.opened_at, seen_at=sighting.seen_at, counts=sighting.counts, shots=told,
            stages=sighting.stages,
        )  # fmt: skip


def _grown(sighting: _Open, shot: Shot, agreed: Mapping[str, int]) -> _Open:
    counts = dict(sighting.counts)
    for label, count in agreed.items():
        counts[label] = max(count, counts.get(label, 0))
    best = shot if shot.quality > sighting.best.quality else sighting.best
    return replace(sighting, seen_at=shot.frame.at, seen_s=shot.frame.seconds, counts=counts, best=best)


def _better(one: Shot | None, other: Shot, not_before: float) -> Shot:
    if one is None or one.frame.seconds < not_before or other.quality >= one.quality:
        return other
    return one
