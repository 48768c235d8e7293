"""The detector sees the whole and the moving parts; its boxes come back as one."""

import numpy as np
import pytest

from edge.crops import Crop, crops_around, detect, merge
from edge.frame import Image
from edge.gate import Region
from models.detection import Box, Detection


def person(x: float, y: float, width: float, height: float, score: float = 0.8) -> Detection:
    return Detection("person", score, Box(x, y, width, height))


def test_a_small_region_gets_half_the_frames_height() -> None:
    (crop,) = crops_around([Region(0.5, 0.5, 0.02, 0.05)], 640, 480)
    assert (crop.width, crop.height) == (240, 240)
    assert crop.x <= 320
    assert crop.x + crop.width >= 333


@pytest.mark.parametrize("region", [Region(0, 0, 0.05, 0.1), Region(0.95, 0.9, 0.05, 0.1)])
def test_a_crop_stays_within_the_frame(region: Region) -> None:
    (crop,) = crops_around([region], 640, 480)
    assert crop.x >= 0
    assert crop.y >= 0
    assert crop.x + crop.width <= 640
    assert crop.y + crop.height <= 480


def test_regions_close_together_share_a_crop() -> None:
    assert len(crops_around([Region(0.5, 0.5, 0.02, 0.05), Region(0.53, 0.5, 0.02, 0.05)], 640, 480)) == 1


def test_crops_are_bounded() -> None:
    regions = [Region(place / 10, place / 10, 0.01, 0.01) for place in range(10)]
    assert len(crops_around(regions, 1920, 1080, most=2, side=0.1)) == 2
    assert crops_around(regions, 1920, 1080, most=0) == ()


def test_what_fills_the_frame_needs_no_crop() -> None:
    assert crops_around([Region(0, 0, 1, 1)], 640, 480) == ()


class WhiteSpots:
    """Finds the white patch of a picture; not when it is less than a twentieth as tall as the picture."""

    name = "white spots"

    def detect(self, frame: Image) -> list[Detection]:
        rows, columns = np.nonzero(frame[:, :, 0] == 255)
        if not len(rows) or (rows.max() - rows.min() + 1) * 20 < frame.shape[0]:
            return []
        high, wide = frame.shape[:2]
        return [
            person(
                columns.min() / wide,
                rows.min() / high,
                (columns.max() - columns.min() + 1) / wide,
                (rows.max() - rows.min() + 1) / high,
            )
        ]


def picture(left: int, top: int, tall: int) -> Image:
    image = np.zeros((480, 640, 3), np.uint8)
    image[top : top + tall, left : left + tall // 2] = 255
    return image


def test_who_is_too_small_in_the_whole_frame_is_found_in_a_crop_at_the_right_place() -> None:
    image = picture(400, 200, 20)
    assert detect(WhiteSpots(), image, []) == []
    (found,) = detect(WhiteSpots(), image, [Region(400 / 640, 200 / 480, 10 / 640, 20 / 480)])
    assert found.box.x == pytest.approx(400 / 640)
    assert found.box.y == pytest.approx(200 / 480)
    assert found.box.height == pytest.approx(20 / 480)


def test_who_is_found_in_both_is_one() -> None:
    image = picture(400, 200, 60)
    (found,) = detect(WhiteSpots(), image, [Region(400 / 640, 200 / 480, 30 / 640, 60 / 480)])
    assert found.box.height == pytest.approx(60 / 480)


def test_a_box_that_a_crop_cut_off_gives_way_to_the_whole_one() -> None:
    whole, half = person(0.4, 0.2, 0.1, 0.6, score=0.5), person(0.4, 0.2, 0.1, 0.3, score=0.9)
    assert merge([(half, True), (whole, False)]) == [whole]


def test_a_cut_box_that_nothing_else_covers_is_kept() -> None:
    half = person(0.4, 0.2, 0.1, 0.3)
    assert merge([(half, True)]) == [half]


def test_people_side_by_side_stay_two() -> None:
    assert len(merge([(person(0.2, 0.2, 0.1, 0.4), False), (person(0.28, 0.2, 0.1, 0.4), False)])) == 2


def test_a_rider_does_not_swallow_the_motorcycle() -> None:
    rider, bike = person(0.4, 0.2, 0.2, 0.5), Detection("motorcycle", 0.7, Box(0.35, 0.4, 0.3, 0.4))
    assert merge([(rider, False), (bike, False)]) == [rider, bike]


def test_one_thing_under_two_labels_is_the_surer_one() -> None:
    car, truck = Detection("car", 0.6, Box(0.1, 0.1, 0.4, 0.4)), Detection("truck", 0.5, Box(0.1, 0.1, 0.41, 0.4))
    assert merge([(truck, False), (car, False)]) == [car]


def test_a_crop_cuts_the_part_that_it_names() -> None:
    image = picture(400, 200, 60)
    assert Crop(400, 200, 30, 60).cut(image).min() == 255
