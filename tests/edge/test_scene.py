"""A scripted scene shows every pass at least once in whole, and its numbers can be read back from its photos."""

import json
import threading
from pathlib import Path

import pytest

from edge.cameras.scene import Act, Scene, parse, read_number
from edge.clock import SystemClock
from edge.detectors.scripted import COLOURS, ScriptedDetector
from edge.frame import Frame, Image
from edge.gate import Gate
from edge.pictures import grey_of, jpeg, opened
from edge.preview import preview

GOING = threading.Event()
SCRIPT = "empty 3, person*2 4, empty 3"


def play(tmp_path: Path, passes: int = 3) -> list[Frame]:
    scene = Scene(SCRIPT, SystemClock(), tmp_path / "scene.json", passes=passes, fast=True)
    return list(scene.frames(GOING))


def test_a_script_is_read_into_acts() -> None:
    assert parse(SCRIPT) == (Act(None, 1, 3), Act("person", 2, 4), Act(None, 1, 3))


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("empty", "'empty': expected words like"),
        ("yeti 5", "there is no figure 'yeti'"),
        ("person*9 5", "9 figures; expected 1 to 6"),
        ("person -5", "expected words like"),
    ],
)
def test_a_bad_script_is_told_in_words(script: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("*", r"\*")):
        parse(script)


def test_every_frame_carries_the_number_of_its_pass(tmp_path: Path) -> None:
    assert [read_number(frame.image) for frame in play(tmp_path)] == [0] * 10 + [1] * 10 + [2] * 10


def test_the_detector_finds_what_the_script_says(tmp_path: Path) -> None:
    detector = ScriptedDetector()
    counts = [len(detector.detect(frame.image)) for frame in play(tmp_path, passes=1)]
    assert counts == [0, 0, 0, 2, 2, 2, 2, 0, 0, 0]
    assert {found.label for found in detector.detect(play(tmp_path / "again", passes=1)[4].image)} == {"person"}


def last_image(tmp_path: Path, number: int) -> Image:
    (tmp_path / "scene.json").write_text(json.dumps({"shown": number}))
    return play(tmp_path, passes=number + 1)[5].image


@pytest.mark.parametrize("number", [0, 1, 77, 4095, 16_383])
def test_a_number_is_read_back_from_the_original_and_from_the_preview(tmp_path: Path, number: int) -> None:
    image = last_image(tmp_path, number)
    original, small = opened(jpeg(image, 92)), opened(preview(image, 4_000).image)
    assert original is not None
    assert small is not None
    assert (read_number(original), read_number(small)) == (number, number)


def test_a_picture_without_a_number_has_none(tmp_path: Path) -> None:
    assert read_number(last_image(tmp_path, 3)[60:]) is None


def test_after_a_kill_the_scene_goes_on_with_the_pass_that_was_not_shown_to_its_end(tmp_path: Path) -> None:
    frames = Scene(SCRIPT, SystemClock(), tmp_path / "scene.json", passes=3, fast=True).frames(GOING)
    for _ in range(15):  # one pass and a half
        next(frames)
    assert [read_number(frame.image) for frame in play(tmp_path)] == [1] * 10 + [2] * 10


def test_a_scene_that_was_shown_is_over(tmp_path: Path) -> None:
    play(tmp_path)
    assert play(tmp_path) == []


def test_every_figure_is_seen_by_the_gate_wherever_it_stands(tmp_path: Path) -> None:
    for label in COLOURS:
        gate = Gate()
        position = tmp_path / f"{label}.json"
        frames = Scene(f"empty 3, {label} 30", SystemClock(), position, fast=True).frames(GOING)
        moved = [gate.look(grey_of(frame.image, 160), frame.seconds).moved for frame in frames]
        assert moved == [False] * 3 + [True] * 30, label
