"""A Cloud API server that behaves, over real HTTP, for tests and rehearsals.

`docs` stands for https://developers.facebook.com/documentation/business-messaging/whatsapp; `errors` for
docs/support/error-codes. A person whose last word is old gets no free words: Meta takes them, and drops them, and says
so by webhook alone (errors: 131047 comes asynchronously).
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast

from alerts.channels.fake_http import Answered, FakeHttp, Request
from alerts.channels.fake_whatsapp_marks import shown_text

TOKEN = "EAAJ-the-token-of-the-system-user"  # noqa: S105 - of an app that does not exist
APP_SECRET = "the-secret-of-the-app"  # noqa: S105 - of an app that does not exist
PHONE_NUMBER_ID = "106540352242922"
WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Template:
    """What Meta has approved: docs/templates."""

    name: str
    language: str
    body: str
    """With {{1}}, {{2}}, …"""
    image: bool = False
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the person sees it."""

    message_id: str
    text: str
    photo: bytes | None
    buttons: tuple[str, ...]
    """What each carries."""
    template: Template | None


@dataclass(slots=True)
class Person:
    heard: datetime | None = None
    shown: list[Shown] = field(default_factory=list[Shown])


class Refusal(Exception):
    """errors: the syntax of an error response."""

    def __init__(self, status: int, code: int, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.code = code

    def answered(self) -> Answered:
        return Answered(self.status, refusal(self.code, str(self)))


def refusal(code: int, details: str) -> dict[str, Any]:
    """The body of an error response: errors."""
    data = {"messaging_product": "whatsapp", "details": details}
    return {
        "error": {
            "message": f"(#{code}) {details}",
            "type": "OAuthException",
            "code": code,
            "error_data": data,
            "fbtrace_id": "AbCdEf",
        }
    }


class FakeWhatsApp(FakeHttp):
    """One server on a free port of 127.0.0.1, with one business number."""

    def __init__(self, token: str = TOKEN, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(self._answered)
        self.token = token
        self.dropped: list[str] = []
        """Ids of messages that were taken and will not come."""
        self._now = now
        self._people: dict[str, Person] = {}
        self._templates: dict[tuple[str, str], Template] = {}
        self._media: dict[str, bytes] = {}
        self._last = 0

    # What a test arranges, and looks at.

    def add(self, number: str) -> None:
        """Somebody on WhatsApp, by digits without '+'."""
        self._people[number] = Person()

    def leave(self, number: str) -> None:
        del self._people[number]

    def approve(self, template: Template) -> None:
        self._templates[template.name, template.language] = template

    def drop_media(self) -> None:
        """As after 30 days: docs/business-phone-numbers/media."""
        self._media.clear()

    def unsend(self, number: str) -> None:
        self._people[number].shown.pop()

    def shows(self, number: str) -> list[Shown]:
        return list(self._people[number].shown) if number in self._people else []

    def says(self, number: str, **message: Any) -> tuple[dict[str, str], bytes]:
        """The request by which Meta brings a person's message: docs/webhooks/reference/messages."""
        self._people[number].heard = self._now()
        said = {"from": number, "id": self._next_id(), "timestamp": str(int(self._now().timestamp())), **message}
        contacts = [{"profile": {"name": "Malee"}, "wa_id": number}]
        return self.webhook(contacts=contacts, messages=[said])

    def reports(
        self, number: str, message_id: str, status: str, code: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """The request with a status: docs/webhooks/reference/messages/status."""
        said: dict[str, Any] = {
            "id": message_id,
            "status": status,
            "timestamp": str(int(self._now().timestamp())),
            "recipient_id": number,
        }
        if code is not None:
            said["errors"] = [{"code": code, "title": "Message failed", "error_data": {"details": "failed"}}]
        return self.webhook(statuses=[said])

    def webhook(self, *, phone_number_id: str = PHONE_NUMBER_ID, **value: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body, signed: docs/webhooks/create-webhook-endpoint."""
        metadata = {"display_phone_number": "66812345678", "phone_number_id": phone_number_id}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        whole = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}
        body = json.dumps(whole).encode()
        return {"x-hub-signature-256": f"sha256={signature(body)}"}, body

    # What a request meets.

    def _answered(self, request: Request) -> Answered:
        try:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                raise Refusal(401, 190, "Error validating access token")  # errors: authorization
            match re.fullmatch(rf"/v\d+\.\d/{PHONE_NUMBER_ID}/(messages|media)", request.path):
                case None:
                    raise Refusal(400, 33, "Unsupported post request. Object with that ID does not exist")
                case found if found[1] == "media":
                    return self._kept(request)
                case _:
                    return self._taken(request.json())
        except Refusal as refused:
            return refused.answered()

    def _kept(self, request: Request) -> Answered:
        """docs/business-phone-numbers/media#upload-media."""
        fields = _fields(request)
        photo = fields["file"]
        if fields.get("messaging_product") != b"whatsapp" or fields.get("type") != b"image/jpeg":
            raise Refusal(400, 100, "(#100) Param file must be a file with one of the supported types")
        if not photo.startswith(b"\xff\xd8\xff") or len(photo) > 5 * 1024 * 1024:
            raise Refusal(400, 131053, "Media upload error")
        self._last += 1
        media_id = str(10**15 + self._last)
        self._media[media_id] = photo
        return Answered(200, {"id": media_id})

    def _taken(self, said: dict[str, Any]) -> Answered:
        """docs/messages/send-messages."""
        if said.get("messaging_product") != "whatsapp" or said.get("recipient_type") != "individual":
            raise Refusal(400, 100, "(#100) The parameter messaging_product is required.")
        number = re.sub(r"\D", "", said["to"])
        person = self._people.get(number)
        if person is None:
            raise Refusal(400, 131026, "Message undeliverable")
        message_id = self._next_id()
        shown = self._seen(message_id, said)
        fresh = person.heard is not None and self._now() - person.heard < WINDOW
        if shown.template is None and not fresh:
            self.dropped.append(message_id)
        else:
            person.shown.append(shown)
        contacts = [{"input": said["to"], "wa_id": number}]
        return Answered(200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": message_id}]})

    def _seen(self, message_id: str, said: dict[str, Any]) -> Shown:
        match said:
            case {"type": "text", "text": {"body": str(words)}}:  # docs/messages/text-messages: 4,096 letters
                return Shown(message_id, _fits(words, 4_096), None, (), None)
            case {"type": "image", "image": {"id": str(media), "caption": str(words)}}:  # docs/messages/image-messages
                return Shown(message_id, _fits(words, 1_024), self._photo(media), (), None)
            case {"type": "interactive", "interactive": {"type": "button", **message}}:
                return self._with_buttons(message_id, message)
            case {"type": "template", "template": message}:
                return self._from_template(message_id, message)
            case _:
                raise Refusal(400, 131051, "Unsupported message type")

    def _with_buttons(self, message_id: str, message: dict[str, Any]) -> Shown:
        """docs/messages/interactive-reply-buttons-messages: 1 to 3, titles of 20 letters, all different."""
        replies = [button["reply"] for button in message["action"]["buttons"]]
        titles = {reply["title"] for reply in replies}
        if not 1 <= len(replies) <= 3 or len(titles) < len(replies) or any(not 1 <= len(each) <= 20 for each in titles):
            raise Refusal(400, 131009, "Invalid buttons")
        photo = self._photo(message["header"]["image"]["id"]) if "header" in message else None
        carried = tuple(reply["id"] for reply in replies)
        return Shown(message_id, _fits(message["body"]["text"], 1_024), photo, carried, None)

    def _from_template(self, message_id: str, message: dict[str, Any]) -> Shown:
        """errors: 132000 to 132012."""
        template = self._templates.get((message["name"], message["language"]["code"]))
        if template is None:
            raise Refusal(404, 132001, "Template name does not exist in the translation")
        by_kind: dict[str, list[dict[str, Any]]] = {"header": [], "body": [], "button": []}
        for component in message["components"]:
            by_kind[component["type"]].append(component)
        if bool(by_kind["header"]) != template.image:
            raise Refusal(400, 132012, "header: Format mismatch, expected IMAGE" if template.image else "no header")
        texts = [parameter["text"] for parameter in by_kind["body"][0]["parameters"]]
        if len(texts) != len(set(re.findall(r"\{\{\d\}\}", template.body))):
            raise Refusal(400, 132000, "Number of parameters does not match the expected number of params")
        if any(not text or re.search(r"[\n\t]| {5}", text) for text in texts):
            raise Refusal(
                400, 132012, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            )
        if len(by_kind["button"]) > len(template.buttons):
            raise Refusal(400, 132012, "buttons: unexpected index")
        words = template.body
        for place, text in enumerate(texts, 1):
            words = words.replace(f"{{{{{place}}}}}", text)
        if len(words) > 1_024:
            raise Refusal(400, 132005, "Translated text too long")
        photo = self._photo(by_kind["header"][0]["parameters"][0]["image"]["id"]) if template.image else None
        carried = tuple(button["parameters"][0]["payload"] for button in by_kind["button"])
        return Shown(message_id, shown_text(words), photo, carried, template)

    def _photo(self, media_id: str) -> bytes:
        if media_id not in self._media:
            raise Refusal(400, 100, "(#100) Media id does not exist")
        return self._media[media_id]

    def _next_id(self) -> str:
        self._last += 1
        return f"wamid.HBgLNjY4{self._last:08d}"


def signature(body: bytes) -> str:
    return hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()


def _fits(words: str, most: int) -> str:
    if not 1 <= len(words) <= most:
        raise Refusal(400, 100, f"(#100) Param text must be at most {most} characters long")
    return shown_text(words)


def _fields(request: Request) -> dict[str, bytes]:
    """Of a form as multipart/form-data."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return {
        str(part.get_param("name", header="content-disposition")): cast("bytes", part.get_payload(decode=True))
        for part in cast("list[Message]", whole.get_payload())
    }
