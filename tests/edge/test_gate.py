"""The gate lets through what moved, says where, and learns what only sways."""

import numpy as np
from numpy.typing import NDArray

from edge.gate import Gate, Motion, why_detect
from edge.gate import Region as Where

HIGH, WIDE = 120, 160


def still(level: int = 100, noise: int = 0) -> NDArray[np.uint8]:
    grain = np.random.default_rng(noise).random((HIGH, WIDE)) * 8 - 4
    return (np.full((HIGH, WIDE), level) + grain).astype(np.uint8)


def with_walker(grey: NDArray[np.uint8], left: int, tall: int = 20, level: int = 180) -> NDArray[np.uint8]:
    grey = grey.copy()
    grey[50 : 50 + tall, left : left + tall // 3] = level
    return grey


def settled() -> Gate:
    gate = Gate()
    for step in range(20):
        gate.look(still(noise=step), step / 10)
    return gate


def test_the_first_frame_never_moved() -> None:
    assert Gate().look(still(), 0) == Motion("first frame")


def test_sensor_noise_does_not_move() -> None:
    gate = settled()
    assert [gate.look(still(noise=step), step / 10).moved for step in range(20, 60)] == [False] * 40


def test_a_walker_is_let_through_with_his_place() -> None:
    motion = settled().look(with_walker(still(noise=99), 80), 2.0)
    (region,) = motion.regions
    assert abs(region.x - 80 / WIDE) < 0.02
    assert abs(region.y - 50 / HIGH) < 0.02
    assert motion.reason == "1 moved"


def test_a_walker_one_tenth_of_the_picture_tall_is_seen() -> None:
    assert settled().look(with_walker(still(noise=99), 80, tall=12), 2.0).moved


def test_a_walker_barely_brighter_than_the_ground_is_seen() -> None:
    assert settled().look(with_walker(still(noise=99), 80, level=125), 2.0).moved


def test_who_stands_still_stays_in_sight_for_ten_seconds() -> None:
    gate = settled()
    seen = [gate.look(with_walker(still(noise=step), 80), 2 + step / 10).moved for step in range(100)]
    assert all(seen)


def test_a_thing_that_was_put_down_is_learnt_within_minutes() -> None:
    gate = settled()
    seen = [gate.look(with_walker(still(noise=step), 80), 2.0 + step).moved for step in range(180)]
    assert seen[0]
    assert not seen[-1]


def test_a_flash_is_looked_at_once_and_then_is_the_background() -> None:
    gate = settled()
    first = gate.look(still(level=200, noise=50), 2.0)
    second = gate.look(still(level=200, noise=51), 2.1)
    assert first.regions == (Where(0, 0, 1, 1),)
    assert "the light changed" in first.reason
    assert not second.moved


def test_swaying_grass_stops_counting_and_a_walker_in_it_still_does() -> None:
    gate = settled()

    def grass(step: int) -> NDArray[np.uint8]:
        grey = still(noise=step)
        grey[90:, :] = np.clip(grey[90:, :].astype(int) + (25 if step % 4 < 2 else -25), 0, 255).astype(np.uint8)
        return grey

    for step in range(600):
        gate.look(grass(step), 2 + step / 10)
    calm = [gate.look(grass(step), 2 + step / 10).moved for step in range(600, 640)]
    assert sum(calm) < 4
    assert gate.look(with_walker(grass(640), 80), 66.0).moved


def test_a_frame_of_another_size_begins_anew() -> None:
    assert settled().look(np.zeros((60, 80), np.uint8), 3.0).reason == "first frame"


def test_the_detector_looks_for_whoever_was_just_seen_and_stands() -> None:
    calm = Motion("nothing moved")
    assert why_detect(calm, None, None) is None
    assert why_detect(calm, since_seen=1, since_look=0.5) == "seen a moment ago"
    assert why_detect(calm, since_seen=1, since_look=0.1) is None
    assert why_detect(calm, since_seen=10, since_look=1.5) == "seen lately"
    assert why_detect(calm, since_seen=20, since_look=5) is None
