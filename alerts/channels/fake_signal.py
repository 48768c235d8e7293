"""A signal-cli-rest-api that behaves, over real HTTP, for tests and rehearsals, with the phones behind it.

The API: https://bbernhard.github.io/signal-cli-rest-api/ (`api`). What fails is said in signal-cli's words, as they
stand in the threads named beside each; `issues` stands for https://github.com/bbernhard/signal-cli-rest-api/issues.
"""

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from alerts.channels.fake_http import Answered, FakeHttp, Request

NUMBER = "+66800000001"
"""The gateway's own."""


@dataclass(slots=True)
class Shown:
    """A message as a phone or a group shows it."""

    timestamp: int
    """Milliseconds."""
    text: str
    photo: bytes | None


@dataclass(frozen=True, slots=True)
class Failed(Exception):
    code: int
    error: str


class FakeSignal(FakeHttp):
    """One server, with an account and what its correspondents see. Safe to use while it runs."""

    def __init__(self, number: str = NUMBER, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        super().__init__(self._answered)
        self._number = number
        self._clock = clock
        self._shown: dict[str, list[Shown]] = {}
        """By number, or group's address."""
        self._untrusted: set[str] = set()
        self._coming: list[dict[str, Any]] = []
        self._mode = "native"
        self._last = 0
        self._chats = threading.Lock()

    # What a test arranges.

    def add(self, address: str) -> None:
        """A person who is at Signal, or a group that the gateway is in."""
        self._shown[address] = []

    def leave(self, address: str) -> None:
        """The person leaves Signal, or the gateway is thrown out of the group."""
        del self._shown[address]

    def change_phone(self, address: str) -> None:
        """A new safety number, which nobody has trusted yet."""
        self._untrusted.add(address)

    def run_as_json_rpc(self) -> None:
        self._mode = "json-rpc"

    def shows(self, address: str) -> list[Shown]:
        with self._chats:
            return list(self._shown[address])

    def lose(self, address: str) -> None:
        """The last message is deleted on the phone."""
        self._shown[address].pop()

    # What people and phones do.

    def write(self, by: str, text: str | None, group: str | None = None, **parts: Any) -> None:
        """`group` is its internal id; `parts` go into the message: a reaction, say. Without `text` none is in it."""
        now = self._now()
        message: dict[str, Any] = {"timestamp": now, "message": text, "expiresInSeconds": 0, "viewOnce": False, **parts}
        if group is not None:
            message["groupInfo"] = {"groupId": group, "type": "DELIVER"}
        self.comes(by, dataMessage=message)

    def receipt(self, by: str, *timestamps: int, kind: str = "isDelivery") -> None:
        """A phone says that it has messages; `kind` 'isRead' or 'isViewed' when its owner lets that be told."""
        what = {"when": self._now(), "isDelivery": False, "isRead": False, "isViewed": False}
        self.comes(by, receiptMessage=what | {kind: True, "timestamps": list(timestamps)})

    def comes(self, by: str | None, **parts: Any) -> None:
        """An envelope: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli-jsonrpc.5.adoc.

        `by`: None hides the number.
        """
        now = self._now()
        envelope = {
            "source": by or HIDDEN, "sourceNumber": by, "sourceUuid": HIDDEN, "sourceName": "Somebody",
            "sourceDevice": 1, "timestamp": now, "serverReceivedTimestamp": now, "serverDeliveredTimestamp": now,
            **parts,
        }  # fmt: skip
        with self._chats:
            self._coming.append({"envelope": envelope, "account": self._number})

    def waiting(self) -> int:
        with self._chats:
            return len(self._coming)

    # What a request meets.

    def _answered(self, request: Request) -> Answered:
        try:
            return self._carried_out(request)
        except Failed as failed:
            return Answered(failed.code, {"error": failed.error})

    def _carried_out(self, request: Request) -> Answered:
        match request.method, urlsplit(request.path).path.strip("/").split("/"):
            case "POST", ["v2", "send"]:
                return Answered(201, {"timestamp": str(self._send(request.json()))})
            case "DELETE", ["v1", "remote-delete", number]:
                return Answered(201, {"timestamp": str(self._delete(unquote(number), request.json()))})
            case "GET", ["v1", "receive", number]:
                return Answered(200, self._receive(unquote(number)))
            case _:
                raise Failed(404, "404 page not found")

    def _send(self, message: dict[str, Any]) -> int:
        """api#/Messages/post_v2_send."""
        self._check_account(message["number"])
        (address,) = message["recipients"]
        if message.get("text_mode", "styled") != "normal":
            raise Failed(400, "this server has DEFAULT_SIGNAL_TEXT_MODE=styled, which reads markup in every value")
        self._check_recipient(address)
        photos = [self._photo(attachment) for attachment in message.get("base64_attachments", [])]
        timestamp = self._now()
        with self._chats:
            self._shown[address].append(Shown(timestamp, message["message"], photos[0] if photos else None))
        return timestamp

    def _delete(self, number: str, what: dict[str, Any]) -> int:
        """api#/Messages/delete_v1_remote_delete__number_. Phones pass over what is older than a day, and unknown."""
        self._check_account(number)
        self._check_recipient(what["recipient"])
        now = self._now()
        with self._chats:
            kept = [
                shown
                for shown in self._shown[what["recipient"]]
                if shown.timestamp != what["timestamp"] or now - shown.timestamp >= 24 * 3600 * 1000
            ]
            self._shown[what["recipient"]] = kept
        return now

    def _receive(self, number: str) -> list[dict[str, Any]]:
        """api#/Messages/get_v1_receive__number_. What is given out is gone."""
        self._check_account(number)
        if self._mode == "json-rpc":  # issues/487
            raise Failed(
                400,
                "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection'"
                " header",
            )
        with self._chats:
            coming, self._coming = self._coming, []
        return coming

    def _check_account(self, number: str) -> None:
        if number != self._number:  # signal-cli, of an account that it does not have
            raise Failed(400, f"User {number} is not registered.\n")

    def _check_recipient(self, address: str) -> None:
        if address in self._untrusted:  # issues/56
            raise Failed(400, f'Failed to send (some) messages:\n{address}: Untrusted Identity for "{address}"\n')
        if address in self._shown:
            return
        if address.startswith("group."):
            raise Failed(400, f"Failed to send message: Group not found: {address.removeprefix('group.')}\n")
        # https://github.com/AsamK/signal-cli/issues/1223
        raise Failed(400, f'Failed to send (some) messages:\n{address}: Unregistered user "{address}"\n1612345678901\n')

    @staticmethod
    def _photo(attachment: str) -> bytes:
        """api#/Messages/post_v2_send: 'data:<MIME-TYPE>;filename=<FILENAME>;base64,<BASE64 ENCODED DATA>'."""
        head, _, data = attachment.partition(",")
        if head != "data:image/jpeg;filename=alert.jpg;base64":
            raise Failed(400, "illegal base64 data in attachment")
        return base64.b64decode(data, validate=True)

    def _now(self) -> int:
        """Milliseconds; no two alike, since a message is known by its own."""
        with self._chats:
            self._last = max(self._last + 1, int(self._clock() * 1000))
            return self._last


HIDDEN = "7ccae375-cd51-4c82-8b1e-7be3280aa485"
"""The identity of somebody."""
CAPTCHA = (
    'Failed to send (some) messages:\n{to}: CAPTCHA proof required for sending to "{to}", available options "RECAPTCHA"'
    ' with challenge token "26ccfae6-4fc1-4df0-a27c-084a8191704c", or wait "{seconds}" seconds.\nTo get the captcha'
    " token, go to https://signalcaptchas.org/challenge/generate.html\nFailed to send message due to rate limiting\n"
)
"""issues/456, with 400 then; since issues/482 with 429."""
