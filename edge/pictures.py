"""OpenCV, with the types that its stubs leave open: everything here takes and returns 8-bit images."""

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Grey, Image


def grey_of(image: Image, width: int) -> Grey:
    """A small grey copy, `width` wide (or as wide as `image` where that is less), of the same shape."""
    small = shrunk(image, width)
    return cast(Grey, cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))


def shrunk(image: Image, width: int) -> Image:
    """`image` itself when it is no wider than `width`."""
    high, wide = image.shape[:2]
    if wide <= width:
        return image
    return cast(Image, cv2.resize(image, (width, max(1, round(high * width / wide))), interpolation=cv2.INTER_AREA))


def sharpness(image: Image) -> float:
    """Variance of the Laplacian: near 0 for a blur, hundreds for crisp edges."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())


def jpeg(image: Image, quality: int) -> bytes:
    return _encoded(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))


def webp(image: Image, quality: int) -> bytes:
    return _encoded(".webp", image, (cv2.IMWRITE_WEBP_QUALITY, quality))


def opened(content: bytes) -> Image | None:
    """The image in a JPEG, PNG or WebP, or None when it is none."""
    if not content:
        return None
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    # OpenCV's stubs leave out that a bad picture comes back as None.
    return cast("Image | None", decoded)


def blobs(mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int, int]]:
    """(x, y, width, height, pixels) of each connected patch of `mask` (height, width; not 0 is set)."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    rows = cast("Sequence[Sequence[int]]", stats.tolist())
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows[1:count]]


def thickened(mask: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """Every set pixel of `mask` grown by `by` pixels, so that the parts of one walker touch."""
    return cast("NDArray[np.uint8]", cv2.dilate(mask, np.ones((2 * by + 1, 2 * by + 1), np.uint8)))


def _encoded(suffix: str, image: Image, options: Sequence[int]) -> bytes:
    done, encoded = cv2.imencode(suffix, image, options)
    if not done:
        raise ValueError(f"image of shape {image.shape}: OpenCV could not encode it as {suffix}")
    return encoded.tobytes()
