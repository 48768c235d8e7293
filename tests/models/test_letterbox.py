from dataclasses import replace

import numpy as np
import pytest

from models.card import Input
from models.letterbox import Floats, Image, Letterbox

NANODET = Input(
    width=416, height=416, layout="NCHW", colour="BGR", fit="letterbox",
    mean=(103.53, 116.28, 123.675), std=(57.375, 57.12, 58.395),
)  # fmt: skip


def plain(width: int, height: int, bgr: tuple[int, int, int] = (10, 20, 30)) -> Image:
    return np.full((height, width, 3), bgr, np.uint8)


def filled(wanted: Input, *frames: Image) -> Floats:
    shape = (1, 3, wanted.height, wanted.width) if wanted.layout == "NCHW" else (1, wanted.height, wanted.width, 3)
    target = np.full(shape, np.nan, np.float32)
    letterbox = Letterbox(wanted)
    for frame in frames:
        letterbox.fill(frame, target)
    return target


def test_a_wide_frame_is_filled_below() -> None:
    target = filled(NANODET, plain(640, 480))
    assert np.allclose(target[0, 0, :312], (10 - 103.53) / 57.375, atol=1e-5)
    assert np.allclose(target[0, 0, 312:], (114 - 103.53) / 57.375, atol=1e-5)


def test_a_tall_frame_is_filled_at_the_right() -> None:
    target = filled(NANODET, plain(300, 600))
    assert np.allclose(target[0, 1, :, :208], (20 - 116.28) / 57.12, atol=1e-5)
    assert np.allclose(target[0, 1, :, 208:], (114 - 116.28) / 57.12, atol=1e-5)


def test_nothing_of_the_frame_before_is_left_over() -> None:
    tall, wide = plain(300, 600, (255, 255, 255)), plain(640, 480)
    assert np.array_equal(filled(NANODET, tall, wide), filled(NANODET, wide))


def test_a_network_that_wants_red_first_gets_it() -> None:
    target = filled(replace(NANODET, colour="RGB", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)), plain(64, 64))
    assert target[0, :, 0, 0].tolist() == [30, 20, 10]


def test_a_network_that_wants_channels_last_gets_them() -> None:
    wanted = replace(NANODET, layout="NHWC", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 2.0))
    assert filled(wanted, plain(64, 64))[0, 0, 0].tolist() == [10, 20, 15]


def test_stretching_fills_it_all() -> None:
    target = filled(replace(NANODET, fit="stretch", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)), plain(640, 480))
    assert (target[0, 0] == 10).all()


def test_a_part_of_a_larger_frame_is_taken_as_it_is() -> None:
    frame = np.frombuffer(np.random.default_rng(1).bytes(480 * 640 * 3), np.uint8).reshape(480, 640, 3)
    part = frame[100:300, 200:500]
    assert np.array_equal(filled(NANODET, part), filled(NANODET, part.copy()))


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (416, 416), (2592, 1944), (33, 7)])
def test_a_box_comes_back_to_where_it_was_in_the_frame(width: int, height: int) -> None:
    letterbox = Letterbox(NANODET)
    letterbox.fill(plain(width, height), np.empty((1, 3, 416, 416), np.float32))
    scale = min(416 / width, 416 / height)
    box = np.array([[0.25 * width, 0.5 * height, 0.75 * width, 1.0 * height]], np.float32) * np.float32(scale)
    assert np.allclose(
        letterbox.fractions(box), [[0.25, 0.5, 0.75, 1.0]], atol=0.5 / min(scale * width, scale * height)
    )


def test_what_lies_in_the_margin_is_cut_off() -> None:
    letterbox = Letterbox(NANODET)
    letterbox.fill(plain(640, 480), np.empty((1, 3, 416, 416), np.float32))
    assert letterbox.fractions(np.array([[-20, 156, 208, 400]], np.float32)).tolist() == [[0, 0.5, 0.5, 1]]


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["grey", "with alpha", "floats", "empty"],
)
def test_what_is_no_picture_is_refused(frame: Image) -> None:
    with pytest.raises(ValueError, match=r"frame of shape .*; expected \(height, width, 3\), uint8"):
        filled(NANODET, frame)
