"""The real programs against a real broker, on scripted scenes: started, killed and started again by a test."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from gateway.store import Store, open_store
from sambar.demo import folder
from sambar.demo.folder import Places
from tests.fixtures.mosquitto import free_port, wait_until


class Process:
    """`sambar ARGUMENTS…`, its log appended to a file through every restart."""

    def __init__(self, log: Path, *arguments: str | Path) -> None:
        self._command = [sys.executable, "-m", "sambar.cli", *map(str, arguments)]
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """As by a power cut to the program: nothing in it gets a word."""
        self._end(signal.SIGKILL)

    def end(self) -> None:
        """Whether it runs, ran or never did: gone after this."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, with_signal: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(with_signal)
        return self._process.wait(timeout=30)

    @property
    def code(self) -> int | None:
        """With which it ended by itself; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def wait(self, within_s: float) -> int:
        """Until it ends by itself; its exit code."""
        assert self._process is not None
        return self._process.wait(timeout=within_s)

    @property
    def words(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class System:
    """One park with one camera, in a folder."""

    def __init__(self, at: Path, broker_port: int, source: str) -> None:
        web_port = free_port()
        self.places = Places(at, broker_port, "127.0.0.1", web_port, f"http://127.0.0.1:{web_port}")
        folder.write(self.places, source)
        self.camera = Process(at / "camera.log", "camera", "run", "--settings", self.places.camera_settings)
        self.gateway = Process(at / "gateway.log", "gateway", "run", "--settings", self.places.gateway_settings)
        subprocess.run(
            [
                *(sys.executable, "-m", "sambar.cli", "park", "apply", self.places.park_settings),
                *("--settings", self.places.gateway_settings, "--yes"),
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "COLUMNS": "200"},
        )

    def store(self) -> Store:
        return open_store(self.places.database)

    def end(self) -> None:
        for each in (self.camera, self.gateway):
            each.end()


def scene(script: str, passes: int, *, fps: float) -> str:
    """The camera's settings for a scripted scene and the detector that sees its figures."""
    return f"""\
kind = "scene"
script = "{script}"
passes = {passes}
fps = {fps}

[detector]
kind = "scripted"

[sighting]
quiet_s = 0.5
"""


__all__ = ["Process", "System", "free_port", "scene", "wait_until"]
