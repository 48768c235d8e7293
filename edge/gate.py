"""The motion gate: which frames are worth the detector's time, and where in them something moved.

Each pixel of a small grey copy has a slow mean and a slow deviation. What leaves its own deviation moved: so branches
that sway all day stop counting after a while, and a person who stands is not learnt at once.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.frame import Grey
from edge.pictures import blobs, thickened

_MOST_REGIONS = 12


@dataclass(frozen=True, slots=True)
class GateSettings:
    width: int = 160
    """Pixels across the grey copy that the gate looks at."""
    step: float = 14.0
    """Grey levels (0 to 255) a pixel must differ by at least; sensor noise by day is about 3."""
    deviations: float = 4.0
    """And by so many times its own usual deviation."""
    smallest: float = 0.0004
    """Fraction of the picture that a patch must cover: a walker 25 pixels tall in 640 by 480 covers 0.0008."""
    learn_s: float = 8.0
    """In this time the background learns about two thirds of a change."""
    flash: float = 0.6
    """When more of the picture than this changed at once, the light did."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where something moved: left-top corner and size as fractions of the frame."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Motion:
    """What the gate says of one frame."""

    reason: str
    regions: tuple[Region, ...] = ()
    """Largest first. Empty: nothing moved."""

    @property
    def moved(self) -> bool:
        return bool(self.regions)


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


class Gate:
    """Keeps the background of one camera."""

    def __init__(self, settings: GateSettings | None = None) -> None:
        self._settings = settings or GateSettings()
        self._mean: NDArray[np.float32] | None = None
        self._deviation = np.zeros((0, 0), np.float32)
        self._last = 0.0

    def look(self, grey: Grey, seconds: float) -> Motion:
        """`grey` is (height, width), 0 black; `seconds` an even time. The first frame never moved."""
        now = grey.astype(np.float32)
        if self._mean is None or self._mean.shape != now.shape:
            self._begin(now, seconds)
            return Motion("first frame")
        difference = np.abs(now - self._mean)
        hot = difference > np.maximum(self._settings.step, self._settings.deviations * self._deviation)
        changed = float(np.count_nonzero(hot)) / hot.size
        if changed > self._settings.flash:
            # A cloud, a lamp, or somebody's torch: looked at once, whole, and from then on it is the background.
            self._begin(now, seconds)
            return Motion(f"the light changed on {changed:.0%} of the picture", (WHOLE,))
        self._learn(now, difference, hot, seconds)
        regions = self._regions(hot.astype(np.uint8))
        if not regions:
            return Motion("nothing moved")
        return Motion(f"{len(regions)} moved", regions)

    def _begin(self, now: NDArray[np.float32], seconds: float) -> None:
        self._mean, self._last = now, seconds
        self._deviation = np.full(now.shape, self._settings.step / self._settings.deviations, np.float32)

    def _learn(
        self, now: NDArray[np.float32], difference: NDArray[np.float32], hot: NDArray[np.bool_], seconds: float
    ) -> None:
        assert self._mean is not None  # noqa: S101 - `look` has begun
        rate = 1 - math.exp(-max(0.0, seconds - self._last) / self._settings.learn_s)
        self._last = seconds
        # What moved is learnt at a quarter of the rate, and how much it moves at an eighth: whoever stands still stays
        # in sight for a while, and grass that sways is known after a minute.
        slow = np.where(hot, np.float32(rate / 4), np.float32(rate))
        self._mean = self._mean + slow * (now - self._mean)
        slower = np.where(hot, np.float32(rate / 8), np.float32(rate))
        seen = np.minimum(difference, np.float32(2 * self._settings.step))
        self._deviation = self._deviation + slower * (seen - self._deviation)

    def _regions(self, mask: NDArray[np.uint8]) -> tuple[Region, ...]:
        high, wide = mask.shape
        least = self._settings.smallest * mask.size
        patches = [patch for patch in blobs(thickened(mask, 1)) if self._really_hot(mask, patch) >= least]
        patches.sort(key=lambda patch: patch[2] * patch[3], reverse=True)
        return tuple(
            Region(x / wide, y / high, width / wide, height / high)
            for x, y, width, height, _ in patches[:_MOST_REGIONS]
        )

    @staticmethod
    def _really_hot(mask: NDArray[np.uint8], patch: tuple[int, int, int, int, int]) -> int:
        x, y, width, height, _ = patch
        return int(np.count_nonzero(mask[y : y + height, x : x + width]))


def why_detect(motion: Motion, since_seen: float | None, since_look: float | None) -> str | None:
    """Why the detector is to look at this frame, or None.

    `since_seen` is seconds since something was last detected, `since_look` since the detector last looked. Whoever
    was seen and stops moving is still looked for, a little less often, and then rarely.
    """
    if motion.moved:
        return motion.reason
    if since_seen is None or since_look is None:
        return None
    if since_seen < 3 and since_look >= 0.4:
        return "seen a moment ago"
    if since_seen < 15 and since_look >= 1:
        return "seen lately"
    return None
