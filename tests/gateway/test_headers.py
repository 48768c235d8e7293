"""What is said of a photo before any decoder sees it."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drawing import COLOUR, Box, as_jpeg
from gateway.headers import Header, NotAPhoto, read_header

GREY = np.full((48, 64, 3), 90, np.uint8)


def encoded(suffix: str, *settings: int) -> bytes:
    return cv2.imencode(suffix, GREY, list(settings))[1].tobytes()


WEBP = encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 50)
LOSSLESS = encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 101)
JPEG = encoded(".jpg")


@pytest.mark.parametrize(
    ("image", "suffix"),
    [
        pytest.param(WEBP, "webp", id="WebP"),
        pytest.param(LOSSLESS, "webp", id="lossless"),
        pytest.param(JPEG, "jpg", id="JPEG"),
    ],
)
def test_the_header_of_a_real_photo_gives_its_size(image: bytes, suffix: str) -> None:
    assert read_header(image) == Header(suffix, 64, 48)


def a_bomb() -> bytes:
    """A WebP of some bytes that claims 16,383 by 16,383 pixels."""
    return WEBP[:26] + struct.pack("<HH", 16_383, 16_383) + WEBP[30:]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"not a photo at all, but long enough to be one", "expected WebP or JPEG"),
        (b"x", "expected WebP or JPEG"),
        (WEBP[:60], "expected all"),
        (a_bomb(), "16383 by 16383 pixels; expected 1 to 2048"),
        (b"\xff\xd8\xff\xe0\x00\x04\x00\x00", "without a frame header"),
        (b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02" + bytes(20), "animated"),
    ],
    ids=["text", "one byte", "cut off", "a bomb", "JPEG without a frame", "animation"],
)
def test_what_is_no_photo_is_refused_in_words(image: bytes, words: str) -> None:
    with pytest.raises(NotAPhoto, match=words):
        read_header(image)


@given(
    st.binary(max_size=64).map(lambda tail: WEBP[:12] + tail) | st.binary(max_size=64).map(lambda tail: JPEG[:3] + tail)
)
def test_any_bytes_give_a_header_or_a_refusal(image: bytes) -> None:
    try:
        header = read_header(image)
    except NotAPhoto:
        return
    assert header.width > 0


def test_a_messengers_jpeg_has_a_box_where_the_detection_is() -> None:
    ground = np.full((480, 640, 3), 90, np.uint8)
    jpeg = as_jpeg(cv2.imencode(".webp", ground)[1].tobytes(), [Box("person", 0.9, 0.25, 0.25, 0.5, 0.5)])
    drawn = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).astype(int)
    assert read_header(jpeg) == Header("jpg", 640, 480)
    assert np.abs(drawn[360, 240] - COLOUR).max() < 60  # the box's lower edge, through JPEG
    assert np.abs(drawn[240, 320] - 90).max() < 10  # inside it, and below, the ground as it was
    assert np.abs(drawn[450, 240] - 90).max() < 10


def test_a_photo_whose_inside_is_broken_is_refused_and_does_not_crash() -> None:
    with pytest.raises(NotAPhoto, match="does not decode"):
        as_jpeg(WEBP[:30] + bytes(len(WEBP) - 30), [])
