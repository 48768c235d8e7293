from pathlib import Path

import pytest

import models
from models.card import read
from models.detection import kind
from models.errors import BadCard, WeightsAltered, WeightsMissing

OWN = """
name = "own"
title = "A park's own model"
decoder = "yolox"
threshold = 0.3
nms = 0.5
file = "own.tflite"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
size = 4
source = "trained in the park"
licence = "CC-BY-4.0"
[input]
width = 416
height = 320
layout = "NCHW"
colour = "BGR"
fit = "letterbox"
mean = [0, 0, 0]
std = [1, 1, 1]
[labels]
0 = "person"
1 = "elephant"
"""


def card_file(folder: Path, text: str = OWN) -> Path:
    path = folder / "card.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", models.names())
def test_every_card_that_is_shipped_is_right(name: str) -> None:
    card = models.load(name)
    assert card.name == name
    assert "person" in card.labels.values()


def test_the_default_model_is_among_the_names() -> None:
    assert models.DEFAULT in models.names()


def test_the_shipped_weights_are_those_of_their_card() -> None:
    card = models.load(models.DEFAULT)
    assert models.weights(card).stat().st_size == card.size


def test_a_card_of_ones_own_is_loaded_by_its_path(tmp_path: Path) -> None:
    assert models.load(card_file(tmp_path)).labels == {0: "person", 1: "elephant"}


def test_a_card_of_ones_own_is_loaded_by_its_folder(tmp_path: Path) -> None:
    card_file(tmp_path)
    assert models.load(tmp_path).title == "A park's own model"


def test_weights_lie_beside_their_card(tmp_path: Path) -> None:
    card = models.load(card_file(tmp_path))
    (tmp_path / "own.tflite").write_bytes(b"test")
    assert models.weights(card) == tmp_path / "own.tflite"


def test_altered_weights_are_refused_with_both_hashes(tmp_path: Path) -> None:
    card = models.load(card_file(tmp_path))
    (tmp_path / "own.tflite").write_bytes(b"tampered")
    with pytest.raises(WeightsAltered, match=r"has SHA-256 d121be31.*; expected 9f86d081"):
        models.weights(card)


def test_missing_weights_that_can_be_fetched_say_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="sambar models fetch yolox_nano"):
        models.weights(models.load("yolox_nano"))


def test_missing_weights_of_ones_own_card_say_how_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = card_file(tmp_path, OWN.replace('file = "own.tflite"', 'url = "https://park.example/own.tflite"'))
    with pytest.raises(WeightsMissing, match=f"sambar models fetch {path}"):
        models.weights(models.load(path))


def test_a_model_that_is_not_known_is_answered_with_those_that_are() -> None:
    with pytest.raises(BadCard, match=r"'nanodet': not known; expected one of nanodet_416_int8, oidv4_ssd"):
        models.load("nanodet")


def test_every_mistake_in_a_card_is_named_at_once(tmp_path: Path) -> None:
    wrong = (
        OWN.replace("0.3", "30")
        .replace('"yolox"', '"yolo"')
        .replace("416", '"wide"')
        .replace('"elephant"', '"dragon"')
        .replace("title", "titel")
        .replace("9f86", "xyz")
        .replace('file = "own.tflite"', "part = [5, 4]")
    )
    with pytest.raises(BadCard) as caught:
        read(card_file(tmp_path, wrong))
    said = str(caught.value)
    assert f"{tmp_path}/card.toml: 10 mistakes in the card" in said
    for mistake in (
        "threshold: 30;",
        "decoder: 'yolo'; input should be 'nanodet', 'yolox' or 'ssd'",
        "input.width: 'wide'",
        "labels.1: 'dragon'; expected one of animal, bear",
        "title: missing",
        'titel: "A park\'s own model"',
        "sha256: 'xyzd",
        "file, url: neither given; expected one of them",
        "part: given without member",
        "part: [5, 4]; expected the second number to be larger",
    ):
        assert mistake in said


def test_a_card_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCard, match="there is no such card"):
        models.load(tmp_path / "nowhere" / "card.toml")


def test_a_card_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCard, match="not a TOML file"):
        models.load(card_file(tmp_path, "name: own"))


@pytest.mark.parametrize(
    ("label", "expected"),
    [("person", "person"), ("motorcycle", "vehicle"), ("truck", "vehicle"), ("elephant", "animal"), ("kite", None)],
)
def test_a_label_is_a_person_a_vehicle_an_animal_or_nothing(label: str, expected: str | None) -> None:
    assert kind(label) == expected
