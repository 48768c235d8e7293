"""What Meta tells us: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview.

Read by hand: pywa's own reading warns at each value that is newer than itself, and hides whole updates behind handlers.
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from pywa.utils import webhook_updates_validator

from alerts import Clock
from alerts.channels.buttons import fitting, pressed
from alerts.channels.numbers import masked
from alerts.channels.whatsapp_answers import OUTSIDE, Outside
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.channels.whatsapp_window import Window, window_of
from alerts.channels.whatsapp_wire import CloudApi, Patience
from alerts.channels.whatsapp_words import MOST_UNDER_PHOTO
from alerts.clock import SystemClock
from alerts.errors import Busy, Refused
from alerts.heard import Forged, Heard, Reply


class WhatsAppHook:
    """Texts, pressed buttons, and the word that a phone has a message. Each person's word opens their window.

    Meta sends again what it had no 200 for: the same events give the same `Heard`.
    """

    taken = ""

    def __init__(
        self,
        settings: WhatsAppSettings,
        clock: Clock | None = None,
        patience: Patience | None = None,
        window: Window | None = None,
    ) -> None:
        self._number = settings.phone_number_id
        self._secret = settings.read_app_secret()
        self._word = settings.read_verify_token()
        self._window = window or window_of(settings.phone_number_id)
        self._clock = clock or SystemClock()
        self._api = CloudApi(settings, patience)
        self._log = structlog.get_logger().bind(channel="whatsapp")

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        signature = headers.get("x-hub-signature-256", "")
        if not signature.isascii() or not webhook_updates_validator(self._secret, body, signature):
            raise Forged("WhatsApp's webhook: X-Hub-Signature-256 does not match; expected one by the app's secret")
        try:
            values = list(_values(json.loads(body)))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Forged("WhatsApp's webhook: a body that is no JSON object with entries") from None
        heard: list[Heard | None] = []
        for value in values:
            if value.get("metadata", {}).get("phone_number_id") != self._number:  # another number of the same account
                continue
            heard.extend(self._word_of(message) for message in value.get("messages", []))
            heard.extend(self._receipt(status) for status in value.get("statuses", []))
        return [each for each in heard if each is not None]

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint."""
        named = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(named, self._word.encode()):
            return None
        return query.get("hub.challenge")

    def reply(self, heard: Heard, reply: Reply) -> None:
        try:
            photo = self._api.upload(reply.photo) if reply.photo is not None else None
            self._api.send(heard.chat, fitting(reply.text, MOST_UNDER_PHOTO), photo, [], heard.token)
        except (Busy, Refused, Outside) as wrong:
            self._log.warning("a reply is not taken", why=str(wrong), to=masked(heard.chat))

    def close(self) -> None:
        self._api.close()

    def _word_of(self, message: dict[str, Any]) -> Heard | None:
        """None for what is neither text nor a button of ours."""
        number = message.get("from")
        if not number:  # somebody with a user name who hides the number
            self._log.info("somebody without a number is not heard")
            return None
        sender, at = f"+{number}", self._time(message.get("timestamp"))
        self._window.heard(sender, at)
        answer, delivery, text = None, None, None
        match message:
            case {"type": "text", "text": {"body": str(words)}}:
                text = words
            case {"type": "interactive", "interactive": {"button_reply": {"id": str(data)}}} | {
                "type": "button",
                "button": {"payload": str(data)},
            } if (button := pressed(data)) is not None:
                answer, delivery = button.answer, button.delivery
            case _:
                return None
        return Heard(
            channel="whatsapp",
            sender=sender,
            chat=sender,
            at=at,
            answer=answer,
            delivery=delivery,
            text=text,
            token=message.get("id"),
        )

    def _receipt(self, status: dict[str, Any]) -> Heard | None:
        """Of 'delivered', or of 'read', which may come instead of it. Read by a phone is not seen by a person."""
        address = f"+{status.get('recipient_id', '')}"
        match status:
            case {"status": "delivered" | "read", "id": str(message_id)}:
                return Heard(
                    channel="whatsapp",
                    sender=address,
                    chat=address,
                    at=self._time(status.get("timestamp")),
                    delivered=message_id,
                )
            case {"status": "failed"}:
                codes = [error.get("code") for error in status.get("errors", [])]
                self._log.warning("a message that was taken has failed", to=masked(address), codes=codes)
                if OUTSIDE in codes:
                    self._window.close(address)
                return None
            case _:
                return None

    def _time(self, seconds: object) -> datetime:
        """Of a string of seconds since 1970."""
        if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) <= 11:
            return datetime.fromtimestamp(int(seconds), UTC)
        return self._clock.now()


def _values(said: Any) -> Iterator[dict[str, Any]]:
    for entry in said["entry"]:
        for change in entry["changes"]:
            if change["field"] == "messages":
                yield change["value"]
