"""docs/channels/modem.md, sms.md and voice.md against the code."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import SETTINGS
from alerts.channels.modem_errors import NOT_THIS_NUMBER as NOT_THIS_NUMBER_OF_A_MODEM
from alerts.channels.twilio import NOT_DELIVERED, NOT_THIS_NUMBER, SETTLE_FIRST
from alerts.channels.twiml import VOICES

DOCS = Path(__file__).parents[3] / "docs" / "channels"


def text(channel: str) -> str:
    return (DOCS / f"{channel}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("channel", ["modem", "sms", "voice"])
def test_the_example_settings_are_ones_that_are_taken(channel: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"^ *```toml\n(.*?)```", text(channel), re.DOTALL | re.MULTILINE)
    section: dict[str, Any] = tomllib.loads(textwrap.dedent(block))["channels"][channel]
    if "auth_token_file" in section:
        section["auth_token_file"] = tmp_path / "twilio"
        (tmp_path / "twilio").write_text("the-token")
    SETTINGS[channel].model_validate(section)


@pytest.mark.parametrize("code", [*NOT_THIS_NUMBER, *SETTLE_FIRST, *NOT_DELIVERED])
def test_every_code_of_twilios_is_explained(code: int) -> None:
    assert str(code) in text("sms") + text("voice")


@pytest.mark.parametrize("kind", NOT_THIS_NUMBER_OF_A_MODEM)
def test_every_error_that_refuses_a_number_is_explained(kind: str) -> None:
    assert f"`{kind.partition('.')[2]}`" in text("modem")


def test_every_voice_is_named() -> None:
    named = re.findall(r"^\| \w+ \| `([\w.-]+)` \|$", text("voice"), re.MULTILINE)
    assert sorted(named) == sorted(voice.name for voice in VOICES.values())
