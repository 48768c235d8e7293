"""A Bot API server that behaves, over real HTTP, for tests and rehearsals: https://core.telegram.org/bots/api.

It knows what the Telegram channel uses: getMe, sendMessage, sendPhoto, and the three edits. A test looks at what a chat
shows, and puts the server into the troubles that the real one has.
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

from alerts.channels.fake_telegram_chats import Answer, Chat, Chats, Limits, Shown, as_message

TOKEN = "123456:the-secret-of-the-bot"  # noqa: S105 - of a bot that does not exist


class FakeTelegram:
    """One server on a free port of 127.0.0.1. Safe to use while it runs."""

    def __init__(
        self, token: str = TOKEN, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`limits`: None for none. `clock` gives seconds, for the limits alone."""
        self.token = token
        self.calls: list[str] = []
        """The methods called, as they came, those that were refused among them."""
        self._chats = Chats(limits)
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles: list[Answer | threading.Event] = []
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
        for trouble in self._troubles:
            if isinstance(trouble, threading.Event):
                trouble.set()
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

    def answer_next(self, code: int, description: str, **parameters: int) -> None:
        """The next request that has no trouble yet gets this."""
        self._troubles.append(Answer(code, description, **parameters))

    def stall_next(self) -> threading.Event:
        """The next request is not answered until the event is set or the server stops."""
        until = threading.Event()
        self._troubles.append(until)
        return until

    def after_next(self, act: Callable[[], None]) -> None:
        """`act` runs once a request has been carried out, before its answer leaves."""
        self._after = act

    def shows(self, chat: int) -> list[Shown]:
        """What the chat shows, oldest first."""
        with self._lock:
            return list(self._chats.by_number[chat].messages.values())

    # What a request meets.

    def answer(self, path: str, headers: Message, body: bytes) -> tuple[int, dict[str, Any]]:
        """HTTP status and the JSON object of api#making-requests."""
        _, token, method, *_ = [*path.split("/"), "", ""]
        try:
            self.calls.append(method)
            trouble = self._troubles.pop(0) if self._troubles else None
            if isinstance(trouble, threading.Event):
                trouble.wait(60)
            elif trouble is not None:
                raise trouble
            if token != f"bot{self.token}":
                raise Answer(401, "Unauthorized")  # api#authorizing-your-bot
            with self._lock:
                result = self._carried_out(method, _fields(headers, body))
        except Answer as refusal:
            refused: dict[str, Any] = {
                "ok": False, "error_code": refusal.code, "description": refusal.description,
            }  # fmt: skip
            return refusal.code, refused | ({"parameters": refusal.parameters} if refusal.parameters else {})
        act, self._after = self._after, None
        if act is not None:
            act()
        return 200, {"ok": True, "result": result}

    def _carried_out(self, method: str, fields: dict[str, bytes]) -> dict[str, Any]:
        if method == "getMe":  # api#getme
            return {"id": 123456, "is_bot": True, "first_name": "Sambar", "username": "sambar_bot"}
        if method not in METHODS:
            raise Answer(404, "Not Found")
        chat = self._chats.open(int(fields["chat_id"]), self._clock())
        source, photo = _content(method, fields)
        if method.startswith("send"):
            return as_message(chat, self._chats.add(chat, source, photo))
        return as_message(chat, self._chats.edit(chat, int(fields["message_id"]), source, photo, method))

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


METHODS = frozenset({"sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "editMessageMedia"})


def _content(method: str, fields: dict[str, bytes]) -> tuple[str, bytes | None]:
    """The HTML and the photo that a request brings. Everything we send says that it is HTML: api#formatting-options."""
    if method == "editMessageMedia":  # api#inputmediaphoto: the file stands in the form under the name after attach://
        media: dict[str, str] = json.loads(fields["media"])
        if media.get("type") != "photo" or media.get("parse_mode") != "HTML":
            raise Answer(400, "Bad Request: wrong media; this server expects a photo with parse_mode HTML")
        return media.get("caption", ""), fields[media["media"].removeprefix("attach://")]
    if fields.get("parse_mode") != b"HTML":
        raise Answer(400, "Bad Request: this server expects parse_mode HTML")
    source = fields.get("text" if "text" in fields else "caption", b"").decode()
    return source, fields["photo"] if method == "sendPhoto" else None


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
