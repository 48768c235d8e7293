"""A webhook's receiver that behaves as docs/channels/webhook.md asks for, over real HTTP, for tests and rehearsals."""

import hmac
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any

from alerts.channels.fake_http import Answered, FakeHttp, Request
from alerts.channels.webhook_body import signature

SECRET = "the-secret-that-receiver-and-gateway-share"  # noqa: S105 - of a receiver that does not exist
FRESH_S = 300


@dataclass(frozen=True, slots=True)
class Shown:
    source: dict[str, Any]
    photo: bytes | None


class FakeWebhook(FakeHttp):
    """One receiver on a free port of 127.0.0.1. It shows the newest of each id."""

    def __init__(self, secret: str = SECRET, clock: Callable[[], float] = time) -> None:
        super().__init__(self._answered)
        self.secret = secret
        self.clock = clock
        self.largest = 2_000_000
        """Bytes of a request."""
        self.gone = False
        """Whether it wants nothing more."""
        self._seen: set[str] = set()
        """Idempotency keys."""
        self._shown: dict[str, Shown] = {}

    def shows(self) -> list[Shown]:
        """Oldest first."""
        return list(self._shown.values())

    def forget(self) -> None:
        """Somebody deletes the last message."""
        self._shown.popitem()

    def _answered(self, request: Request) -> Answered:
        if self.gone:
            return Answered(410, {})
        timestamp = request.headers.get("sambar-timestamp", "0")
        expected = signature(self.secret.encode(), timestamp, request.body)
        if not hmac.compare_digest(expected, request.headers.get("sambar-signature", "")):
            return Answered(401, {"error": "the signature is wrong"})
        if abs(self.clock() - int(timestamp)) > FRESH_S:
            return Answered(401, {"error": "the signature is old"})
        if len(request.body) > self.largest:
            return Answered(413, {})
        if request.headers["idempotency-key"] in self._seen:
            return Answered(200, {})
        self._seen.add(request.headers["idempotency-key"])
        told = json.loads(request.body)
        before = self._shown.get(told["id"])
        if before is None or told["revision"] >= before.source["revision"]:
            photo = b64decode(told["photo"]) if told["photo"] is not None else None
            if photo is None and told["has_photo"] and before is not None:
                photo = before.photo
            self._shown[told["id"]] = Shown(told, photo)
        return Answered(200, {})
