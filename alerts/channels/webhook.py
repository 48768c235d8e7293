"""A signed POST of JSON to a program of the park's: docs/channels/webhook.md."""

from hashlib import sha256
from typing import Any

import httpx
import structlog

from alerts import Clock
from alerts.channels.http import Http
from alerts.channels.public import NotPublic, PublicTransport
from alerts.channels.webhook_body import body, facts, key, signature
from alerts.channels.webhook_settings import WebhookSettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, Refused


class TooLarge(Exception):
    """With its photo; without it, it may be taken."""


class WebhookChannel:
    """The address is the receiver's name in the settings. An edit is sent under the same id, with all that is known.

    Sent again after an answer that got lost, a message has the same id and the same Idempotency-Key as before.
    """

    name = "webhook"
    carries_photo = True

    def __init__(self, settings: WebhookSettings, clock: Clock | None = None, **http: Any) -> None:
        """`http` goes to httpx.Client."""
        self._receivers = settings.to
        self._clock = clock or SystemClock()
        self._http = {
            anywhere: Http(
                "the webhook", **({"trust_env": False} if anywhere else {"transport": PublicTransport()}), **http
            )
            for anywhere in {receiver.allow_private for receiver in settings.to.values()}
        }
        self._log = structlog.get_logger().bind(channel=self.name)

    def tell(self, telling: Telling, address: str) -> Accepted:
        return self._send(telling, address, None)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:
        return self._send(telling, address, earlier)

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - nothing can be done
        raise Refused("what a webhook was sent cannot be taken back: it lies with the receiver")

    def close(self) -> None:
        for http in self._http.values():
            http.close()

    def _send(self, telling: Telling, address: str, earlier: Accepted | None) -> Accepted:
        receiver = self._receivers.get(address)
        if receiver is None:
            raise Busy(
                f"there is no [channels.webhook.to.{address:.40}]; expected one of: {', '.join(self._receivers)}"
            )
        told = facts(telling)
        message = earlier.message_id if earlier is not None else f"{telling.delivery}-{key(told)}"
        had = earlier is not None and earlier.with_photo
        if telling.photo is not None and receiver.photos:
            try:
                self._post(address, telling, told, message, photo=True)
            except TooLarge:
                self._log.warning("the photo is not taken: the words go without it", receiver=address)
            else:
                return Accepted(message, with_photo=True)
        try:
            self._post(address, telling, told, message, photo=False)
        except TooLarge:
            raise Refused(f"webhook {address}: takes not even the words (413)") from None
        return Accepted(message, with_photo=had)

    def _post(self, address: str, telling: Telling, told: dict[str, Any], message: str, *, photo: bool) -> None:
        """Raises TooLarge, Refused, Busy."""
        receiver, now = self._receivers[address], self._clock.now()
        content = body(told, message, telling, now, photo=photo)
        timestamp = str(int(now.timestamp()))
        digest = sha256(telling.photo).hexdigest() if photo and telling.photo is not None else ""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sambar",
            "Idempotency-Key": key(told, message, digest),
            "Sambar-Timestamp": timestamp,
            "Sambar-Signature": signature(receiver.read_secret(), timestamp, content),
        }
        try:
            response = self._http[receiver.allow_private].ask(
                "POST", receiver.read_url(), headers=headers, content=content
            )
        except NotPublic:
            raise Busy(
                f"webhook {address}: its url leads into a private network; expected a public address, or"
                f" allow_private = true in channels.webhook.to.{address}"
            ) from None
        if not response.is_success:
            raise _meaning(address, response)


def _meaning(address: str, response: httpx.Response) -> Exception:
    """By RFC 9110, section 15: the receiver's words are its own affair."""
    code, section = response.status_code, f"channels.webhook.to.{address}"
    match code:
        case 413:
            return TooLarge()
        case 410:
            return Refused(f"webhook {address}: wants nothing more (410)")
        case 401 | 403:
            return Busy(f"webhook {address}: does not take our signature ({code}); check secret in {section}")
        case 404 | 405:
            return Busy(f"webhook {address}: nothing is there ({code}); check url in {section}")
        case 408 | 409 | 423 | 425:
            return Busy(f"webhook {address}: not now ({code})")
        case _ if code < 400:
            return Busy(f"webhook {address}: points elsewhere ({code}), which is not followed; check url in {section}")
        case _:
            return Refused(f"webhook {address}: refuses the message ({code})")
