from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog

from gateway.jpegs import Jpegs
from gateway.photos import Kept, LocalPhotos


@pytest.fixture
def photos(tmp_path: Path) -> LocalPhotos:
    photos = LocalPhotos(tmp_path)
    grey = cv2.imencode(".webp", np.full((120, 160, 3), 90, np.uint8))[1].tobytes()
    photos.keep([Kept("p/grey.webp", grey), Kept("p/broken.webp", b"not a photo")])
    return photos


def test_a_preview_becomes_a_jpeg_with_its_box(photos: LocalPhotos) -> None:
    box = {"label": "person", "score": 0.9, "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}
    jpeg = Jpegs(photos)("p/grey.webp", [box])
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8\xff")
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    edge, ground = picture[60, 40], picture[60, 80]
    assert edge[2] > 180  # amber on a ground of 90
    assert 80 <= ground[2] <= 100


@pytest.mark.parametrize("path", ["p/broken.webp", "p/missing.webp"])
def test_a_photo_that_cannot_be_shown_is_none_and_logged(photos: LocalPhotos, path: str) -> None:
    with structlog.testing.capture_logs() as logs:
        assert Jpegs(photos)(path, []) is None
    assert [(each["log_level"], each["path"]) for each in logs] == [("warning", path)]
