"""The photos the int8 ranges are taken from: sample footage of Debian's package opencv-doc, and copies of it by night.

None of it is judged by: no frame of vtest.avi (nor the manual's pictures cut from it), no photo of an evaluation set.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

SIDE = 416
FILL = 114
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
STD = np.array([57.375, 57.12, 58.395], np.float32)

PHOTOS = Path(__file__).with_name("photos.txt").read_text(encoding="utf-8").split()
"""People, vehicles, animals, leaves, walls, a moor at dusk."""
FILMS = ("examples/data/tree.avi", "examples/data/Megamind.avi")
FRAMES_PER_FILM = 8


def letterboxed(bgr: np.ndarray) -> np.ndarray:
    """`bgr` (height, width, 3) uint8 as the network's input, (1, 3, 416, 416) float32."""
    height, width = bgr.shape[:2]
    scale = min(SIDE / width, SIDE / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.full((SIDE, SIDE, 3), FILL, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(((canvas.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)[None])


def dusk(bgr: np.ndarray) -> np.ndarray:
    """A third of the light."""
    return (bgr * 0.35).astype(np.uint8)


def night(bgr: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Grey, half the light, with a sensor's noise."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return cv2.cvtColor(
        np.clip(grey * 0.5 + random.normal(0, 8, grey.shape), 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR
    )


def pictures(documentation: Path) -> Iterator[np.ndarray]:
    """Every photo of the set, (height, width, 3) uint8, BGR. `documentation` is /usr/share/doc/opencv-doc or a copy."""
    for name in PHOTOS:
        photo = cv2.imread(str(documentation / name))
        if photo is None:
            raise SystemExit(f"{documentation / name}: no photo there; is Debian's package opencv-doc unpacked?")
        yield photo
    for name in FILMS:
        film = cv2.VideoCapture(str(documentation / name))
        frames = int(film.get(cv2.CAP_PROP_FRAME_COUNT))
        for number in np.linspace(0, frames - 1, FRAMES_PER_FILM).astype(int):
            film.set(cv2.CAP_PROP_POS_FRAMES, int(number))
            read, frame = film.read()
            if read:
                yield frame
        film.release()


def inputs(documentation: Path, seed: int = 2) -> Iterator[np.ndarray]:
    """Network inputs: each picture as it is, at dusk, and by night."""
    random = np.random.default_rng(seed)
    for picture in pictures(documentation):
        yield letterboxed(picture)
        yield letterboxed(dusk(picture))
        yield letterboxed(night(picture, random))
