"""A Bot API server that behaves, over real HTTP, for tests and rehearsals: https://core.telegram.org/bots/api.

It knows what the Telegram channel and its ears use: getMe, sendMessage, sendPhoto, the three edits, deleteMessage,
getUpdates and answerCallbackQuery. A test looks at what a chat shows, presses and writes as people do, and puts the
server into the troubles that the real one has.
"""

import json
import threading
import time
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import parse_qs

from alerts.channels.fake_telegram_chats import Answer, Chat, Chats, Content, Limits, Shown, as_message, read_buttons
from alerts.channels.fake_telegram_updates import Updates, written

TOKEN = "123456:the-secret-of-the-bot"  # noqa: S105 - of a bot that does not exist
NAME = "sambar_bot"


class FakeTelegram:
    """One server on a free port of 127.0.0.1. Safe to use while it runs."""

    def __init__(
        self, token: str = TOKEN, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`limits`: None for none. `clock` gives seconds, for the limits and the age of messages."""
        self.token = token
        self.calls: list[str] = []
        """The methods called, as they came, those that were refused among them."""
        self.turned_away = 0
        """How many of them met a limit."""
        self._chats = Chats(limits)
        self._updates = Updates()
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles: list[tuple[Answer | threading.Event, str | None]] = []
        self._after: Callable[[], None] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="fake-telegram")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for trouble, _ in self._troubles:
            if isinstance(trouble, threading.Event):
                trouble.set()
        self._updates.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # What a test arranges.

    def add_chat(self, number: int, kind: str = "private") -> None:
        with self._lock:
            self._chats.by_number[number] = Chat(number, kind)

    def forbid(self, number: int, why: str = "bot was blocked by the user") -> None:
        """As when a person blocks the bot, or a group kicks it ('bot was kicked from the group chat')."""
        with self._lock:
            self._chats.by_number[number].forbidden = why

    def migrate(self, old: int, new: int) -> None:
        """A group becomes a supergroup. The old messages stay behind: a message's number belongs to its chat."""
        with self._lock:
            self._chats.by_number[old].moved_to = new
            self._chats.by_number[new] = Chat(new, "supergroup")

    def delete(self, chat: int, message_id: int) -> None:
        with self._lock:
            del self._chats.by_number[chat].messages[message_id]

    def be_older(self) -> None:
        """Than the sentence of api#editmessagemedia by which a text can gain a photo."""
        self._chats.adds_media_to_text = False

    def answer_next(self, code: int, description: str, *, to: str | None = None, **parameters: int) -> None:
        """The next request that has no trouble yet gets this; `to`: only one that calls this method."""
        with self._lock:
            self._troubles.append((Answer(code, description, **parameters), to))

    def stall_next(self) -> threading.Event:
        """The next request is not answered until the event is set or the server stops."""
        until = threading.Event()
        with self._lock:
            self._troubles.append((until, None))
        return until

    def after_next(self, act: Callable[[], None]) -> None:
        """`act` runs once a request has been carried out, before its answer leaves."""
        self._after = act

    def shows(self, chat: int) -> list[Shown]:
        """What the chat shows, oldest first."""
        with self._lock:
            return list(self._chats.by_number[chat].messages.values())

    # What people do.

    def press(self, chat: int, message_id: int, label: str, by: int) -> str:
        """Touch a button; KeyError when there is none so labelled. The callback query's id."""
        with self._lock:
            where = self._chats.by_number[chat]
            shown = where.messages[message_id]
            return self._updates.pressed(where, shown, shown.buttons[label], by)

    def note(self, query: str) -> str | None:
        """What the person who pressed was shown for it; None when nothing has come yet."""
        return self._updates.note(query)

    def write(self, chat: int, text: str, by: int, *, kind: str = "message", bot: bool = False) -> None:
        """Somebody writes; `kind` is 'edited_message' for a change of it, 'channel_post', …: api#update."""
        with self._lock:
            where = self._chats.by_number[chat]
            where.last_message += 1
            message = written(where, where.last_message, text, by, int(time.time()), bot=bot)
        self._updates.happened(kind, message)

    def unconfirmed(self) -> int:
        """How many updates the bot has not yet confirmed."""
        return self._updates.unconfirmed()

    # What a request meets.

    def answer(self, path: str, headers: Message, body: bytes) -> tuple[int, dict[str, Any]]:
        """HTTP status and the JSON object of api#making-requests."""
        _, token, method, *_ = [*path.split("/"), "", ""]
        try:
            self.calls.append(method)
            trouble = self._trouble_for(method)
            if isinstance(trouble, threading.Event):
                trouble.wait(60)
            elif trouble is not None:
                raise trouble
            if token != f"bot{self.token}":
                raise Answer(401, "Unauthorized")  # api#authorizing-your-bot
            fields = _fields(headers, body)
            if method == "getUpdates":  # outside the lock: it waits for what others do
                return 200, {"ok": True, "result": self._updates.get(fields)}
            with self._lock:
                result = self._carried_out(method, fields)
        except Answer as refusal:
            self.turned_away += refusal.code == 429
            refused: dict[str, Any] = {
                "ok": False, "error_code": refusal.code, "description": refusal.description,
            }  # fmt: skip
            return refusal.code, refused | ({"parameters": refusal.parameters} if refusal.parameters else {})
        act, self._after = self._after, None
        if act is not None:
            act()
        return 200, {"ok": True, "result": result}

    def _trouble_for(self, method: str) -> Answer | threading.Event | None:
        with self._lock:
            for place, (trouble, to) in enumerate(self._troubles):
                if to in {None, method}:
                    del self._troubles[place]
                    return trouble
        return None

    def _carried_out(self, method: str, fields: dict[str, bytes]) -> dict[str, Any] | bool:
        if method == "getMe":  # api#getme
            return {"id": 123456, "is_bot": True, "first_name": "Sambar", "username": NAME}
        if method == "answerCallbackQuery":
            return self._updates.answer_query(fields)
        if method not in METHODS:
            raise Answer(404, "Not Found")
        now = self._clock()
        chat = self._chats.open(int(fields["chat_id"]), now)
        if method == "deleteMessage":
            self._chats.delete(chat, int(fields["message_id"]), now)
            return True
        content = _content(method, fields)
        if method.startswith("send"):
            silent = fields.get("disable_notification", b"").lower() == b"true"
            return as_message(chat, self._chats.add(chat, content, now, silent=silent))
        return as_message(chat, self._chats.edit(chat, int(fields["message_id"]), content, method))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                code, answer = server.answer(self.path, self.headers, body)
                payload = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                try:
                    self.wfile.write(payload)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the caller did not wait

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Its address holds the token: not a word."""

        return Handler


METHODS = frozenset(
    {"sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "editMessageMedia", "deleteMessage"}
)


def _content(method: str, fields: dict[str, bytes]) -> Content:
    """What a request brings. Everything we send says that it is HTML: api#formatting-options."""
    rows = read_buttons(fields["reply_markup"]) if "reply_markup" in fields else ()
    if method == "editMessageMedia":  # api#inputmediaphoto: the file stands in the form under the name after attach://
        media: dict[str, str] = json.loads(fields["media"])
        if media.get("type") != "photo" or media.get("parse_mode") != "HTML":
            raise Answer(400, "Bad Request: wrong media; this server expects a photo with parse_mode HTML")
        return Content(media.get("caption", ""), fields[media["media"].removeprefix("attach://")], rows)
    if fields.get("parse_mode") != b"HTML":
        raise Answer(400, "Bad Request: this server expects parse_mode HTML")
    source = fields.get("text" if "text" in fields else "caption", b"").decode()
    return Content(source, fields["photo"] if method == "sendPhoto" else None, rows)


def _fields(headers: Message, body: bytes) -> dict[str, bytes]:
    """Of a form in either of the codings of api#making-requests."""
    kind = headers.get_content_type()
    if kind == "application/x-www-form-urlencoded":
        return {name: values[0].encode() for name, values in parse_qs(body.decode()).items()}
    if kind == "multipart/form-data":
        whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
        fields: dict[str, bytes] = {}
        for part in cast("list[Message]", whole.get_payload()):
            name = str(part.get_param("name", header="content-disposition"))
            fields[name] = cast("bytes", part.get_payload(decode=True))
        return fields
    return {}
