"""What LINE tells us: https://developers.line.biz/en/reference/messaging-api/#webhooks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from linebot.v3.messaging import TextMessage
from linebot.v3.webhook import SignatureValidator

from alerts import Clock
from alerts.channels.buttons import fitting, pressed
from alerts.channels.line_answers import BadPhoto, UsedUp
from alerts.channels.line_messages import MOST_LETTERS
from alerts.channels.line_settings import LineSettings
from alerts.channels.line_wire import Line, Patience
from alerts.clock import SystemClock
from alerts.errors import ChannelError
from alerts.heard import Forged, Heard, Reply


class LineHook:
    """Texts and pressed buttons of users and group members. What else happens is passed over.

    LINE sends again what it had no 200 for. An event that comes twice gives the same `Heard`, its time and its reply
    token included.
    """

    taken = ""

    def __init__(self, settings: LineSettings, clock: Clock | None = None, patience: Patience | None = None) -> None:
        self._validator = SignatureValidator(settings.read_channel_secret())
        self._line = Line(settings, patience)
        self._clock = clock or SystemClock()
        self._log = structlog.get_logger().bind(channel="line")

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        try:
            text = body.decode()
            signed = self._validator.validate(text, headers.get("x-line-signature", ""))
        except UnicodeError:
            raise Forged("LINE's webhook: a body or a signature that is no UTF-8") from None
        if not signed:
            raise Forged("LINE's webhook: X-Line-Signature does not match; expected one by channels.line's secret")
        try:
            events: list[dict[str, Any]] = json.loads(text)["events"]
        except (ValueError, LookupError, TypeError):
            raise Forged("LINE's webhook: a body that is no JSON object with events") from None
        return [heard for event in events if (heard := self._heard(event)) is not None]

    def challenge(self, query: Mapping[str, str]) -> str | None:  # noqa: ARG002 - LINE asks by a POST without events
        return None

    def reply(self, heard: Heard, reply: Reply) -> None:
        if heard.token is None:
            return
        if reply.photo is not None:
            self._log.warning("LINE takes a photo by its address only: the words go alone")
        try:
            self._line.reply(heard.token, TextMessage(text=fitting(reply.text, MOST_LETTERS)))
        except (ChannelError, BadPhoto, UsedUp) as wrong:
            self._log.warning("a reply is not taken", why=str(wrong))

    def close(self) -> None:
        self._line.close()

    def _heard(self, event: dict[str, Any]) -> Heard | None:
        """None for what is no word and no button of a known kind: new kinds come without notice."""
        source = cast("dict[str, str]", event.get("source") or {})
        sender = source.get("userId")
        chat = source.get("groupId") or source.get("roomId") or sender
        answer, delivery, text = None, None, None
        match event:
            case {"type": "postback", "postback": {"data": str(data)}} if (button := pressed(data)) is not None:
                answer, delivery = button.answer, button.delivery
            case {"type": "message", "message": {"type": "text", "text": str(words)}}:
                text = words
            case {"type": "follow" | "join" | "unfollow" | "leave"}:  # from which an administrator learns the id
                self._log.info("somebody came or went", what=event["type"], address=chat)
                return None
            case _:
                return None
        if text is not None and chat != sender and not text.startswith("/"):  # people talk with each other there
            return None
        if sender is None or chat is None:  # one who has not agreed to be named cannot be known
            self._log.info("somebody without an id is not heard", chat=chat)
            return None
        return Heard(
            channel="line",
            sender=sender,
            chat=chat,
            at=self._time(event.get("timestamp")),
            answer=answer,
            delivery=delivery,
            text=text,
            token=event.get("replyToken"),
        )

    def _time(self, milliseconds: object) -> datetime:
        if isinstance(milliseconds, int):
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
        return self._clock.now()
