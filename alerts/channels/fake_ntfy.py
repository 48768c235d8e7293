"""An ntfy server that behaves, over real HTTP, with the phone that follows its topics, for tests and rehearsals.

`pub` stands for https://docs.ntfy.sh/publish/; the error codes are those of ntfy's server/errors.go.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header, make_header
from time import time
from typing import Any

from alerts.channels.fake_http import Answered, FakeHttp, Request

TOKEN = "tk_theaccesstokenofthegateway"  # noqa: S105 - of a user who does not exist
KEEPS_FILES_S = 3 * 3600
"""pub#attachments: 'attachment-expiry-duration'."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification as the phone shows it."""

    title: str
    message: str
    priority: int
    tags: tuple[str, ...]
    click: str | None
    attachment: bytes | None


class FakeNtfy(FakeHttp):
    """One server on a free port of 127.0.0.1. A topic comes to be when it is written to, as pub#publishing says."""

    def __init__(self, token: str | None = TOKEN, clock: Callable[[], float] = time) -> None:
        """`token`: of the only user who may write; None: everybody may."""
        super().__init__(self._answered)
        self.token = token
        self.clock = clock
        self.largest = 2 * 1024 * 1024
        """Bytes of an attachment; 0 when none are allowed."""
        self.replaces = True
        """False before 2.16: pub#updating-deleting-notifications."""
        self.uploads = 0
        self._phone: dict[str, dict[str, Shown]] = {}
        """Topic → sequence id → what is shown."""
        self._files: dict[str, tuple[bytes, float]] = {}
        self._disallowed: set[str] = set()
        self._last = 0

    def shows(self, topic: str) -> list[Shown]:
        """What a phone that follows the topic shows, oldest first."""
        return list(self._phone.get(topic, {}).values())

    def swipe(self, topic: str) -> None:
        """The person wipes the last notification away. The server does not learn of it."""
        self._phone[topic].popitem()

    def disallow(self, topic: str) -> None:
        """https://docs.ntfy.sh/config/#config-options: 'disallowed-topics'."""
        self._disallowed.add(topic)

    def _answered(self, request: Request) -> Answered:
        if request.path == "/" and request.method in {"POST", "PUT"}:
            request = _from_json(request)
        found = re.fullmatch(r"/([-_A-Za-z0-9]{1,64})(?:/([-_A-Za-z0-9]{1,64}))?", request.path)
        if found is None or request.method not in {"POST", "PUT", "DELETE"}:
            return _refused(404, 40401, "page not found")
        topic, sequence = found[1], found[2]
        if self.token is not None and "authorization" not in request.headers:
            return _refused(403, 40301, "forbidden")  # pub#authentication: nobody in particular may not write
        if self.token is not None and request.headers["authorization"] != f"Bearer {self.token}":
            return _refused(401, 40101, "unauthorized")
        if topic in self._disallowed:
            return _refused(400, 40010, "invalid request: topic name is disallowed")
        if request.method == "DELETE":  # pub#deleting-notifications
            if not self.replaces or sequence is None:
                return _refused(404, 40401, "page not found")
            self._phone.get(topic, {}).pop(sequence, None)
            return Answered(200, {"id": self._next(), "event": "message_delete", "sequence_id": sequence})
        return self._publish(topic, request)

    def _publish(self, topic: str, request: Request) -> Answered:
        fields = {
            name.removeprefix("x-"): str(make_header(decode_header(value))) for name, value in request.headers.items()
        }
        number = self._next()
        answer: dict[str, Any] = {"id": number, "time": int(self.clock()), "event": "message", "topic": topic}
        sequence = number
        if self.replaces and "sequence-id" in fields:  # pub#updating-notifications
            sequence = answer["sequence_id"] = fields["sequence-id"]
        message, attachment = fields.get("message", ""), None
        if "attach" in fields:  # pub#attach-file-from-a-url
            message = request.body.decode()
            attachment = self._file(fields["attach"])
        elif "filename" in fields:  # pub#attach-local-file
            if self.largest == 0:
                return _refused(400, 40014, "invalid request: attachments not allowed")
            if len(request.body) > self.largest:
                return _refused(413, 41301, "attachment too large, or bandwidth limit reached")
            self.uploads += 1
            attachment, until = request.body, self.clock() + KEEPS_FILES_S
            url = f"{self.url}/file/{number}.jpg"
            self._files[url] = (attachment, until)
            answer["attachment"] = {"name": fields["filename"], "url": url, "expires": int(until)}
        else:
            message = request.body.decode()
        if len(message.encode()) > 4096:  # pub#limitations
            return _refused(400, 40000, "this server expects messages below 4,096 bytes")
        self._phone.setdefault(topic, {})[sequence] = Shown(
            fields.get("title", ""),
            message,
            int(fields.get("priority", "3")),
            tuple(tag for tag in fields.get("tags", "").split(",") if tag),
            fields.get("click"),
            attachment,
        )
        return Answered(200, answer | {"title": fields.get("title"), "message": message})

    def _file(self, url: str) -> bytes | None:
        """As a phone fetches it."""
        content, until = self._files.get(url, (None, 0.0))
        return content if until > self.clock() else None

    def _next(self) -> str:
        self._last += 1
        return f"sPs71M8A{self._last:04}"


def _from_json(request: Request) -> Request:
    """pub#publish-as-json: all that is in headers else, and the topic, stand in the body."""
    fields = request.json()
    headers = {f"x-{name}": str(value) for name, value in fields.items() if name not in {"topic", "message", "tags"}}
    headers["x-tags"] = ",".join(fields.get("tags", []))
    kept = {name: value for name, value in request.headers.items() if name == "authorization"}
    return Request("POST", f"/{fields['topic']}", kept | headers, fields.get("message", "").encode())


def _refused(status: int, code: int, words: str) -> Answered:
    return Answered(status, {"code": code, "http": status, "error": words, "link": "https://ntfy.sh/docs/publish/"})
