"""`sambar demo`: real footage, the real detector, the real programs, and both pages in a real browser."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.mosquitto import free_port

DEMO = [sys.executable, "-m", "sambar.cli", "demo"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `sambar demo --once --json` prints."""
    state = tmp_path_factory.mktemp("once") / "state"
    ended = subprocess.run(
        [*DEMO, "--once", "--json", "--state", state, "--port", str(free_port())],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout) | {"state": str(state)}


def test_it_prints_one_incursion_of_walking_people(told: dict[str, Any]) -> None:
    assert told["incursion"]["number"] == 1
    assert told["incursion"]["counts"]["person"] >= 1
    assert told["sightings"][0]["name"].startswith("demo/CAM-01/1/")


def test_it_prints_the_boxes_of_real_persons(told: dict[str, Any]) -> None:
    persons = [each for each in told["detections"] if each["label"] == "person"]
    assert persons
    for box in persons:
        assert box["score"] >= 0.4
        assert box["height"] > box["width"]  # people on foot are taller than wide, also in a frame of 4:3


def test_the_stages_follow_each_other_and_the_phone_has_it_within_three_seconds(told: dict[str, Any]) -> None:
    stages = told["stages_ms"]
    assert list(stages) == ["shutter", "gated", "detected", "sent", "stored", "told"]
    assert list(stages.values()) == sorted(stages.values())
    assert 0 < stages["told"] <= 3_000


def test_the_photo_is_there_and_within_its_budget(told: dict[str, Any]) -> None:
    photo = Path(told["state"]) / "gateway" / "photos" / told["photo"]["preview"]
    assert photo.stat().st_size == told["photo"]["bytes"] <= 15_000
    assert told["bytes_sent"] >= told["photo"]["bytes"]


class Demo:
    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen(
            [*DEMO, "--state", str(state), "--port", str(free_port())],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        assert self.process.stderr is not None
        self.addresses: list[str] = []
        for line in self.process.stderr:
            self.addresses += re.findall(r"http\S+/enter/\S+", line)
            if len(self.addresses) == 3:
                return
        pytest.fail(f"the demo ended with {self.process.wait()} and no addresses")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "state")
    yield demo
    if demo.process.poll() is None:
        demo.end()


def test_a_walking_person_is_on_both_pages_with_a_box(demo: Demo, browser: Browser) -> None:
    operations, phone, _ = demo.addresses
    for address, photo in ((operations, ".card .shot"), (phone, ".shot")):
        page: Page = browser.new_page()
        page.goto(address)
        expect(page.locator(f"{photo} img").first).to_be_visible(timeout=30_000)
        expect(page.locator(f"{photo} svg.boxes rect").first).to_be_visible()
        expect(page.locator("body")).to_contain_text("Bamboo ford, north trail")
        page.close()


def test_ctrl_c_stops_everything_cleanly(demo: Demo) -> None:
    web = int(demo.addresses[0].split(":")[2].split("/")[0])
    assert demo.end() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", web), timeout=2)


def demo_fails(*options: str) -> str:
    ended = subprocess.run(
        [*DEMO, "--once", *options], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "is not empty, and not the demo's" in demo_fails("--state", str(tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert str(port) in demo_fails("--state", str(tmp_path / "state"), "--port", str(port))


def test_a_source_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_bytes(b"no video at all")
    words = demo_fails("--state", str(tmp_path / "state"), "--source", str(tmp_path / "walk.mp4"))
    assert "walk.mp4: cannot be opened as a video" in words
