"""The preview keeps within its bytes and is as good as they allow."""

from collections.abc import Callable

import numpy as np
import pytest

from edge.frame import Image
from edge.pictures import opened
from edge.preview import WIDTHS, preview


def smooth() -> Image:
    return np.full((480, 640, 3), 120, np.uint8)


def busy() -> Image:
    """Leaves in wind: noise at two scales."""
    grain = np.random.default_rng(5)
    fine = grain.random((480, 640, 3)) * 120
    coarse = np.kron(grain.random((48, 64, 3)) * 120, np.ones((10, 10, 1)))
    return (fine + coarse).astype(np.uint8)


def noise() -> Image:
    return (np.random.default_rng(6).random((1080, 1920, 3)) * 255).astype(np.uint8)


@pytest.mark.parametrize("budget", [15_000, 6_000])
@pytest.mark.parametrize("picture", [smooth, busy, noise])
def test_a_preview_keeps_within_its_budget(picture: Callable[[], Image], budget: int) -> None:
    found = preview(picture(), budget)
    assert len(found.image) <= budget
    image = opened(found.image)
    assert image is not None
    assert image.shape[1] == found.width


def test_an_easy_picture_keeps_its_size() -> None:
    assert preview(smooth()).width == WIDTHS[0]


def test_a_hard_picture_becomes_smaller_rather_than_mush() -> None:
    assert preview(busy()).width < WIDTHS[0]


def test_a_small_picture_is_not_blown_up() -> None:
    assert preview(np.full((90, 120, 3), 90, np.uint8)).width == 120


def test_an_impossible_budget_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="fits in 20 bytes; expected a larger budget"):
        preview(noise(), 20)
