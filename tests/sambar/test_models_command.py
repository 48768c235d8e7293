import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

import models
from sambar.cli import main
from sambar.demo.folder import WALKERS


def sambar(*words: str) -> Result:
    return CliRunner().invoke(main, ["models", *words], env={"COLUMNS": "160"})


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    film = cv2.VideoCapture(str(WALKERS))
    cv2.imwrite(str(tmp_path / "walkers.png"), film.read()[1])
    film.release()
    cv2.imwrite(str(tmp_path / "fog.png"), np.full((300, 400, 3), 180, np.uint8))
    path = tmp_path / "manifest.csv"
    path.write_text("path,label,light\nwalkers.png,person,day\nfog.png,empty,flash\nfog.png,person,ir\n")
    return path


@pytest.mark.parametrize("name", models.names())
def test_list_names_every_model(name: str) -> None:
    assert name in sambar("list").stdout


def test_verify_says_that_the_shipped_weights_are_right() -> None:
    answer = sambar("verify")
    assert answer.exit_code == 0
    assert "nanodet_416_int8: right" in answer.stdout
    assert "yolox_nano: not fetched" in answer.stdout


def test_verify_fails_on_altered_weights(tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(models.load(models.DEFAULT).folder, own)
    with (own / "model.tflite").open("ab") as file:
        file.write(b"!")
    answer = sambar("verify", str(own))
    assert answer.exit_code == 1
    assert "expected " + models.load(models.DEFAULT).sha256 in answer.stderr


def test_verify_fails_on_a_model_that_was_asked_for_and_is_not_here() -> None:
    answer = sambar("verify", "yolox_nano")
    assert answer.exit_code == 1
    assert "sambar models fetch yolox_nano" in answer.stderr


def test_fetch_leaves_alone_what_is_here() -> None:
    answer = sambar("fetch", "nanodet_416_int8")
    assert answer.exit_code == 0
    assert "model.tflite" in answer.stdout


def test_an_unknown_model_is_answered_in_words() -> None:
    answer = sambar("fetch", "nanodett")
    assert answer.exit_code == 1
    assert "Error: model 'nanodett': not known; expected one of nanodet_416_int8" in answer.stderr


def test_evaluate_counts_at_the_cards_threshold_as_json(manifest: Path) -> None:
    answer = json.loads(sambar("evaluate", "--manifest", str(manifest), "--json").stdout)
    assert answer["threshold"] == 0.4
    assert answer["person"] == {"found": 1, "of": 2}
    assert answer["vehicle"] == {"found": 0, "of": 0}
    assert answer["false_alarms"] == {"photos": 0, "of": 1}
    assert answer["by_light"]["ir"]["person"] == {"found": 0, "of": 1}
    assert [each["person"]["found"] for each in answer["sweep"]][-1] == 0


def test_evaluate_prints_tables_by_light_and_by_threshold(manifest: Path) -> None:
    printed = sambar("evaluate", "--manifest", str(manifest)).stdout
    assert "by light, at the card's threshold 0.4" in printed
    assert "by threshold" in printed


def test_evaluate_counts_boxes_where_some_are_drawn(manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "walkers.txt").write_text("0 0.763 0.555 0.06 0.178\n0 0.1 0.1 0.05 0.05\n")
    answer = json.loads(sambar("evaluate", "--manifest", str(manifest), "--boxes", str(tmp_path), "--json").stdout)
    assert answer["boxes"] == {"person": {"found": 1, "of": 2}}


def test_evaluate_names_every_mistake_in_the_manifest(manifest: Path) -> None:
    manifest.write_text("path,label,light\ngone.png,person,day\nfog.png,human,day\n")
    answer = sambar("evaluate", "--manifest", str(manifest))
    assert answer.exit_code == 1
    assert "2 mistakes" in answer.stderr


def test_evaluate_names_a_photo_that_is_none(manifest: Path) -> None:
    (manifest.parent / "fog.png").write_text("no photo")
    answer = sambar("evaluate", "--manifest", str(manifest))
    assert answer.exit_code == 1
    assert "fog.png: not a photo that can be opened" in answer.stderr
