"""Detectors: what finds people, vehicles and animals in one frame."""

from typing import Protocol

from edge.frame import Image
from models.detection import Detection


class Detector(Protocol):
    """For one thread at a time."""

    @property
    def name(self) -> str:
        """The model's name, as in its card."""
        ...

    def detect(self, frame: Image) -> list[Detection]:
        """What is in `frame` (height, width, 3; BGR; any size, also a part of a larger one), surest first.

        Boxes are fractions of `frame`, which is not changed. Raises ValueError when `frame` is no such picture.
        """
        ...
