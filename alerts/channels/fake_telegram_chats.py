"""What the fake Bot API server knows: chats, what they show, and Telegram's rules about them.

Every refusal names the place in the documentation that it follows; `api` stands for https://core.telegram.org/bots/api.
"""

import html
import json
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
    buttons: dict[str, str] = field(default_factory=dict[str, str])
    """Label → callback data, row by row."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The labels as they stand."""
    silent: bool = False
    """Whether the phone made no sound: api#sendmessage, `disable_notification`."""
    edits: int = 0
    sent_at: float = 0
    """Seconds, by the server's clock."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a request wants a message to be."""

    source: str
    photo: bytes | None
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Of buttons: (label, callback data)."""


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
    last_message: int = 0
    """Each chat counts for itself: api#message, 'unique message identifier inside this chat'."""


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

    def add(self, chat: Chat, content: Content, now: float, *, silent: bool) -> Shown:
        text = self.checked(content.source, content.photo)
        chat.last_message += 1
        shown = Shown(chat.last_message, text, content.source, content.photo, silent=silent, sent_at=now)
        _show_buttons(shown, content)
        chat.messages[shown.message_id] = shown
        return shown

    def edit(self, chat: Chat, message_id: int, content: Content, method: str) -> Shown:
        """api#updating-messages. An edit without a keyboard takes away the one that is there."""
        shown = chat.messages.get(message_id)
        if shown is None:
            raise Answer(400, "Bad Request: message to edit not found")
        if method == "editMessageText" and shown.photo is not None:
            raise Answer(400, "Bad Request: there is no text in the message to edit")
        if method == "editMessageCaption" and shown.photo is None:
            raise Answer(400, "Bad Request: there is no caption in the message to edit")
        if method == "editMessageMedia" and shown.photo is None and not self.adds_media_to_text:
            raise Answer(400, "Bad Request: there is no media in the message to edit")
        new_photo = content.photo if method == "editMessageMedia" else shown.photo
        text = self.checked(content.source, new_photo)
        before = (shown.source, shown.photo, shown.rows, shown.buttons)
        shown.text, shown.source, shown.photo = text, content.source, new_photo
        _show_buttons(shown, content)
        if before == (shown.source, shown.photo, shown.rows, shown.buttons):
            raise Answer(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the"
                " same as a current content and reply markup of the message",
            )
        shown.edits += 1
        return shown

    @staticmethod
    def delete(chat: Chat, message_id: int, now: float) -> None:
        """api#deletemessage: a bot's own, within 48 hours."""
        shown = chat.messages.get(message_id)
        if shown is None:
            raise Answer(400, "Bad Request: message to delete not found")
        if now - shown.sent_at >= 48 * 3600:
            raise Answer(400, "Bad Request: message can't be deleted")
        del chat.messages[message_id]

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


def read_buttons(markup: bytes) -> tuple[tuple[tuple[str, str], ...], ...]:
    """api#inlinekeyboardmarkup, of buttons with callback data alone: api#inlinekeyboardbutton."""
    rows: list[list[dict[str, str]]] = json.loads(markup)["inline_keyboard"]
    for button in (button for row in rows for button in row):
        if not button["text"]:
            raise Answer(400, "Bad Request: can't parse inline keyboard button: text must be non-empty")
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise Answer(400, "Bad Request: BUTTON_DATA_INVALID")
    return tuple(tuple((button["text"], button["callback_data"]) for button in row) for row in rows if row)


def _show_buttons(shown: Shown, content: Content) -> None:
    shown.rows = tuple(tuple(label for label, _ in row) for row in content.rows)
    shown.buttons = {label: data for row in content.rows for label, data in row}


def as_chat(chat: Chat) -> dict[str, Any]:
    """api#chat."""
    return {"id": chat.number, "type": chat.kind, "title" if chat.kind != "private" else "first_name": "Chat"}


def as_message(chat: Chat, shown: Shown) -> dict[str, Any]:
    """api#message."""
    message: dict[str, Any] = {
        "message_id": shown.message_id,
        "date": 1_700_000_000,
        "chat": as_chat(chat),
    }
    if shown.rows:
        keyboard = [[{"text": label, "callback_data": shown.buttons[label]} for label in row] for row in shown.rows]
        message["reply_markup"] = {"inline_keyboard": keyboard}
    if shown.edits:
        message["edit_date"] = 1_700_000_001
    if shown.photo is None:
        return message | {"text": shown.text}
    size = {"file_id": f"f{shown.message_id}", "file_unique_id": f"u{shown.message_id}", "width": 90, "height": 60}
    return message | {"caption": shown.text, "photo": [size]}
