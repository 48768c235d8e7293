"""How many photos a model answers rightly, by what is on them and in which light, and at which threshold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.detection import Box, Detection, Kind, kind
from models.manifest import BOX_KINDS, Row

FLOOR = 0.1
"""The threshold to detect at, once for each photo; every other is then a matter of counting."""
SWEEP = tuple(round(0.1 + 0.05 * step, 2) for step in range(17))
OVERLAP = 0.4
"""Intersection over union from which a box is found."""
WANTED: tuple[Kind, ...] = ("person", "vehicle")
"""What an alert is about; seen where there is only an animal or nothing, it is a false alarm."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One photo, and everything that was seen on it, at FLOOR or surer."""

    row: Row
    seen: tuple[Detection, ...]

    def has(self, wanted: Kind, threshold: float) -> bool:
        return any(each.score >= threshold and kind(each.label) == wanted for each in self.seen)


@dataclass(frozen=True, slots=True)
class Count:
    found: int
    of: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """At one threshold. Photos are counted, except in `boxes`."""

    threshold: float
    person: Count
    vehicle: Count
    animal: Count
    false_alarms: Count
    """Photos of an animal or of nothing on which a person or a vehicle was seen."""
    false_persons: Count
    """The same of persons alone, on photos without a person (they may hold vehicles)."""
    boxes: dict[Kind, Count]
    """Drawn boxes that a detection of the same kind covers. Empty where none were drawn."""


def judge(rows: Iterable[Row], detect: Callable[[Row], Sequence[Detection]]) -> Iterator[Judged]:
    """Asks `detect`, which is to use FLOOR as its threshold, once for each row."""
    for row in rows:
        yield Judged(row, tuple(each for each in detect(row) if each.score >= FLOOR))


def outcome(judged: Sequence[Judged], threshold: float) -> Outcome:
    def count(label: str, wanted: Kind) -> Count:
        photos = [each for each in judged if each.row.label == label]
        return Count(sum(each.has(wanted, threshold) for each in photos), len(photos))

    quiet = [each for each in judged if each.row.label in {"animal", "empty"}]
    alarms = sum(any(each.has(wanted, threshold) for wanted in WANTED) for each in quiet)
    return Outcome(
        threshold=threshold,
        person=count("person", "person"),
        vehicle=count("vehicle", "vehicle"),
        animal=count("animal", "animal"),
        false_alarms=Count(alarms, len(quiet)),
        false_persons=count("no-person", "person"),
        boxes=_boxes(judged, threshold),
    )


def by_light(judged: Sequence[Judged], threshold: float) -> dict[str, Outcome]:
    lights = sorted({each.row.light for each in judged})
    return {light: outcome([each for each in judged if each.row.light == light], threshold) for light in lights}


def sweep(judged: Sequence[Judged], thresholds: Sequence[float] = SWEEP) -> list[Outcome]:
    return [outcome(judged, threshold) for threshold in thresholds]


def _boxes(judged: Sequence[Judged], threshold: float) -> dict[Kind, Count]:
    totals: dict[Kind, Count] = {}
    for wanted in BOX_KINDS:
        found = of = 0
        for each in judged:
            drawn = [labelled.box for labelled in each.row.boxes or () if labelled.kind == wanted]
            seen = [one.box for one in each.seen if one.score >= threshold and kind(one.label) == wanted]
            of += len(drawn)
            found += _covered(drawn, seen)
        if of:
            totals[wanted] = Count(found, of)
    return totals


def _covered(drawn: Sequence[Box], seen: Sequence[Box]) -> int:
    """How many of `drawn` have one of `seen` to themselves, the best pairs first."""
    pairs = sorted(
        ((_overlap(one, other), i, j) for i, one in enumerate(drawn) for j, other in enumerate(seen)), reverse=True
    )
    taken: set[int] = set()
    spent: set[int] = set()
    for overlap, i, j in pairs:
        if overlap >= OVERLAP and i not in taken and j not in spent:
            taken.add(i)
            spent.add(j)
    return len(taken)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.width * one.height + other.width * other.height - common)
