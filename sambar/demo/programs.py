"""Sambar's own programs, run as a park runs them: one process each, its log in a file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

ENDS_WITHIN_S = 10.0


class Program:
    """`sambar ARGUMENTS…` in the background, until `stop`."""

    def __init__(self, *arguments: str | Path, log: Path) -> None:
        self._name = f"sambar {arguments[0]} {arguments[1]}"
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "sambar.cli", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which then stops its programs in order
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def check(self) -> None:
        """Raises ClickException with the log's last words when it has ended by itself with an error."""
        if self._process.poll() not in {None, 0}:
            raise click.ClickException(f"`{self._name}` ended by itself:\n{self.last_words()}")

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:]) or "(it said nothing)"

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def wait_until(condition: Callable[[], bool], what: str, within_s: float, programs: list[Program]) -> None:
    """Returns when `condition()` holds. Raises ClickException when a program ends first, or when it takes too long."""
    deadline = time.monotonic() + within_s
    while not condition():
        for program in programs:
            program.check()
        if time.monotonic() > deadline:
            logs = "\n".join(program.last_words() for program in programs)
            raise click.ClickException(f"{what} did not come within {within_s:g} s; the last words:\n{logs}")
        time.sleep(0.05)
