"""Web Push: a notification on a phone whose page is closed. RFC 8030 (the way), 8291 (encryption), 8292 (who we are).

The words are encrypted for the phone; the push service (Google's, Mozilla's, Apple's) sees when and how much.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from py_vapid import Vapid02
from pywebpush import WebPusher

from alerts import Clock
from alerts.caption import caption
from alerts.channels.http import Http
from alerts.channels.public import NotPublic, PublicTransport
from alerts.channels.push_key import unpadded, vapid_key
from alerts.channels.web_settings import WebSettings
from alerts.clock import SystemClock
from alerts.delivery import Telling
from alerts.errors import Busy, ChannelError, Refused

ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[!-~]{1,2000}")
WAITS = timedelta(hours=4)
"""For a phone that is off; what comes later is no alert any more. Header TTL: RFC 8030, section 5.2."""
PATIENCE = httpx.Timeout(5)
GOOD_FOR = timedelta(hours=12)
"""Of a signature; a day at most: RFC 8292, section 2."""


class Gone(ChannelError):
    """The subscription has ended: the person took the permission back, or the browser is no more."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser's, as its `PushSubscription.toJSON()` has it: known to nobody else. Raises ValueError."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    """The browser's public key, base64url."""
    auth: str = field(repr=False)
    """A secret of 16 bytes, base64url."""

    def __post_init__(self) -> None:
        if not ENDPOINT.fullmatch(self.endpoint):
            raise ValueError("endpoint: expected an address of a push service: https://HOST/…")
        key = _decoded("keys.p256dh", self.p256dh)
        if len(key) != 65 or key[0] != 4:
            raise ValueError("keys.p256dh: expected an uncompressed point of P-256: 65 bytes that begin with 4")
        if len(_decoded("keys.auth", self.auth)) != 16:
            raise ValueError("keys.auth: expected 16 bytes")


class Subscriptions(Protocol):
    """Who wants notifications, kept by the gateway. Called from any thread."""

    def of(self, delivery: int) -> Sequence[Subscription]:
        """Of the person whom the delivery is for."""
        ...

    def gone(self, endpoint: str) -> None:
        """The subscription is to be forgotten."""
        ...


class Pusher:
    """Sends to push services. In one thread at a time."""

    def __init__(self, settings: WebSettings, clock: Clock | None = None, *, allow_private: bool = False) -> None:
        """`allow_private`: for a push service on this machine, in tests. Raises ValueError for a bad key file."""
        if settings.vapid_key_file is None or settings.contact is None:
            raise ValueError("channels.web: expected vapid_key_file and contact, to push")
        self._contact = settings.contact
        self._vapid = Vapid02(vapid_key(settings.vapid_key_file))
        self._clock = clock or SystemClock()
        self._allow_private = allow_private
        options: dict[str, Any] = {"trust_env": False} if allow_private else {"transport": PublicTransport()}
        self._http = Http("the push service", timeout=PATIENCE, **options)

    def push(self, subscription: Subscription, telling: Telling, *, edit: bool = False) -> None:
        """Raises Gone, Refused, Busy.

        One that is not yet shown is replaced by a newer one of the same delivery. So an edit is as urgent as the alert
        that it may replace, and it is the phone that keeps quiet when it has shown that alert before.
        """
        where = urlsplit(subscription.endpoint)
        if where.scheme != "https" and not self._allow_private:
            raise Refused("a push service is spoken to by https alone")
        now = self._clock.now()
        claims: dict[str, str | int] = {
            "aud": f"{where.scheme}://{where.netloc}",
            "exp": int((now + GOOD_FOR).timestamp()),
            "sub": self._contact,
        }
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        try:
            content = WebPusher({"endpoint": subscription.endpoint, "keys": keys}).encode(self._payload(telling, edit))
        except ValueError:  # a point that is not on the curve
            raise Gone("the subscription's key is none that one could encrypt for") from None
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(WAITS.total_seconds())),
            "Urgency": "low" if telling.quiet else "high",  # RFC 8030, section 5.3
            "Topic": topic(telling),
            **self._vapid.sign(claims),
        }
        try:
            response = self._http.ask("POST", subscription.endpoint, headers=headers, content=content["body"])
        except NotPublic:
            raise Gone("the subscription leads into a private network") from None
        if not response.is_success:
            raise _meaning(response.status_code)

    def close(self) -> None:
        self._http.close()

    def _payload(self, telling: Telling, edit: bool) -> bytes:
        words = caption(telling, self._clock.now())
        link = urlsplit(words.link or "/")
        return json.dumps(
            {
                "delivery": telling.delivery,
                "headline": words.headline,
                "line": words.lines[0] if words.lines else "",
                "link": link.path + (f"?{link.query}" if link.query else ""),
                "quiet": telling.quiet,
                "edit": edit,
            },
            ensure_ascii=False,
        ).encode()


def topic(telling: Telling) -> str:
    """At most 32 letters of base64url, the same for all that is told of a delivery: RFC 8030, section 5.4."""
    return unpadded(sha256(f"{telling.park}/{telling.delivery}".encode()).digest())[:32]


def _meaning(code: int) -> ChannelError:
    match code:
        case 404 | 410:  # RFC 8030, section 7.3: 404; the services of the browsers' makers say 410 too
            return Gone(f"the subscription has ended ({code})")
        case 401 | 403:  # RFC 8292, section 4.2
            return Busy(
                f"the push service does not take our signature ({code}); check the machine's clock and contact in"
                " channels.web; with another vapid_key_file than before, each phone has to allow notifications anew"
            )
        case _ if code < 400:
            return Busy(f"the push service points elsewhere ({code}), which is not followed")
        case _:
            return Refused(f"the push service refuses the notification ({code})")


def _decoded(name: str, text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise ValueError(f"{name}: expected base64url") from None
