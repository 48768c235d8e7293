"""An account at Twilio, for the channels sms and voice: https://www.twilio.com/docs/usage/api.

Its API of 2010 knows no key of idempotency: an answer that is lost leaves open whether the message went out, so it is
sent again, and a person may get it twice.
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import httpx

from alerts.channels.http import PATIENCE, Http
from alerts.channels.numbers import without_numbers
from alerts.channels.twilio_settings import TwilioAccount
from alerts.errors import Busy, ChannelError, Refused
from alerts.heard import Forged

NOT_THIS_NUMBER = {
    21211: "this is no telephone number",
    21214: "this number cannot be reached",
    21217: "this is no telephone number",
    21610: "this person has asked the provider for no more messages (STOP); they can take it back with START",
    21614: "this number takes no SMS",
}
"""https://www.twilio.com/docs/api/errors: what concerns one address for ever."""
SETTLE_FIRST = {
    20003: "it does not know the account; expected account_sid and auth_token as the Console shows them",
    20005: "the account is not active",
    20403: "the account is suspended",
    20404: "it does not know the account; expected account_sid as the Console shows it",
    21210: "sender is not a number that the account has verified",
    21212: "sender is not a number of the account",
    21215: "calls to this country are not allowed; see Voice, Geo permissions in the Console",
    21219: "a trial account calls only numbers that it has verified",
    21408: "SMS to this country are not allowed; see Messaging, Geo permissions in the Console",
    21606: "sender is a number that cannot send SMS to there",
    21608: "a trial account writes only to numbers that it has verified",
    21611: "too many messages wait already",
    21659: "sender is not a number of the account",
    21660: "sender belongs to another account",
}
"""The same source: what somebody has to settle, until when every message waits."""
NOT_DELIVERED = {
    30003: "the phone is off or out of reach",
    30004: "the phone's owner or network blocks our messages",
    30005: "the number is unknown",
    30006: "the number is a landline, or its network cannot be reached",
    30007: "the network took it for spam",
    30008: "unknown reason",
}
"""The same source: why a message that was accepted did not arrive."""
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""What a hook answers, as text/xml: nothing more to do."""


class Account:
    """Sends. For one thread at a time."""

    def __init__(self, channel: str, settings: TwilioAccount, patience: httpx.Timeout = PATIENCE) -> None:
        self._channel = channel
        self._url = f"{settings.base_url.rstrip('/')}/2010-04-01/Accounts/{settings.account_sid}"
        self._http = Http("Twilio", auth=(settings.account_sid, settings.read_token()), timeout=patience)

    def create(self, resource: str, fields: Mapping[str, str | Sequence[str]]) -> str:
        """A message or a call; its SID. `resource` is 'Messages' or 'Calls'. Raises Refused or Busy."""
        response = self._http.ask("POST", f"{self._url}/{resource}.json", data=fields)
        answer = _json(response)
        if response.is_success and not answer.get("error_code") and isinstance(answer.get("sid"), str):
            return answer["sid"]
        raise meaning(self._channel, response.status_code, answer)

    def close(self) -> None:
        self._http.close()


def meaning(channel: str, status: int, answer: Mapping[str, Any]) -> ChannelError:
    """https://www.twilio.com/docs/usage/twilios-response: `code`, `message`, `status`."""
    code = answer.get("code") or answer.get("error_code") or 0
    if code in NOT_THIS_NUMBER:
        return Refused(f"Twilio: {NOT_THIS_NUMBER[code]} ({code})")
    if code in SETTLE_FIRST:
        return Busy(f"Twilio: {SETTLE_FIRST[code]} ({code}); check channels.{channel}")
    if status in {401, 403, 404}:
        return Busy(f"Twilio: {SETTLE_FIRST[20003]} ({status}); check channels.{channel}")
    # An unknown code costs nothing to try again, and may be the account's fault rather than the message's.
    words = without_numbers(str(answer.get("message") or "its answer cannot be read"))
    return Busy(f"Twilio: {words} ({code or status}); check channels.{channel}")


def signature(token: str, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security: HMAC-SHA1 of the address and the sorted fields."""
    whole = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), whole.encode(), "sha1")).decode()


def read_form(channel: str, settings: TwilioAccount, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The fields of a request to a hook, its signature checked. Raises Forged."""
    url = settings.hook(channel)
    if url is None:
        raise Forged(f"channels.{channel}: public_url is not set, so no request can be checked")
    given = headers.get("x-twilio-signature", "")
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise Forged("the request is no form in UTF-8") from None
    token = settings.read_token()
    # Twilio may leave the port out of what it signs; its own libraries try both.
    expected = [signature(token, each, fields) for each in (url, _without_port(url))]
    if not any(hmac.compare_digest(given.encode(), each.encode()) for each in expected):
        raise Forged(f"the request is not signed with the auth_token of channels.{channel} for {url}")
    return dict(fields)


def _without_port(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl() if parts.port else url


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer: Any = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
