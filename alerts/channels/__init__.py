"""The ways to reach a person, a module each."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from alerts import Channel
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.web import WebChannel, WebSettings


def _telegram(settings: Any) -> Channel:
    try:
        from alerts.channels.telegram import TelegramChannel  # noqa: PLC0415 - its library is heavy, and an extra
    except ImportError as missing:
        raise RuntimeError(
            f"channels.telegram: needs {missing.name}; install it with: pip install sambar[alerts]"
        ) from missing
    return TelegramChannel(settings)


SETTINGS: dict[str, type[BaseModel]] = {"telegram": TelegramSettings, "web": WebSettings}
"""Channel → its section [channels.NAME] of gateway.toml."""

MAKERS: dict[str, Callable[[Any], Channel]] = {"telegram": _telegram, "web": lambda settings: WebChannel()}  # noqa: ARG005
"""Channel → what makes it from its settings. Raises RuntimeError, in a sentence, when its library is missing."""
