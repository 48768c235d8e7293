"""The ways to reach a person, a module each. What is here is known without any service's library."""

from importlib import import_module
from typing import Any

from pydantic import BaseModel

from alerts import Channel, Ears, Hook
from alerts.channels import (
    apprise_settings,
    email_settings,
    line_settings,
    modem_settings,
    ntfy_settings,
    relay_settings,
    signal_settings,
    sms_settings,
    telegram_settings,
    voice_settings,
    web_settings,
    webhook_settings,
    whatsapp_settings,
)
from alerts.channels.traits import Traits

SETTINGS: dict[str, type[BaseModel]] = {
    "apprise": apprise_settings.AppriseSettings,
    "email": email_settings.EmailSettings,
    "line": line_settings.LineSettings,
    "modem": modem_settings.ModemSettings,
    "ntfy": ntfy_settings.NtfySettings,
    "relay": relay_settings.RelaySettings,
    "signal": signal_settings.SignalSettings,
    "sms": sms_settings.SmsSettings,
    "telegram": telegram_settings.TelegramSettings,
    "voice": voice_settings.VoiceSettings,
    "web": web_settings.WebSettings,
    "webhook": webhook_settings.WebhookSettings,
    "whatsapp": whatsapp_settings.WhatsAppSettings,
}
"""Channel → its section [channels.NAME] of gateway.toml."""

TRAITS: dict[str, Traits] = {
    "apprise": apprise_settings.TRAITS,
    "email": email_settings.TRAITS,
    "line": line_settings.TRAITS,
    "modem": modem_settings.TRAITS,
    "ntfy": ntfy_settings.TRAITS,
    "relay": relay_settings.TRAITS,
    "signal": signal_settings.TRAITS,
    "sms": sms_settings.TRAITS,
    "telegram": telegram_settings.TRAITS,
    "voice": voice_settings.TRAITS,
    "web": web_settings.TRAITS,
    "webhook": webhook_settings.TRAITS,
    "whatsapp": whatsapp_settings.TRAITS,
}

CLASSES = {
    "apprise": "alerts.channels.apprise:AppriseChannel",
    "email": "alerts.channels.email:EmailChannel",
    "line": "alerts.channels.line:LineChannel",
    "modem": "alerts.channels.modem:ModemChannel",
    "ntfy": "alerts.channels.ntfy:NtfyChannel",
    "relay": "alerts.channels.relay:RelayChannel",
    "signal": "alerts.channels.signal:SignalChannel",
    "sms": "alerts.channels.sms:SmsChannel",
    "telegram": "alerts.channels.telegram:TelegramChannel",
    "voice": "alerts.channels.voice:VoiceChannel",
    "web": "alerts.channels.web:WebChannel",
    "webhook": "alerts.channels.webhook:WebhookChannel",
    "whatsapp": "alerts.channels.whatsapp:WhatsAppChannel",
}
"""Channel → module and class, which takes the settings. Loaded when used: some libraries are heavy."""

EARS: dict[str, str] = {
    "modem": "alerts.channels.modem_ears:ModemEars",
    "signal": "alerts.channels.signal_ears:SignalEars",
    "telegram": "alerts.channels.telegram_ears:TelegramEars",
}
"""Channels that are asked for what people wrote (`alerts.Ears`): module and class, which takes the settings."""

HOOKS: dict[str, str] = {
    "line": "alerts.channels.line_hook:LineHook",
    "sms": "alerts.channels.sms:SmsHook",
    "voice": "alerts.channels.voice:VoiceHook",
    "whatsapp": "alerts.channels.whatsapp_hook:WhatsAppHook",
}
"""Channels to which the service speaks (`alerts.Hook`), at /hooks/NAME: module and class, which takes the settings."""


def make(name: str, settings: BaseModel, **parts: Any) -> Channel:
    """With what its class takes beside the settings: the web channel's `subscriptions`.

    Raises RuntimeError, in a sentence, when its library is missing, or what the settings name cannot be used.
    """
    return _made(CLASSES, name, settings, **parts)


def make_ears(name: str, settings: BaseModel) -> Ears:
    """As `make`."""
    return _made(EARS, name, settings)


def make_hook(name: str, settings: BaseModel) -> Hook:
    """As `make`."""
    return _made(HOOKS, name, settings)


def _made(where: dict[str, str], name: str, settings: BaseModel, **parts: Any) -> Any:
    module, _, kind = where[name].partition(":")
    try:
        maker = getattr(import_module(module), kind)
    except ImportError as missing:
        raise RuntimeError(
            f"channels.{name}: needs {missing.name}; install it with: pip install sambar[alerts]"
        ) from missing
    try:
        return maker(settings, **parts)
    except ValueError as wrong:
        raise RuntimeError(f"channels.{name}: {wrong}") from wrong
