"""Scripted scenes, for trying the whole program without a camera or a model: coloured figures cross a still picture.

A script such as "empty 10, person 30, empty 20" is one pass: words, and for how many frames. A word is `empty` or a
figure that `edge.detectors.scripted` finds, with a number where there are several: "person*3 30". The script is played
`passes` times, and each frame carries the number of its pass, painted as a row of black and white cells along its
upper edge, which `read_number` reads back, from the original as well as from its preview.

How far it came is kept in a file: after a kill the scene goes on with the pass that was not yet shown to its end. So
every pass is shown at least once in whole, and a pass that a kill cut in two may make two sightings. To check that
none was lost: each number from 0 to passes - 1 is on the photo of at least one sighting. For one sighting per pass,
a script must end with more empty frames than `[sighting] quiet_s` takes.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge import durable
from edge.cameras.pace import Pace
from edge.clock import Clock
from edge.detectors.scripted import COLOURS
from edge.frame import Frame, Image

WIDTH, HEIGHT = 320, 240
_CELLS = 20
"""Two that mark the row (white, black), 14 of the number, 4 that check it."""
_ROW = HEIGHT // 12
MOST_PASSES = 2**14


@dataclass(frozen=True, slots=True)
class Act:
    """Some frames of a script with the same figures. `figure` None: nobody is there."""

    figure: str | None
    count: int
    frames: int


def parse(script: str) -> tuple[Act, ...]:
    """Raises ValueError with the word that is wrong."""
    return tuple(_act(words.strip()) for words in script.split(","))


def _act(words: str) -> Act:
    name, _, frames = words.partition(" ")
    figure, _, count = name.partition("*")
    expected = f"expected words like 'empty 10' or 'person*2 30', of {', '.join(['empty', *sorted(COLOURS)])}"
    if not frames.strip().isdecimal() or (count and not count.isdecimal()):
        raise ValueError(f"{words!r}: {expected}")
    if figure != "empty" and figure not in COLOURS:
        raise ValueError(f"{words!r}: there is no figure {figure!r}; {expected}")
    if not 1 <= int(count or 1) <= 6:
        raise ValueError(f"{words!r}: {count} figures; expected 1 to 6")
    return Act(None if figure == "empty" else figure, int(count or 1), int(frames))


class Scene:
    """Plays a script. `position` is the file that remembers how many passes were shown to their end."""

    triggered = False

    def __init__(
        self, script: str, clock: Clock, position: Path, *, passes: int = 1, fps: float = 10.0, fast: bool = False
    ) -> None:
        self.waits = True  # a script is shown whole, also on a slow machine
        self._acts = parse(script)
        self._position = position
        self._passes = passes
        self._period_s = 1 / fps
        self._pace = Pace(clock, realtime=not fast)

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        for number in range(self._shown(), self._passes):
            for image in self._one_pass(number):
                if stopping.is_set():
                    return
                yield self._pace.frame(image, self._period_s, stopping)
            durable.replace(self._position, json.dumps({"shown": number + 1}).encode())

    def _shown(self) -> int:
        try:
            return int(json.loads(self._position.read_text())["shown"])
        except FileNotFoundError:
            return 0

    def _one_pass(self, number: int) -> Iterator[Image]:
        for act in self._acts:
            for step in range(act.frames):
                image = _backdrop()
                if act.figure is not None:
                    _paint(image, act, step / max(1, act.frames - 1))
                paint_number(image, number)
                yield image


def paint_number(image: Image, number: int) -> None:
    """Paints `number` (0 to 16,383) along the upper edge of `image`."""
    for cell, white in enumerate(_cells(number)):
        left, right = _edges(cell, image.shape[1])
        image[: _row(image), left:right] = 255 if white else 0


def read_number(image: Image) -> int | None:
    """The number painted on a frame of a scene, at any size; None when there is none that can be read for certain."""
    row = _row(image)
    seen: list[bool] = []
    for cell in range(_CELLS):
        left, right = _edges(cell, image.shape[1])
        margin = (right - left) // 4
        seen.append(bool(image[row // 4 : max(1, 3 * row // 4), left + margin : right - margin].mean() > 127))
    number = sum(bit << place for place, bit in enumerate(seen[2:16]))
    return number if _cells(number) == seen else None


def _cells(number: int) -> list[bool]:
    check = (number * 11 + 5) % 16
    return [
        True,
        False,
        *(bool(number >> place & 1) for place in range(14)),
        *(bool(check >> place & 1) for place in range(4)),
    ]


def _edges(cell: int, width: int) -> tuple[int, int]:
    return cell * width // _CELLS, (cell + 1) * width // _CELLS


def _row(image: Image) -> int:
    return max(2, image.shape[0] * _ROW // HEIGHT)


def _backdrop() -> Image:
    """A soft, light slope: still, and lighter than any figure, also to the gate, which sees no colour."""
    slope = np.linspace(205, 245, WIDTH, dtype=np.float32).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(slope[np.newaxis, :, np.newaxis], (HEIGHT, WIDTH, 3)))


def _paint(image: Image, act: Act, progress: float) -> None:
    """Figures one above the other, on their way from left to right. `progress` is 0 to 1."""
    assert act.figure is not None  # noqa: S101 - the caller has looked
    space = (HEIGHT - _ROW) // act.count
    tall, wide = min(80, space - 10), 24 if act.figure == "person" else 60
    left = round(8 + progress * (WIDTH - wide - 16))
    for place in range(act.count):
        top = _ROW + place * space + (space - tall) // 2
        image[top : top + tall, left : left + wide] = COLOURS[act.figure]
