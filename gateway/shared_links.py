"""Addresses of single photos for services that fetch them by themselves: signed, and good for a day or so.

An address is all that its reader needs: no cookie, no name. So it holds one photo's path and when it ends, and whoever
changes a letter of it has nothing.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from alerts import Clock
from gateway.store.tables import EPOCH

PURPOSE = "photo links"
"""Of the key, for `wire.keys.SigningKey.derived`."""
LONGEST = 1_000
"""Letters of a token; a photo's path has about a hundred."""


def sign(key: bytes, path: str, expires: datetime) -> str:
    """The token for a photo's path in the store; it ends on the second."""
    said = f"{int((expires - EPOCH).total_seconds())}:{path}".encode()
    return f"{_text(said)}.{_text(hmac.digest(key, said, 'sha256'))}"


def check(key: bytes, token: str, now: datetime) -> str | None:
    """The path; None for a token that has ended, or that this key has not signed."""
    said, _, mac = token.partition(".")
    if len(token) > LONGEST:
        return None
    try:
        content, given = _bytes(said), _bytes(mac)
    except ValueError:
        return None
    if not hmac.compare_digest(hmac.digest(key, content, "sha256"), given):
        return None
    ends, _, path = content.decode().partition(":")
    return path if now < EPOCH + timedelta(seconds=int(ends)) else None


class PhotoLinks:
    """Makes such addresses for the ledger, and reads them for the pages."""

    def __init__(self, key: bytes, origin: str, lifetime: timedelta, clock: Clock) -> None:
        """`origin` is where the whole world finds the pages."""
        self._key = key
        self._origin = origin
        self._lifetime = lifetime
        self._clock = clock

    def address(self, path: str, detections: list[dict[str, Any]]) -> str | None:  # noqa: ARG002 - as a PhotoReader
        """None without https: services fetch nothing else."""
        if not self._origin.startswith("https://"):
            return None
        return f"{self._origin}/p/{sign(self._key, path, self._clock.now() + self._lifetime)}.jpg"

    def path(self, token: str) -> str | None:
        return check(self._key, token, self._clock.now())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
