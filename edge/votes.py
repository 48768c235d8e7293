"""N of the last M looked-at frames: one odd box in one frame is not yet a person."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoteSettings:
    needed: int = 2
    of: int = 4
    within_s: float = 4.0
    """A vote older than this no longer counts."""

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= self.of:
            raise ValueError(f"votes: {self.needed} of {self.of}; expected 1 ≤ needed ≤ of")


class Votes:
    """The last frames that the detector looked at."""

    def __init__(self, settings: VoteSettings | None = None) -> None:
        self._settings = settings or VoteSettings()
        self._frames: deque[tuple[float, Mapping[str, int]]] = deque(maxlen=self._settings.of)

    def add(self, seconds: float, counts: Mapping[str, int]) -> dict[str, int]:
        """Label → how many, as enough of the last frames agree on; labels with none are left out.

        `counts` is what this frame showed. Three frames that show 1, 3 and 2 people agree, at 2 needed, on 2.
        """
        self._frames.append((seconds, counts))
        recent = [counts for at, counts in self._frames if seconds - at <= self._settings.within_s]
        agreed: dict[str, int] = {}
        for label in {label for counts in recent for label in counts}:
            ranked = sorted((counts.get(label, 0) for counts in recent), reverse=True)
            if len(ranked) >= self._settings.needed and (count := ranked[self._settings.needed - 1]):
                agreed[label] = count
        return agreed
