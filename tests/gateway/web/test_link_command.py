"""`sambar gateway link`: the address that an operations centre hands to a ranger."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.clock import SystemClock
from gateway.web.access import enter
from gateway.web.settings import WebSettings
from sambar.cli import main
from tests.gateway.web.scene import Scene

LIFETIME = WebSettings().session_lifetime


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """For the scene's own database."""
    file = tmp_path / "gateway.toml"
    file.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/gateway.db"\n[web]\npublic_url = "https://park.example"\n',
        encoding="utf-8",
    )
    return file


def link(settings: Path, *words: str) -> Result:

    return CliRunner().invoke(main, ["gateway", "link", "--settings", str(settings), *words])


def test_the_printed_address_opens_the_persons_pages(scene: Scene, settings: Path):
    printed = link(settings, "somchai").output
    address, _, token = printed.strip().rpartition("/")
    assert address == "https://park.example/enter"
    entered = enter(scene.store, token, LIFETIME, SystemClock().now())
    assert entered is not None
    assert entered.visitor.person == "somchai"


def test_revoking_ends_what_was_given_out(scene: Scene, settings: Path):
    token = link(settings, "somchai").output.strip().rpartition("/")[2]
    assert "links and sessions ended: 1" in link(settings, "somchai", "--revoke").output
    assert enter(scene.store, token, LIFETIME, SystemClock().now()) is None


@pytest.mark.usefixtures("scene")
def test_an_unknown_person_is_a_sentence(settings: Path):
    answer = link(settings, "nok")
    assert answer.exit_code == 1
    assert "expected one of: duty, malee, somchai" in answer.output


def test_of_several_parks_one_must_be_named(scene: Scene, settings: Path):
    scene.park("phnom", "Phnom Samkos")
    answer = link(settings, "somchai")
    assert answer.exit_code == 2
    assert "phnom, thap-lan" in answer.output
    assert link(settings, "somchai", "--park", "phnom").exit_code == 0
