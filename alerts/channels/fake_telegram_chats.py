"""What the fake Bot API server knows: chats, what they show, and Telegram's rules about them.

Every refusal names the place in the documentation that it follows; `api` stands for https://core.telegram.org/bots/api.
"""

import html
import math
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

TAG = re.compile(r"<(/?)([a-z-]+)((?:\s+[^<>]*)?)>|<|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|&")
TAGS = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "a", "code", "pre", "blockquote"})
"""api#html-style."""


class Answer(Exception):
    """A refusal, as the server sends it: api#making-requests."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters
        """api#responseparameters."""


@dataclass(slots=True)
class Shown:
    """A message as the chat shows it."""

    message_id: int
    text: str
    """What a person reads, markup gone."""
    source: str
    """What was sent."""
    photo: bytes | None
    edits: int = 0


@dataclass(slots=True)
class Chat:
    number: int
    kind: str
    """'private', 'group' or 'supergroup': api#chat."""
    messages: dict[int, Shown] = field(default_factory=dict[int, Shown])
    forbidden: str | None = None
    """Why the bot may not write here."""
    moved_to: int | None = None
    recent: deque[float] = field(default_factory=deque[float])
    """When messages were taken, in seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this."""

    in_all_per_s: int = 30
    per_chat_per_s: int = 1
    per_group_per_min: int = 20


class Chats:
    """Not safe to share among threads: the server holds a lock."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.by_number: dict[int, Chat] = {}
        self.adds_media_to_text = True
        """False for a server older than this part of api#editmessagemedia."""
        self._last_message = 0
        self._recent: deque[float] = deque()

    def open(self, number: int, now: float) -> Chat:
        """The chat, when the bot may write there at this moment."""
        chat = self.by_number.get(number)
        if chat is None:
            raise Answer(400, "Bad Request: chat not found")  # api#making-requests: 'error_code' mirrors HTTP's
        if chat.moved_to is not None:  # api#responseparameters: migrate_to_chat_id
            raise Answer(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        if chat.forbidden is not None:
            raise Answer(403, f"Forbidden: {chat.forbidden}")
        self._hold_to_limits(chat, now)
        return chat

    def add(self, chat: Chat, source: str, photo: bytes | None) -> Shown:
        text = self.checked(source, photo)
        self._last_message += 1
        shown = Shown(self._last_message, text, source, photo)
        chat.messages[shown.message_id] = shown
        return shown

    def edit(self, chat: Chat, message_id: int, source: str, photo: bytes | None, method: str) -> Shown:
        """api#updating-messages."""
        shown = chat.messages.get(message_id)
        if shown is None:
            raise Answer(400, "Bad Request: message to edit not found")
        if method == "editMessageText" and shown.photo is not None:
            raise Answer(400, "Bad Request: there is no text in the message to edit")
        if method == "editMessageCaption" and shown.photo is None:
            raise Answer(400, "Bad Request: there is no caption in the message to edit")
        if method == "editMessageMedia" and shown.photo is None and not self.adds_media_to_text:
            raise Answer(400, "Bad Request: there is no media in the message to edit")
        new_photo = photo if method == "editMessageMedia" else shown.photo
        text = self.checked(source, new_photo)
        if (source, new_photo) == (shown.source, shown.photo):
            raise Answer(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the"
                " same as a current content and reply markup of the message",
            )
        shown.text, shown.source, shown.photo = text, source, new_photo
        shown.edits += 1
        return shown

    @staticmethod
    def checked(source: str, photo: bytes | None) -> str:
        """The text that HTML source shows: api#html-style. Its lengths: api#sendmessage, api#sendphoto."""
        text = shown_text(source)
        letters = len(text.encode("utf-16-le")) // 2
        if photo is None and not text.strip():
            raise Answer(400, "Bad Request: message text is empty")
        if photo is None and letters > 4096:
            raise Answer(400, "Bad Request: message is too long")
        if photo is not None and letters > 1024:
            raise Answer(400, "Bad Request: message caption is too long")
        if photo is not None and len(photo) > 10 * 1024 * 1024:  # api#sending-files: 10 MB for photos
            raise Answer(413, "Request Entity Too Large")
        if photo is not None and not (photo.startswith(b"\xff\xd8\xff") and photo.endswith(b"\xff\xd9")):
            raise Answer(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return text

    def _hold_to_limits(self, chat: Chat, now: float) -> None:
        if self.limits is None:
            return
        per_minute = self.limits.per_group_per_min if chat.kind != "private" else math.inf
        waits = [
            _wait(chat.recent, now, 60, per_minute),
            _wait(chat.recent, now, 1, self.limits.per_chat_per_s),
            _wait(self._recent, now, 1, self.limits.in_all_per_s),
        ]
        if (wait := max(waits)) > 0:
            seconds = math.ceil(wait)
            raise Answer(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for recent in (chat.recent, self._recent):
            recent.append(now)


def _wait(recent: deque[float], now: float, window_s: float, most: float) -> float:
    """Seconds until one more would be within `most` per window."""
    within = [moment for moment in recent if now - moment < window_s]
    if len(within) < most:
        return 0
    return window_s - (now - within[len(within) - int(most)])


def shown_text(source: str) -> str:
    """Raises Answer for what Telegram's HTML does not know."""
    open_tags: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        whole, closing, tag = found.group(0), found.group(1), found.group(2)
        if whole in {"<", "&"} or (tag is not None and tag not in TAGS):
            raise Answer(400, f"Bad Request: can't parse entities: unsupported {whole!r} at offset {found.start()}")
        if tag is None:
            return html.unescape(whole)
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            raise Answer(400, f"Bad Request: can't parse entities: unexpected end tag at offset {found.start()}")
        return ""

    text = TAG.sub(replaced, source)
    if open_tags:
        raise Answer(400, f"Bad Request: can't parse entities: can't find end tag of {open_tags[-1]!r}")
    return text


def as_message(chat: Chat, shown: Shown) -> dict[str, Any]:
    """api#message."""
    message: dict[str, Any] = {
        "message_id": shown.message_id,
        "date": 1_700_000_000,
        "chat": {"id": chat.number, "type": chat.kind},
    }
    if shown.edits:
        message["edit_date"] = 1_700_000_001
    if shown.photo is None:
        return message | {"text": shown.text}
    size = {"file_id": f"f{shown.message_id}", "file_unique_id": f"u{shown.message_id}", "width": 90, "height": 60}
    return message | {"caption": shown.text, "photo": [size]}
