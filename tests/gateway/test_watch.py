"""Who watches the gateway: people are told when it is gone, again while it lasts, and when it is back."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.fake_http import Answered, FakeHttp
from alerts.channels.fake_ntfy import FakeNtfy
from alerts.clock import DrivenClock
from gateway.mistakes import BadSettings
from gateway.watch import Watch
from gateway.watch_settings import load_watch
from tests.fixtures.mosquitto import free_port, wait_until
from tests.gateway.web.scene import NOW

EXAMPLE = Path(__file__).parents[2] / "docs" / "watch.example.toml"
MINUTE = timedelta(minutes=1)


class Health(FakeHttp):
    """A gateway's /health over real HTTP."""

    def __init__(self) -> None:
        super().__init__(lambda _: self.answer)
        self.answer = Answered(200, {})
        self.says()

    def says(self, status: int = 200, **changes: Any) -> None:
        whole: dict[str, Any] = {"ok": True, "heard_s": 12.0, "waiting": 0, "oldest_s": 0.0}
        self.answer = Answered(status, whole | changes)


@pytest.fixture
def health() -> Iterator[Health]:
    with Health() as server:
        yield server


@pytest.fixture
def ntfy() -> Iterator[FakeNtfy]:
    with FakeNtfy(token=None) as server:
        yield server


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(NOW)


def write(folder: Path, url: str, ntfy: FakeNtfy, more: str = "", tell: str = "") -> Path:
    path = folder / "watch.toml"
    path.write_text(
        f'[watch]\nurl = "{url}"\nname = "Khao Yai"\nzone = "Asia/Bangkok"\n{more}\n'
        f'tell = [{{ channel = "ntfy", address = "office" }}{tell}]\n'
        f'[channels.ntfy]\nurl = "{ntfy.url}"\nedits = false\n'
    )
    return path


@pytest.fixture
def watch(tmp_path: Path, health: Health, ntfy: FakeNtfy, clock: DrivenClock) -> Iterator[Watch]:
    path = write(tmp_path, f"{health.url}/health", ntfy, "silent_s = 7200", ', { channel = "ntfy", address = "chief" }')
    made = Watch(load_watch(path), clock)
    yield made
    made.close()


def pass_by(watch: Watch, clock: DrivenClock, time: timedelta) -> None:
    """A look each minute, the first one now."""
    watch.step()
    for _ in range(int(time / MINUTE)):
        clock.pass_by(MINUTE)
        watch.step()


def said(ntfy: FakeNtfy, topic: str = "office") -> list[str]:
    return [f"{each.title} {each.message}" for each in ntfy.shows(topic)]


def test_while_all_is_well_nobody_is_told(watch: Watch, clock: DrivenClock, ntfy: FakeNtfy) -> None:
    pass_by(watch, clock, timedelta(hours=2))
    assert said(ntfy) == []


def test_a_gateway_that_is_gone_is_told_to_everybody_after_five_minutes(
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy
) -> None:
    health.stop()
    pass_by(watch, clock, timedelta(minutes=4))
    assert said(ntfy) == []
    clock.pass_by(MINUTE)
    watch.step()
    for topic in ("office", "chief"):
        (one,) = said(ntfy, topic)
        assert "Alerts in trouble" in one
        assert "the gateway cannot be reached" in one
        assert "Khao Yai" in one


def test_it_is_told_again_each_hour_and_not_before(
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy
) -> None:
    health.stop()
    pass_by(watch, clock, timedelta(minutes=64))
    assert len(said(ntfy)) == 1
    pass_by(watch, clock, MINUTE)
    assert len(said(ntfy)) == 2


def test_its_return_is_told_once(watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy) -> None:
    health.says(500)
    pass_by(watch, clock, timedelta(minutes=6))
    health.says()
    pass_by(watch, clock, timedelta(minutes=90))
    assert len(said(ntfy)) == 2
    assert "the gateway is well again" in said(ntfy)[-1]


def test_a_short_trouble_is_told_to_nobody_and_its_end_neither(
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy
) -> None:
    for _ in range(3):
        health.says(503)
        pass_by(watch, clock, timedelta(minutes=4))
        health.says()
        pass_by(watch, clock, timedelta(minutes=4))
    assert said(ntfy) == []


def test_a_second_trouble_soon_after_the_first_has_its_own_five_minutes(
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy
) -> None:
    health.says(500)
    pass_by(watch, clock, timedelta(minutes=5))
    health.says()
    watch.step()
    health.says(500)
    pass_by(watch, clock, timedelta(minutes=4))
    assert len(said(ntfy)) == 2
    pass_by(watch, clock, MINUTE)
    assert len(said(ntfy)) == 3


def test_who_could_not_be_told_is_told_at_the_next_look_and_the_others_not_twice(
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy
) -> None:
    health.says(500)
    pass_by(watch, clock, timedelta(minutes=4))
    ntfy.answer_next(500, {})
    pass_by(watch, clock, MINUTE)
    assert (len(said(ntfy, "office")), len(said(ntfy, "chief"))) == (0, 1)
    pass_by(watch, clock, MINUTE)
    assert (len(said(ntfy, "office")), len(said(ntfy, "chief"))) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ok": False}, "not a gateway that is well"),
        ({"waiting": 3, "oldest_s": 1800.0}, "3 alerts wait, the longest for 30 minutes"),
        ({"heard_s": 7300.0}, "no camera was heard for 121 minutes"),
    ],
    ids=["not-ok", "waiting", "silent"],
)
def test_a_gateway_that_answers_and_does_not_do_its_work_is_told_too(  # noqa: PLR0917 - fixtures
    watch: Watch, clock: DrivenClock, health: Health, ntfy: FakeNtfy, changes: dict[str, Any], words: str
) -> None:
    health.says(200, **changes)
    pass_by(watch, clock, timedelta(minutes=5))
    assert words in said(ntfy)[0]


@pytest.mark.parametrize("body", [b"", b"<html>router</html>", b"[1]", b'{"ok": "yes"}'], ids=range(4))
def test_whatever_else_answers_there_is_no_gateway(watch: Watch, health: Health, body: bytes) -> None:
    health.answer = Answered(200, body)
    assert watch.look() == "what answers at its address is not a gateway that is well"


def test_a_gateway_that_has_heard_no_camera_yet_is_well(watch: Watch, health: Health) -> None:
    health.says(heard_s=None)
    assert watch.look() is None


def test_the_example_loads() -> None:
    assert load_watch(EXAMPLE).watch.tell[0].channel == "ntfy"


def test_what_the_example_shows_as_defaults_are_the_defaults(tmp_path: Path) -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if "# example" not in line]
    shown = tmp_path / "shown.toml"
    shown.write_text("\n".join(re.sub(r"^# (?=\w+ = )", "", line) for line in lines))
    assert "\nevery_s = 60.0" in shown.read_text()  # so the lines did come in
    assert load_watch(shown) == load_watch(EXAMPLE)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text(
        '[watch]\nurl = "somewhere"\nzone = "Mars"\nevery_s = 0\n'
        'tell = [{ channel = "web", address = "x" }, { channel = "pigeon", address = "x" }]\n'
    )
    with pytest.raises(BadSettings) as refused:
        load_watch(path)
    for sentence in (
        "5 mistakes",
        "watch.url: 'somewhere'",
        "watch.zone: 'Mars'; expected an IANA time zone",
        "watch.every_s: 0",
        "watch.tell.0.channel: 'web'; expected one of: ",
        "watch.tell.1.channel: 'pigeon'; expected one of: ",
    ):
        assert sentence in str(refused.value)


def test_a_channel_without_its_section_is_a_mistake(tmp_path: Path, ntfy: FakeNtfy) -> None:
    path = write(tmp_path, "http://x.example/health", ntfy, tell=', { channel = "email", address = "a@b.example" }')
    with pytest.raises(BadSettings, match=r"watch\.tell\.1\.channel: 'email'; expected a section \[channels\.email\]"):
        load_watch(path)


def run(*arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sambar.cli", "watch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_program_tells_of_a_gateway_that_was_never_there_and_ends_when_asked(
    tmp_path: Path, ntfy: FakeNtfy
) -> None:
    path = write(tmp_path, f"http://127.0.0.1:{free_port()}/health", ntfy, "every_s = 1\nafter_s = 0")
    with run("--settings", path) as program:
        wait_until(lambda: said(ntfy), "somebody is told", within_s=30)
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=30) == 0


def test_the_program_tries_whether_everybody_is_reached(tmp_path: Path, ntfy: FakeNtfy) -> None:
    path = write(tmp_path, "http://127.0.0.1:1/health", ntfy)
    with run("--settings", path, "--test") as program:
        assert "ntfy: taken" in program.communicate(timeout=60)[0]
        assert program.returncode == 0
    assert "Test alert" in said(ntfy)[0]
    ntfy.answer_next(403, {"code": 40301, "http": 403, "error": "forbidden"})
    with run("--settings", path, "--test") as program:
        assert "somebody would not be told" in program.communicate(timeout=60)[0]
        assert program.returncode == 1


def test_the_program_refuses_bad_settings_in_words(tmp_path: Path) -> None:
    with run("--settings", tmp_path / "none.toml") as program:
        assert "cannot be read" in program.communicate(timeout=60)[0]
        assert program.returncode == 1


def test_the_watch_needs_no_database_no_pages_and_no_pictures() -> None:
    """A small machine is enough for it: the extra `alerts` alone."""
    heavy = ("sqlalchemy", "fastapi", "cv2", "paho", "obstore")
    look = f"import sys, sambar.commands.watch; print([each for each in {heavy} if each in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", look], text=True) == "[]\n"
