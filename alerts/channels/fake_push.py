"""A push service that behaves, over real HTTP, and the browsers behind it, which decrypt as real ones do.

RFC 8030 is the way, RFC 8291 the encryption, RFC 8292 the signature. For tests and rehearsals.
"""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_bytes, token_urlsafe
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from alerts.channels.fake_http import Answered, FakeHttp, Request
from alerts.channels.push import Subscription
from alerts.channels.push_key import public_key, unpadded

LARGEST = 4096
"""Bytes: a push service may refuse what is larger (RFC 8030, section 7.2)."""
LONGEST_S = 24 * 3600
"""Of a signature's time: RFC 8292, section 2."""


@dataclass(frozen=True, slots=True)
class Notification:
    payload: dict[str, Any]
    urgency: str
    ttl_s: int
    topic: str | None


@dataclass(slots=True)
class Browser:
    """One that has subscribed for `application_key`, and takes what is signed by that key alone."""

    application_key: str
    subscription: Subscription
    key: EllipticCurvePrivateKey
    auth: bytes
    online: bool = True
    shown: list[Notification] = field(default_factory=list[Notification])
    waiting: list[Notification] = field(default_factory=list[Notification])

    def come_online(self) -> None:
        self.online = True
        self.shown += self.waiting
        self.waiting.clear()

    def take(self, body: bytes, urgency: str, ttl_s: int, topic: str | None) -> None:
        """Decrypted here and nowhere before: the service cannot."""
        content = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth)
        notification = Notification(json.loads(content), urgency, ttl_s, topic)
        if self.online:
            self.shown.append(notification)
            return
        if topic is not None:  # RFC 8030, section 5.4
            self.waiting = [each for each in self.waiting if each.topic != topic]
        self.waiting.append(notification)


class FakePush(FakeHttp):
    """One push service on a free port of 127.0.0.1."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(self._answered)
        self.clock = clock
        self._browsers: dict[str, Browser] = {}
        self._ended: set[str] = set()

    def subscribe(self, application_key: str) -> Browser:
        """What `pushManager.subscribe` does, with the page's `applicationServerKey`."""
        key, auth, path = generate_private_key(SECP256R1()), token_bytes(16), f"/push/{token_urlsafe(24)}"
        subscription = Subscription(f"{self.url}{path}", public_key(key), unpadded(auth))
        self._browsers[path] = Browser(application_key, subscription, key, auth)
        return self._browsers[path]

    def end(self, browser: Browser) -> None:
        """The person takes the permission back."""
        self._ended.add(browser.subscription.endpoint.removeprefix(self.url))

    def _answered(self, request: Request) -> Answered:
        browser = self._browsers.get(request.path)
        if browser is None:
            return Answered(404, {})  # RFC 8030, section 7.3
        if request.path in self._ended:
            return Answered(410, {})  # as Mozilla's and Google's say it of one that has ended
        if not request.headers.get("ttl", "").isdigit():
            return Answered(400, {"message": "a TTL is required"})  # RFC 8030, section 5.2
        if (refusal := self._refusal(browser, request.headers.get("authorization", ""))) is not None:
            return refusal
        if len(request.body) > LARGEST:
            return Answered(413, {})
        topic, urgency = request.headers.get("topic"), request.headers.get("urgency", "normal")
        if (topic is not None and len(topic) > 32) or urgency not in {"very-low", "low", "normal", "high"}:
            return Answered(400, {"message": "a bad Topic or Urgency"})  # RFC 8030, sections 5.3 and 5.4
        if request.headers.get("content-encoding") != "aes128gcm":
            return Answered(400, {"message": "this service expects aes128gcm"})  # RFC 8291, section 4
        browser.take(request.body, urgency, int(request.headers["ttl"]), topic)
        return Answered(201, b"", {"Location": f"{self.url}/message/{token_urlsafe(12)}"})  # RFC 8030, section 5

    def _refusal(self, browser: Browser, authorization: str) -> Answered | None:
        """RFC 8292, sections 2, 3 and 4.2."""
        scheme, _, rest = authorization.partition(" ")
        parts = {name.strip(): value for name, _, value in (part.partition("=") for part in rest.split(","))}
        if scheme.lower() != "vapid" or parts.keys() != {"t", "k"}:
            return Answered(401, {"message": "a vapid signature is required"})
        if parts["k"] != browser.application_key:
            return Answered(403, {"message": "the subscription was made for another key"})
        signed, _, signature = parts["t"].rpartition(".")
        claims = json.loads(_bytes(signed.partition(".")[2]))
        good_time = self.clock() < claims["exp"] <= self.clock() + LONGEST_S
        if not (_signed(parts["k"], signed, _bytes(signature)) and claims["aud"] == self.url and good_time):
            return Answered(403, {"message": "the signature is not good"})
        return None


def _signed(key: str, text: str, signature: bytes) -> bool:
    """ES256: RFC 7518, section 3.4."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _bytes(key)).verify(
            encode_dss_signature(r, s), text.encode(), ECDSA(SHA256())
        )
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
