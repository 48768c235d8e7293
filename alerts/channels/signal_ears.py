"""What people write on Signal, and which messages their phones have: fetched from signal-cli-rest-api.

It gives out each message once, whether or not we can keep it; so each is tried at our side for as long as `Listening`
does, and the next are fetched only then.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any

import httpx
import structlog

from alerts.backoff import Backoff
from alerts.channels.listening import REST, Listening, Stopped
from alerts.channels.signal_answers import BadPhoto
from alerts.channels.signal_api import SignalApi
from alerts.channels.signal_settings import SignalSettings
from alerts.errors import Busy, ChannelError
from alerts.heard import Heard, Reply


class SignalEars:
    """Hears receipts, and what is written to the gateway's number; in groups only what begins with '/'."""

    def __init__(self, settings: SignalSettings, patience: httpx.Timeout | None = None, rest: Backoff = REST) -> None:
        self._settings = settings
        self._patience = patience
        self._rest = rest
        self._log = structlog.get_logger().bind(channel="signal")

    def listen(self, stopping: Event, heard: Callable[[Heard], Reply | None]) -> None:
        listening = Listening("signal", stopping, heard, self._rest)
        api = SignalApi(self._settings, self._patience)
        try:
            while listening.goes_on():
                try:
                    envelopes = api.receive()
                except (ChannelError, BadPhoto) as trouble:
                    listening.rests(str(trouble), trouble.retry_after if isinstance(trouble, Busy) else None)
                    continue
                listening.well()
                for envelope in envelopes:
                    for each in self._read(envelope):
                        self._take(api, each, listening)
                stopping.wait(self._settings.poll_s)
        finally:
            api.close()

    def _read(self, envelope: dict[str, Any]) -> list[Heard]:
        try:
            return read(envelope, self._settings.number)
        except (LookupError, TypeError, ValueError, OverflowError) as wrong:
            self._log.warning("a message that cannot be read", why=type(wrong).__name__, parts=sorted(envelope))
            return []

    def _take(self, api: SignalApi, heard: Heard, listening: Listening) -> None:
        try:
            reply = listening.hands_on(heard)
        except Stopped:
            self._log.error("what was heard is lost: Signal gives it out once", text=heard.text is not None)
            return
        if reply is None:
            return
        try:
            try:
                api.send(heard.chat, reply.text, reply.photo)
            except BadPhoto:
                api.send(heard.chat, reply.text)
        except (ChannelError, BadPhoto) as failed:
            self._log.warning("a reply did not get through", why=str(failed))


def read(envelope: dict[str, Any], own_number: str) -> list[Heard]:
    """What an envelope says to us: a text, receipts, or nothing of either.

    Its parts: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli-jsonrpc.5.adoc, and signal-cli's
    src/main/java/org/asamk/signal/json/.
    """
    sender = envelope.get("sourceNumber") or envelope.get("sourceUuid") or envelope.get("source")
    if not isinstance(sender, str) or sender == own_number:
        return []
    at = _moment(envelope.get("serverReceivedTimestamp") or envelope["timestamp"])
    if receipt := envelope.get("receiptMessage"):
        # Delivery, read or viewed: each says that the phone has it. 'Read' is an app's word, not a person's.
        stamps: list[int] = receipt["timestamps"]
        return [Heard(channel="signal", sender=sender, chat=sender, at=at, delivered=str(int(each))) for each in stamps]
    message: dict[str, Any] = envelope.get("dataMessage") or {}
    text: Any = message.get("message")
    if not isinstance(text, str) or not text.strip():  # a reaction, a sticker, a timer, a call
        return []
    group: dict[str, str] | None = message.get("groupInfo")
    if group and not text.lstrip().startswith("/"):
        return []
    chat = group_address(group["groupId"]) if group else sender
    return [
        Heard(channel="signal", sender=sender, chat=chat, at=at, text=text.strip(), token=str(message["timestamp"]))
    ]


def group_address(internal: str) -> str:
    """As a group is addressed: 'group.' and, in Base64, the id that messages bear, which is Base64 itself."""
    return "group." + base64.b64encode(internal.encode()).decode()


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
