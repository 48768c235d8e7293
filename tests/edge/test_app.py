"""The whole program, as a real process, with a scripted scene and a real broker."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.cameras.scene import read_number
from edge.frame import Image
from edge.pictures import opened
from tests.edge.station import Station
from tests.fixtures.mosquitto import Mosquitto, wait_until
from wire.keys import SigningKey
from wire.messages import CANARY, Health, Presence, Preview, Sighting, State, Status

SCENE = """
[camera]
park = "p"
name = "c"
[source]
kind = "scene"
script = "empty 5, person 10, empty 15"
passes = {passes}
pace = "{pace}"
fps = {fps}
[canary]
enabled = {canary}
[detector]
kind = "scripted"
[sighting]
quiet_s = {quiet}
[broker]
port = {port}
gateway_key = "{gateway}"
"""


class Site:
    """A folder with settings and key, the camera's process, and a gateway's end of the broker that receipts all."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.folder = folder
        camera, gateway = SigningKey.make(), SigningKey.make()
        camera.save(folder / "camera.key")
        self.station = Station(broker, camera, gateway)
        self.station.receipting = True
        self._port = broker.port
        self._gateway = gateway.public
        self._process: subprocess.Popen[bytes] | None = None

    def set(self, passes: int, *, pace: str = "fast", fps: int = 10, quiet: float = 1.0, canary: bool = False) -> None:
        text = SCENE.format(
            passes=passes, pace=pace, fps=fps, quiet=quiet, port=self._port, gateway=self._gateway,
            canary=str(canary).lower(),
        )  # fmt: skip
        (self.folder / "camera.toml").write_text(text)

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sambar.cli", "camera", "run", "--settings", self.folder / "camera.toml"],
                stdout=log, stderr=log,
            )  # fmt: skip
        return self._process

    def run(self) -> int:
        return self.start().wait(60)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def sightings(self) -> list[Sighting]:
        return self.station.messages(Sighting)

    def previews(self) -> list[Preview]:
        return self.station.messages(Preview)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        self.station.close()


@pytest.fixture
def site(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Site]:
    site = Site(tmp_path, mosquitto)
    yield site
    site.close()


def test_every_pass_of_a_scene_becomes_a_sighting_with_its_photo(site: Site) -> None:
    site.set(passes=4)
    assert site.run() == 0, site.log()
    opened_ones = [sighting for sighting in site.sightings() if sighting.revision == 0]
    assert len(opened_ones) == 4
    numbers = {read_number(_image(preview)) for preview in site.previews()}
    assert numbers == {0, 1, 2, 3}
    assert [sighting.opening for sighting in opened_ones] == [preview.opening for preview in site.previews()]


def _image(preview: Preview) -> Image:
    image = opened(preview.image)
    assert image is not None
    return image


def test_the_text_comes_before_its_preview_and_names_its_original(site: Site) -> None:
    site.set(passes=1)
    assert site.run() == 0, site.log()
    first, preview = site.sightings()[0], site.previews()[0]
    assert first.sequence < preview.sequence
    assert first.opening.sequence == first.sequence
    assert preview.original == first.photos[0].original
    kept = site.folder / "state" / "originals" / f"{preview.original.hex()}.jpg"
    image = opened(kept.read_bytes())
    assert image is not None
    assert read_number(image) == 0


def test_a_sighting_tells_what_was_seen_when_and_by_what(site: Site) -> None:
    site.set(passes=1)
    assert site.run() == 0, site.log()
    first, last = site.sightings()[0], site.sightings()[-1]
    assert (first.state, last.state) == (State.OPEN, State.CLOSED)
    assert first.counts == {"person": 1}
    assert first.model.name == "scripted"
    assert first.stages.shutter <= first.stages.gated <= first.stages.detected <= first.at
    assert first.at - first.stages.shutter < timedelta(seconds=2)
    (found,) = first.photos[0].detections
    assert found.label == "person"
    assert 0.05 < found.width < 0.1


def test_one_canary_a_day_goes_out_with_its_photo_however_often_the_program_starts(site: Site) -> None:
    site.set(passes=1, canary=True)
    for _ in range(2):
        assert site.run() == 0, site.log()
    (canary,) = [sighting for sighting in site.sightings() if CANARY in sighting.counts]
    assert canary.counts == {CANARY: 1}
    assert canary.state is State.CLOSED
    assert [preview.original for preview in site.previews() if preview.opening == canary.opening] == [
        canary.photos[0].original
    ]


def test_the_first_heartbeat_comes_at_once_and_says_how_the_last_run_ended(site: Site) -> None:
    site.set(passes=1)
    reasons: list[str | None] = []
    for _ in range(2):
        assert site.run() == 0, site.log()
        reasons = [health.boot_reason for health in site.station.messages(Health)]
    assert reasons == ["first start", "orderly stop"]


def test_a_terminated_camera_closes_its_sighting_says_goodbye_and_ends_within_seconds(site: Site) -> None:
    site.set(passes=100, pace="realtime", fps=5)
    process = site.start()
    wait_until(site.sightings, "a sighting")
    process.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    assert process.wait(15) == 0, site.log()
    assert time.monotonic() - begin < 5
    wait_until(lambda: site.station.messages(Status)[-1].presence is Presence.LEAVING, "the goodbye")
    wait_until(lambda: site.sightings()[-1].state is State.CLOSED, "the closed sighting")


def test_a_camera_killed_again_and_again_loses_no_passing(site: Site) -> None:
    site.set(passes=8, pace="realtime", fps=60, quiet=0.2)
    for _ in range(3):
        seen = len(site.sightings())
        process = site.start()
        wait_until(lambda before=seen: len(site.sightings()) > before, "another sighting")
        process.kill()
        process.wait(10)
    assert site.run() == 0, site.log()
    assert {read_number(_image(preview)) for preview in site.previews()} == set(range(8))


def test_a_video_that_is_not_there_ends_it_with_a_sentence(site: Site) -> None:
    site.set(passes=1)
    path = site.folder / "camera.toml"
    scene = path.read_text()
    start, end = scene.index("[source]"), scene.index("[detector]")
    path.write_text(scene[:start] + '[source]\nkind = "video"\npath = "gone.avi"\n' + scene[end:])
    assert site.run() == 1
    assert f"Error: {site.folder / 'gone.avi'}: there is no such file; expected a video" in site.log()
    assert "Traceback" not in site.log()


def _no_key(folder: Path) -> None:
    (folder / "camera.key").unlink()


def _bad_settings(folder: Path) -> None:
    path = folder / "camera.toml"
    path.write_text(path.read_text().replace('name = "c"', 'name = "a/b"').replace("port = ", "port = 9"))


def _unknown_model(folder: Path) -> None:
    path = folder / "camera.toml"
    path.write_text(path.read_text().replace('kind = "scripted"', 'model = "no-such-model"'))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_no_key, "camera.key: cannot be read"),
        (_bad_settings, "camera.toml: 2 mistakes"),
        (_unknown_model, "no-such-model"),
    ],
)
def test_a_start_that_cannot_be_ends_with_a_sentence(site: Site, spoil: Callable[[Path], None], told: str) -> None:
    site.set(passes=1)
    spoil(site.folder)
    assert site.run() == 1
    assert told in site.log()
    assert "Traceback" not in site.log()


def test_the_key_command_makes_a_key_once_and_prints_the_lines_for_the_park(tmp_path: Path) -> None:
    text = SCENE.format(
        passes=1, pace="fast", fps=1, quiet=1, port=1883, canary="false", gateway=SigningKey.make().public
    )
    (tmp_path / "camera.toml").write_text(text)
    command = [sys.executable, "-m", "sambar.cli", "camera", "key", "--settings", str(tmp_path / "camera.toml")]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
    public = SigningKey.load(tmp_path / "camera.key").public
    assert first == second == f'[[camera]]\nname = "c"\nkey = "{public}"\n'
    assert (tmp_path / "camera.key").stat().st_mode & 0o777 == 0o600


def test_the_camera_brings_no_library_of_the_gateway() -> None:
    code = "import sys, edge.app; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    with contextlib.chdir(Path.cwd()):
        loaded = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
        ).stdout.split()
    assert "paho" in loaded
    theirs = {"sqlalchemy", "fastapi", "starlette", "telegram", "jinja2", "obstore", "gateway", "alerts"}
    assert not theirs & set(loaded)
