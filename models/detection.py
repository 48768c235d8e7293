"""What a detector says of one frame."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["person", "vehicle", "animal"]

KINDS: dict[str, Kind] = {
    "person": "person",
    "bicycle": "vehicle",
    "car": "vehicle",
    "motorcycle": "vehicle",
    "bus": "vehicle",
    "truck": "vehicle",
    "vehicle": "vehicle",
    "animal": "animal",
    "bear": "animal",
    "bird": "animal",
    "cat": "animal",
    "cattle": "animal",
    "dog": "animal",
    "elephant": "animal",
    "giraffe": "animal",
    "horse": "animal",
    "sheep": "animal",
    "zebra": "animal",
}
"""Every label a card may use, and what it is to a ranger."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """Left-top corner and size as fractions (0 to 1) of the frame."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        for low, size, axis in ((self.x, self.width, "x and width"), (self.y, self.height, "y and height")):
            # Written so that NaN fails too.
            if not (low >= -_ROUNDING and size >= 0 and low + size <= 1 + _ROUNDING):
                raise ValueError(f"box: {axis} are {low!r} and {size!r}; expected fractions that stay within 0 to 1")


@dataclass(frozen=True, slots=True)
class Detection:
    """One box in one frame."""

    label: str
    score: float
    """How sure the model is, 0 to 1. Scores of two models do not compare."""
    box: Box

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("detection: label is empty; expected a word such as 'person'")
        if not 0 <= self.score <= 1:
            raise ValueError(f"detection: score is {self.score!r}; expected 0 to 1")


def kind(label: str) -> Kind | None:
    """What `label` is to a ranger; None for a label that means nothing to one."""
    return KINDS.get(label)
