"""A Messaging API server that behaves, over real HTTP, for tests and rehearsals.

`api` stands for https://developers.line.biz/en/reference/messaging-api/, `retry` for
https://developers.line.biz/en/docs/messaging-api/retrying-api-request/.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from alerts.channels.fake_http import Answered, FakeHttp, Request

TOKEN = "the-access-token-of-the-channel"  # noqa: S105 - of an account that does not exist
SECRET = "the-channel-secret"  # noqa: S105 - of an account that does not exist
MOST_OBJECTS = 5
MOST_LETTERS = 5_000
MOST_BUTTONS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A message object as a chat shows it."""

    message_id: str
    source: dict[str, Any]
    """The message object."""
    quiet: bool

    @property
    def kind(self) -> str:
        """'text', 'image' or 'template'."""
        return self.source["type"]


class FakeLine(FakeHttp):
    """One server on a free port of 127.0.0.1. A user is a friend of the account once added."""

    def __init__(self, token: str = TOKEN, secret: str = SECRET, limit: int | None = None) -> None:
        """`limit`: messages in this month, None for a plan without an end."""
        super().__init__(self._answered)
        self.token = token
        self.secret = secret
        self.limit = limit
        self.used = 0
        self.held_back = False
        """Whether another message is under way that holds all that is left of the quota."""
        self.profiles_fail = False
        """Whether whoever asks for a profile meets a server error."""
        self._chats: dict[str, list[Shown]] = {}
        self._members: dict[str, int] = {}
        self._blocked: set[str] = set()
        self._accepted: dict[str, tuple[str, list[dict[str, str]]]] = {}
        """Retry key → request id and sentMessages."""
        self._reply_tokens: dict[str, str] = {}
        self._last = 461230966842064897  # the number in api#send-push-message

    # What a test arranges, and looks at.

    def add(self, chat: str, members: int = 1) -> None:
        """A user who becomes a friend, or a group with so many members."""
        self._chats[chat] = []
        self._members[chat] = members

    def block(self, user: str) -> None:
        self._blocked.add(user)

    def unsend(self, chat: str) -> None:
        """The last message of the account is gone from the person's phone."""
        last = self._chats[chat][-1].message_id
        self._chats[chat] = [shown for shown in self._chats[chat] if not _together(shown.message_id, last)]

    def shows(self, chat: str) -> list[Shown]:
        """What the chat shows, oldest first."""
        return list(self._chats[chat])

    def webhook(self, *events: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of the request by which LINE tells of events: api#webhooks, api#signature-validation."""
        for event in events:
            if "replyToken" in event:
                source = event["source"]
                self._reply_tokens[event["replyToken"]] = source.get("groupId") or source.get("userId", "")
        body = json.dumps({"destination": "U" + "0" * 32, "events": events}, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        return {"content-type": "application/json; charset=utf-8", "x-line-signature": signature}, body

    # What a request meets.

    def _answered(self, request: Request) -> Answered:
        headers = {"x-line-request-id": str(uuid4())}  # api#response-headers
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Answered(
                401,
                {
                    "message": "Authentication failed due to the following reason: invalid token. Confirm that the"
                    " access token in the authorization header is valid."
                },
                headers,
            )  # api#error-messages
        match request.method, request.path:
            case "POST", "/v2/bot/message/push":
                return self._push(request, headers)
            case "POST", "/v2/bot/message/reply":
                return self._reply(request, headers)
            case "GET", "/v2/bot/message/quota":  # api#get-quota
                limit = {"type": "none"} if self.limit is None else {"type": "limited", "value": self.limit}
                return Answered(200, limit, headers)
            case "GET", "/v2/bot/message/quota/consumption":  # api#get-consumption
                return Answered(200, {"totalUsage": self.used}, headers)
            case "GET", "/v2/bot/info":  # api#get-bot-info
                bot = {"userId": "U" + "0" * 32, "basicId": "@216ru", "displayName": "Khao Yai alerts"}
                return Answered(200, bot | {"chatMode": "bot", "markAsReadMode": "auto"}, headers)
            case "GET", path if path.startswith("/v2/bot/profile/"):  # api#get-profile
                if self.profiles_fail:
                    return Answered(500, {"message": "Internal server error"}, headers)
                user = path.rpartition("/")[2]
                if user not in self._chats or user in self._blocked:
                    return Answered(404, {"message": "Not found"}, headers)  # api#status-codes
                return Answered(200, {"userId": user, "displayName": "Malee"}, headers)
            case _:
                return Answered(404, {"message": "Not found"}, headers)

    def _push(self, request: Request, headers: dict[str, str]) -> Answered:
        """api#send-push-message."""
        key = request.headers.get("x-line-retry-key")
        if key is not None and str(UUID(key)) in self._accepted:  # retry#retry-responses
            before, sent = self._accepted[key]
            body = {"message": "The retry key is already accepted", "sentMessages": sent}
            return Answered(409, body, {**headers, "x-line-accepted-request-id": before})
        said = request.json()
        to = said["to"]
        if not re.fullmatch(r"[UCR][0-9a-f]{32}", to):
            return Answered(400, {"message": "The property, 'to', in the request body is invalid"}, headers)
        if wrong := _wrong(said["messages"]):
            return Answered(400, {"message": f"The request body has {len(wrong)} error(s)", "details": wrong}, headers)
        if to not in self._chats:
            return Answered(400, {"message": "Failed to send messages"}, headers)  # api#error-messages
        reached = 0 if to in self._blocked else self._members[to]  # faq: those who get nothing are not counted
        if self.held_back or (self.limit is not None and self.used + reached > self.limit):
            return Answered(429, {"message": "You have reached your monthly limit."}, headers)  # api#error-messages
        self.used += reached
        sent = self._shown(to, said)
        if key is not None:
            self._accepted[key] = (headers["x-line-request-id"], sent)
        return Answered(200, {"sentMessages": sent}, headers)

    def _reply(self, request: Request, headers: dict[str, str]) -> Answered:
        """api#send-reply-message. A token serves once."""
        said = request.json()
        chat = self._reply_tokens.pop(said["replyToken"], None)
        if chat is None or "x-line-retry-key" in request.headers:
            return Answered(400, {"message": "Invalid reply token"}, headers)  # api#error-messages
        return Answered(200, {"sentMessages": self._shown(chat, said)}, headers)

    def _shown(self, to: str, said: dict[str, Any]) -> list[dict[str, str]]:
        self._last += 100
        sent: list[dict[str, str]] = []
        for place, message in enumerate(said["messages"]):
            number = str(self._last + place)
            if to not in self._blocked:  # https://developers.line.biz/en/faq/tags/message/: taken, 200, never shown
                self._chats[to].append(Shown(number, message, said.get("notificationDisabled", False)))
            sent.append({"id": number, "quoteToken": f"q{number}"})
        return sent


def _together(one: str, other: str) -> bool:
    """Whether two messages came by one request."""
    return (int(one) - 97) // 100 == (int(other) - 97) // 100


def _wrong(messages: list[dict[str, Any]]) -> list[dict[str, str]]:
    """api#error-responses: details."""
    wrong: list[dict[str, str]] = []
    if not 1 <= len(messages) <= MOST_OBJECTS:
        wrong.append({"message": "Size must be between 1 and 5", "property": "messages"})
    for place, message in enumerate(messages):
        wrong.extend({"message": why, "property": f"messages[{place}].{name}"} for name, why in _faults(message))
    return wrong


def _faults(message: dict[str, Any]) -> list[tuple[str, str]]:
    match message:
        case {"type": "text", "text": str(text)}:  # api#text-message
            return [] if 0 < _letters(text) <= MOST_LETTERS else [("text", "Length must be between 0 and 5000")]
        case {"type": "image", **urls}:  # api#image-message: HTTPS, 2,000 letters
            names = ("originalContentUrl", "previewImageUrl")
            return [(name, "invalid uri") for name in names if not re.fullmatch(r"https://\S{1,1992}", urls[name])]
        case {"type": "template", "altText": str(alt), "template": {"type": "buttons", **buttons}}:  # api#buttons
            faults = [] if 0 < _letters(alt) <= 400 else [("altText", "Length must be between 0 and 400")]
            faults += [] if 0 < _letters(buttons["text"]) <= 160 else [("template.text", "too long")]
            faults += [] if 1 <= len(buttons["actions"]) <= MOST_BUTTONS else [("template.actions", "too many")]
            for action in buttons["actions"]:  # api#postback-action
                fits = _letters(action["label"]) <= 20 and len(action["data"]) <= 300
                faults += [] if action["type"] == "postback" and fits else [("template.actions", "invalid action")]
            return faults
        case _:
            return [("type", "must be one of text, image, template")]


def _letters(text: str) -> int:
    """https://developers.line.biz/en/docs/messaging-api/text-character-count/: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2
