"""ntfy, at ntfy.sh or on a server of the park's own: https://docs.ntfy.sh/publish/."""

import re
from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any, cast

import httpx
import structlog

from alerts import Clock
from alerts.caption import caption
from alerts.channels.http import Http
from alerts.channels.ntfy_settings import NtfySettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, IncursionTelling, Telling
from alerts.errors import Busy, Refused

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
"""Of topics and of sequence ids: https://docs.ntfy.sh/publish/#updating-notifications."""
OURS = "sambar-"
"""A server's own ids have no hyphen."""
MOST_BYTES = 4_000
"""A message of more than 4,096 would become a file: https://docs.ntfy.sh/publish/#limitations."""
REMEMBERED = 2_000
LOUD, SILENT = "5", "2"
"""https://docs.ntfy.sh/publish/#message-priority: 2 makes no sound and stays in the drawer."""
NO_PHOTO = frozenset({40014, 41301})
"""Attachments are not allowed, or this one is too large, or used up: error codes of ntfy's server/errors.go."""


class BadPhoto(Exception):
    """The server does not take this photo; the words it would take."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo that lies on the server."""

    digest: bytes
    url: str
    until_s: float
    """Unix time."""


class NtfyChannel:
    """Publishes to a topic, which is as secret as a password: whoever knows it reads along.

    An edit is published under the same sequence id, without a sound, and replaces the notification (from ntfy 2.16 on).
    A server that does not answer with our sequence id is older: there, an edit sends nothing.
    """

    name = "ntfy"
    carries_photo = True

    def __init__(self, settings: NtfySettings, clock: Clock | None = None, **http: Any) -> None:
        """`http` goes to httpx.Client."""
        self._settings = settings
        self._clock = clock or SystemClock()
        token = settings.read_token()
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = Http("ntfy", **http)
        self._photos: OrderedDict[str, Kept] = OrderedDict()
        """By sequence id, so that an edit need not send the photo again."""
        self._log = structlog.get_logger().bind(channel=self.name)

    def tell(self, telling: Telling, address: str) -> Accepted:
        sequence = f"{OURS}{telling.delivery}-{token_hex(6)}"
        return self._publish(telling, address, sequence, SILENT if telling.quiet else LOUD)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:
        if not (self._settings.edits and earlier.message_id.startswith(OURS)):
            return earlier
        return self._publish(telling, address, earlier.message_id, SILENT)

    def withdraw(self, address: str, earlier: Accepted) -> None:
        """Phones drop it; the server itself keeps its text for as long as it is set to (12 hours at ntfy.sh)."""
        if not earlier.message_id.startswith(OURS):
            raise Refused("ntfy before 2.16 cannot take a notification back")
        self._ask("DELETE", address, f"/{earlier.message_id}", {})
        self._photos.pop(earlier.message_id, None)

    def close(self) -> None:
        self._http.close()

    def _publish(self, telling: Telling, topic: str, sequence: str, priority: str) -> Accepted:
        words = caption(telling, self._clock.now())
        text = fitting("\n".join(words.lines))
        headers = {
            "Title": _header(words.headline),
            "Priority": priority,
            "Tags": "rotating_light" if isinstance(telling, IncursionTelling) else "information_source",
            "X-Sequence-ID": sequence,
        }
        if words.link is not None:
            headers["Click"] = _header(words.link)
        kept = self._kept(sequence)
        if telling.photo is not None and (kept is None or kept.digest != sha256(telling.photo).digest()):
            with_file = headers | {"Filename": "photo.jpg", "Message": _header(text)}
            try:
                answer = self._ask("POST", topic, "", with_file, telling.photo)
            except BadPhoto as bad:
                self._log.warning("the photo is not taken: the words go without it", why=str(bad))
            else:
                self._keep(sequence, telling.photo, answer)
                return _accepted(answer, sequence, with_photo=True)
        if kept is not None:  # the whole notification is replaced: the photo that is there has to be named again
            headers |= {"Attach": kept.url, "Filename": "photo.jpg"}
        try:
            answer = self._ask("POST", topic, "", headers, text.encode())
        except BadPhoto as bad:
            raise Refused(f"ntfy takes not even the words ({bad})") from None
        return _accepted(answer, sequence, with_photo=kept is not None)

    def _ask(self, method: str, topic: str, path: str, headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
        """Raises BadPhoto, Refused, Busy."""
        if not TOPIC.fullmatch(topic):
            raise Refused("address: expected a topic of ntfy: 1 to 64 of A to Z, a to z, 0 to 9, '-' and '_'")
        url = f"{self._settings.url.rstrip('/')}/{topic}{path}"
        response = self._http.ask(method, url, headers=self._headers | headers, content=body)
        if response.status_code == 200:
            return _read(response)
        raise _meaning(response)

    def _keep(self, sequence: str, photo: bytes, answer: dict[str, Any]) -> None:
        there = cast("dict[str, Any]", answer.get("attachment") or {})
        if "url" in there:
            kept = Kept(sha256(photo).digest(), str(there["url"]), float(there.get("expires") or 0))
            self._photos[sequence] = kept
            while len(self._photos) > REMEMBERED:
                self._photos.popitem(last=False)

    def _kept(self, sequence: str) -> Kept | None:
        kept = self._photos.get(sequence)
        return kept if kept is not None and kept.until_s > self._clock.now().timestamp() else None


def _accepted(answer: dict[str, Any], sequence: str, *, with_photo: bool) -> Accepted:
    known = answer.get("sequence_id") == sequence
    return Accepted(sequence if known else str(answer.get("id", sequence[len(OURS) :])), with_photo)


def _read(response: httpx.Response) -> dict[str, Any]:
    """https://docs.ntfy.sh/subscribe/api/#json-message-format; nothing, when it is not that."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


def _meaning(response: httpx.Response) -> Exception:
    """ntfy's errors are JSON: `code` (HTTP's and two digits), `http`, `error`. Its words may name the topic: unused."""
    code = _read(response).get("code")
    said = f"{response.status_code}, error {code}" if code else str(response.status_code)
    if code in NO_PHOTO or response.status_code == 413:
        return BadPhoto(said)
    if response.status_code in {401, 403}:
        return Busy(
            f"ntfy does not let us write to the topic ({said}); expected in channels.ntfy the token of a user who may"
        )
    if response.status_code == 404 or response.is_redirect:
        return Busy(f"there is no ntfy behind channels.ntfy.url ({said}); expected the address of its front page")
    if response.status_code == 400 and code in {40009, 40010}:
        return Refused(f"ntfy does not allow this topic ({said}); expected another name for it")
    return Refused(f"ntfy refuses the message ({said})")


def _header(text: str) -> str:
    """As RFC 2047 has it, which ntfy reads in any header: https://docs.ntfy.sh/publish/#message-title."""
    if text.isascii() and text.isprintable() and not text.startswith("=?") and text == text.strip():
        return text
    return f"=?UTF-8?B?{b64encode(text.encode()).decode()}?="


def fitting(text: str) -> str:
    """The text, or as much of its beginning as ntfy takes for a message."""
    whole = text.encode()
    return text if len(whole) <= MOST_BYTES else whole[: MOST_BYTES - 3].decode(errors="ignore") + "…"
