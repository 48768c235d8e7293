"""A list of photos to judge a model by: a CSV file with the columns path, label and light, and optionally boxes."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from models.detection import Box, Kind
from models.errors import BadManifest

Label = Literal["person", "vehicle", "animal", "empty", "no-person"]
LABELS: tuple[Label, ...] = get_args(Label)
COLUMNS = ("path", "label", "light")
BOX_KINDS: tuple[Kind, ...] = ("person", "vehicle", "animal")
"""What the first number of a line in a box file means."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a box file says is there."""

    kind: Kind
    box: Box


@dataclass(frozen=True, slots=True)
class Row:
    photo: Path
    label: Label
    """`no-person` may hold vehicles and animals."""
    light: str
    """A word such as day, ir, flash; what is counted together."""
    boxes: tuple[Labelled, ...] | None
    """None: nobody drew boxes for this photo."""


def read(manifest: Path, boxes: Path | None = None) -> list[Row]:
    """The rows of `manifest`; paths in it are relative to its folder. Raises BadManifest, which names every mistake.

    `boxes` is a folder with a file NAME.txt for the photos NAME.* that have one, unless the row's column `boxes` names
    another. A line of it is a class (0 person, 1 vehicle, 2 animal), then centre x, centre y, width and height as
    fractions of the photo.
    """
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise BadManifest(
                    f"{manifest}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)} in its first line"
                )
            lines = [(reader.line_num, cast("Mapping[str, str | None]", values)) for values in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise BadManifest(f"{manifest}: no CSV file that can be read: {wrong}") from None
    mistakes: list[str] = []
    rows = [row for line, values in lines for row in _row(manifest, boxes, line, values, mistakes)]
    if not lines:
        mistakes.append("no rows; expected at least one photo")
    if mistakes:
        raise BadManifest("\n  ".join([f"{manifest}: {len(mistakes)} mistake{'s' * (len(mistakes) != 1)}", *mistakes]))
    return rows


def _row(
    manifest: Path, boxes: Path | None, line: int, values: Mapping[str, str | None], mistakes: list[str]
) -> Iterator[Row]:
    """The row, or nothing and what is wrong with it added to `mistakes`."""
    before = len(mistakes)
    given = {column: (values.get(column) or "").strip() for column in (*COLUMNS, "boxes")}
    photo = manifest.parent / given["path"]
    if not photo.is_file():
        mistakes.append(f"line {line}, path: {given['path']!r}; expected a file, looked for {photo}")
    if given["label"] not in LABELS:
        mistakes.append(f"line {line}, label: {given['label']!r}; expected one of {', '.join(LABELS)}")
    if not given["light"]:
        mistakes.append(f"line {line}, light: ''; expected a word such as day, ir, flash")
    labelled: tuple[Labelled, ...] | None = None
    if given["boxes"]:
        labelled = _boxes(manifest.parent / given["boxes"], mistakes)
    elif boxes is not None and (beside := boxes / f"{photo.stem}.txt").is_file():
        labelled = _boxes(beside, mistakes)
    if len(mistakes) == before:
        yield Row(photo, cast(Label, given["label"]), given["light"], labelled)


def _boxes(path: Path, mistakes: list[str]) -> tuple[Labelled, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        mistakes.append(f"{path}: no box file that can be read: {wrong}")
        return ()
    found: list[Labelled] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_labelled(line))
            except ValueError as wrong:
                mistakes.append(f"{path}, line {number}: {line!r}; {wrong}")
    return tuple(found)


def _labelled(line: str) -> Labelled:
    words = line.split()
    if len(words) != 5:
        raise ValueError("expected five numbers: class, centre x, centre y, width, height")
    number, x, y, width, height = (float(word) for word in words)
    if number not in range(len(BOX_KINDS)):
        raise ValueError(f"expected a class of {', '.join(f'{i} ({kind})' for i, kind in enumerate(BOX_KINDS))}")
    if not all(math.isfinite(each) and -0.01 <= each <= 1.01 for each in (x, y, width, height)):
        raise ValueError("expected fractions from 0 to 1")
    left, top = max(0.0, x - width / 2), max(0.0, y - height / 2)
    # Labellers round: a box may reach a hair beyond the photo.
    return Labelled(
        BOX_KINDS[int(number)], Box(left, top, min(1.0, x + width / 2) - left, min(1.0, y + height / 2) - top)
    )
