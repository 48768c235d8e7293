"""Twilio's API of 2010, for messages and calls, as a server that behaves, and the phones at the other end.

A test looks at what a phone shows or says, and has Twilio send to our hooks what it would send.
"""

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlencode
from xml.etree.ElementTree import ParseError, fromstring

from alerts.channels.fake_http import Answered, FakeHttp, Request
from alerts.channels.gsm import split
from alerts.channels.numbers import E164
from alerts.channels.twilio import signature

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the-secret-auth-token"  # noqa: S105 - of an account that does not exist
LANGUAGES = frozenset({"en-GB", "id-ID", "ms-MY", "th-TH", "vi-VN"})
"""Languages of <Say>: https://www.twilio.com/docs/voice/twiml/say/text-speech, as far as we use them."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request of Twilio's to one of our hooks."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Phone:
    messages: list[str] = field(default_factory=list[str])
    """Of SMS, the text; of calls, what was said."""
    calls: list["Call"] = field(default_factory=list["Call"])
    refuses: tuple[int, str] | None = None
    """Code and words."""


@dataclass(frozen=True, slots=True)
class Call:
    sid: str
    said: str
    """As often as it is said."""
    language: str
    voice: str
    key_to: str | None
    """Where a pressed key goes."""
    fields: dict[str, list[str]]


class FakeTwilio(FakeHttp):
    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(self._respond_to)
        self.token = token
        self.sent: list[dict[str, list[str]]] = []
        """The fields of each message and call that was accepted."""
        self._phones: dict[str, Phone] = {}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    # What a test arranges and looks at.

    def phone(self, number: str) -> Phone:
        return self._phones.setdefault(number, Phone())

    def fail_next(self, status: int, code: int, message: str, **headers: str) -> None:
        """https://www.twilio.com/docs/usage/twilios-response: the body of an error."""
        self.answer_next(status, _error(status, code, message), **headers)

    def webhook(self, url: str, **fields: str) -> Webhook:
        """https://www.twilio.com/docs/usage/webhooks/webhooks-security: signed over the address and every field."""
        whole = {"AccountSid": ACCOUNT, **fields}
        return Webhook(
            url,
            {
                "content-type": "application/x-www-form-urlencoded",
                "x-twilio-signature": signature(self.token, url, tuple(whole.items())),
            },
            urlencode(whole).encode(),
        )

    def message_status(self, status: str, code: int | None = None) -> Webhook:
        """Of the last message: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status."""
        fields = self.sent[-1]
        wrong = {} if code is None else {"ErrorCode": str(code)}
        return self.webhook(
            fields["StatusCallback"][0], MessageSid=fields["sid"][0], SmsSid=fields["sid"][0], MessageStatus=status,
            SmsStatus=status, To=fields["To"][0], From=fields["From"][0], ApiVersion="2010-04-01", **wrong,
        )  # fmt: skip

    def message_from(self, number: str, text: str, url: str, to: str = "+15005550006") -> Webhook:
        """https://www.twilio.com/docs/messaging/guides/webhook-request."""
        return self.webhook(
            url, MessageSid=self._sid("SM"), Body=text, From=number, To=to, NumMedia="0",
            NumSegments=str(len(split(text))), SmsStatus="received",
        )  # fmt: skip

    def call_status(self, status: str, **more: str) -> Webhook:
        """Of the last call: https://www.twilio.com/docs/voice/api/call-resource#statuscallback."""
        fields = self.sent[-1]
        return self.webhook(
            fields["StatusCallback"][0], CallSid=fields["sid"][0], CallStatus=status, To=fields["To"][0],
            From=fields["From"][0], Direction="outbound-api", Timestamp="Wed, 04 Mar 2026 20:40:30 +0000", **more,
        )  # fmt: skip

    def answered_by(self, who: str) -> Webhook:
        """https://www.twilio.com/docs/voice/answering-machine-detection: AsyncAmdStatusCallback; it names no number."""
        fields = self.sent[-1]
        return self.webhook(
            fields["AsyncAmdStatusCallback"][0], CallSid=fields["sid"][0], AnsweredBy=who,
            MachineDetectionDuration="3150",
        )  # fmt: skip

    def key_pressed(self, digit: str) -> Webhook:
        """https://www.twilio.com/docs/voice/twiml/gather: to the action of the last call."""
        fields = self.sent[-1]
        number = fields["To"][0]
        url = self.phone(number).calls[-1].key_to
        if url is None:
            raise LookupError("the last call asks for no key")
        return self.webhook(
            url, CallSid=fields["sid"][0], CallStatus="in-progress", To=number, From=fields["From"][0],
            Direction="outbound-api", Digits=digit, msg="Gather End",
        )  # fmt: skip

    # What a request meets.

    def _respond_to(self, request: Request) -> Answered:
        expected = base64.b64encode(f"{ACCOUNT}:{self.token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            # https://www.twilio.com/docs/api/errors/20003
            return Answered(401, _error(401, 20003, "Authenticate"))
        fields = parse_qs(request.body.decode(), keep_blank_values=True)
        match request.path.removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}/"):
            case "Messages.json":
                return self._message(fields)
            case "Calls.json":
                return self._call(fields)
            case _:  # https://www.twilio.com/docs/api/errors/20404
                return Answered(404, _error(404, 20404, f"The requested resource {request.path} was not found"))

    def _message(self, fields: dict[str, list[str]]) -> Answered:
        """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message."""
        number, body = fields["To"][0], fields["Body"][0]
        if "From" not in fields and "MessagingServiceSid" not in fields:
            return Answered(400, _error(400, 21603, "A 'From' phone number is required."))
        if not body:
            return Answered(400, _error(400, 21602, "Message body is required."))
        if len(body) > 1600:  # https://www.twilio.com/docs/api/errors/21617
            return Answered(400, _error(400, 21617, "The concatenated message body exceeds the 1600 character limit."))
        refusal = self._refusal(number)
        if refusal is not None:
            return refusal
        self.phone(number).messages.append(body)
        return self._accepted("SM", fields, {"body": body, "num_segments": str(len(split(body)))})

    def _call(self, fields: dict[str, list[str]]) -> Answered:
        """https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource."""
        number, document = fields["To"][0], fields["Twiml"][0]
        if len(document) > 4000:
            return Answered(400, _error(400, 21264, "Twiml exceeds 4000 characters"))
        refusal = self._refusal(number)
        if refusal is not None:
            return refusal
        answered = self._accepted("CA", fields, {})
        call = _call(self.sent[-1]["sid"][0], document, fields)
        self.phone(number).calls.append(call)
        self.phone(number).messages.append(call.said)
        return answered

    def _refusal(self, number: str) -> Answered | None:
        if not E164.fullmatch(number):  # https://www.twilio.com/docs/api/errors/21211
            return Answered(400, _error(400, 21211, f"The 'To' number {number} is not a valid phone number."))
        refuses = self.phone(number).refuses
        return None if refuses is None else Answered(400, _error(400, *refuses))

    def _accepted(self, kind: str, fields: dict[str, list[str]], more: dict[str, Any]) -> Answered:
        sid = self._sid(kind)
        self.sent.append({**fields, "sid": [sid]})
        whole = {"sid": sid, "status": "queued", "to": fields["To"][0], "error_code": None, "error_message": None}
        return Answered(201, whole | more)

    def _sid(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):032x}"


def _call(sid: str, document: str, fields: dict[str, list[str]]) -> Call:
    """Held to the part of the grammar that we use: https://www.twilio.com/docs/voice/twiml. Raises ValueError."""
    try:
        response = fromstring(document)  # noqa: S314 - our own document, in a test
    except ParseError as wrong:  # https://www.twilio.com/docs/api/errors/12100
        raise ValueError(f"12100: document parse failure: {wrong}") from wrong
    gather = response.find("Gather")
    verbs: Sequence[Any] = list(response if gather is None else gather)
    if response.tag != "Response" or [verb.tag for verb in verbs] != ["Say"]:
        raise ValueError(f"12200: schema validation: {document}")
    (say,) = verbs
    if say.get("language") not in LANGUAGES:  # https://www.twilio.com/docs/api/errors/13512
        raise ValueError(f"13512: invalid language {say.get('language')}")
    said = " ".join([say.text or ""] * int(say.get("loop", "1")))
    key_to = None if gather is None else gather.get("action")
    return Call(sid, said, say.get("language", ""), say.get("voice", ""), key_to, fields)


def _error(status: int, code: int, message: str) -> dict[str, Any]:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}
