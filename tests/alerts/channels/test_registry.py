import subprocess
import sys

import pytest
from pydantic import BaseModel, SecretStr

from alerts.channels import CLASSES, EARS, HOOKS, SETTINGS, TRAITS, make
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.web_settings import WebSettings


def test_every_channel_has_settings_traits_and_a_class() -> None:
    assert SETTINGS.keys() == TRAITS.keys() == CLASSES.keys()


def test_only_channels_listen_and_have_hooks() -> None:
    assert EARS.keys() | HOOKS.keys() <= CLASSES.keys()


@pytest.mark.parametrize(
    ("name", "settings"),
    [("telegram", TelegramSettings(token=SecretStr("1:x"))), ("web", WebSettings())],
    ids=["telegram", "web"],
)
def test_what_is_made_bears_the_name_it_is_registered_by(name: str, settings: BaseModel) -> None:
    channel = make(name, settings)
    assert channel.name == name
    channel.close()


def test_settings_are_read_without_any_services_library() -> None:
    seen = "import sys, alerts.channels; print([name for name in ('telegram', 'httpx') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", seen], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_a_channel_whose_library_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "telegram", None)
    monkeypatch.delitem(sys.modules, "alerts.channels.telegram", raising=False)
    with pytest.raises(RuntimeError, match=r"channels\.telegram: needs telegram; install it with: pip install sambar"):
        make("telegram", TelegramSettings(token=SecretStr("1:x")))
