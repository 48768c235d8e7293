"""One picture, with the time it was taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(height, width, 3), blue-green-red, 0 to 255."""

Grey = NDArray[np.uint8]
"""(height, width), 0 black."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    image: Image
    number: int
    """Counts the frames of this program start, from 0. A gap says that frames were passed over."""
    at: datetime
    """When the shutter closed, in UTC, by the camera's clock."""
    seconds: float
    """The source's own even time. Decisions go by it: it never jumps, and replays as fast as possible keep it right."""
    taken: float
    """`time.monotonic()` at `at`, so that later stages of this frame can be told in the same clock."""

    def at_stage(self, monotonic: float) -> datetime:
        """The wall time of a later moment of this frame's way, even if the wall clock was set in between."""
        return self.at + timedelta(seconds=max(0.0, monotonic - self.taken))
