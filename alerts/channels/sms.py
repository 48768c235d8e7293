"""SMS by a provider: https://www.twilio.com/docs/messaging/api/message-resource."""

from collections.abc import Mapping

import httpx
import structlog

from alerts import Clock
from alerts.caption import short
from alerts.channels.gsm import fitted
from alerts.channels.http import PATIENCE
from alerts.channels.numbers import checked, masked
from alerts.channels.sms_replies import Replies
from alerts.channels.sms_settings import SmsSettings
from alerts.channels.twilio import EMPTY, NOT_DELIVERED, Account, read_form
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import ChannelError, Refused
from alerts.heard import Heard, Reply

NAME = "sms"


class SmsChannel:
    """One line and the link. A message that was sent stays as it is."""

    name = NAME
    carries_photo = False

    def __init__(self, settings: SmsSettings, clock: Clock | None = None, patience: httpx.Timeout = PATIENCE) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._account = Account(NAME, settings, patience)

    def tell(self, telling: Telling, address: str) -> Accepted:
        number = checked(address)
        words = fitted(short(telling, self._clock.now()), telling.link, self._settings.parts)
        sid = self._account.create("Messages", message(self._settings, number, words))
        return Accepted(sid, with_photo=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - the protocol's
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - the protocol's
        raise Refused("an SMS cannot be taken back from a phone")

    def close(self) -> None:
        self._account.close()


class SmsHook:
    """What became of a message, and what people write back."""

    taken = EMPTY

    def __init__(self, settings: SmsSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._replies = Replies()
        self._log = structlog.get_logger().bind(channel=NAME)

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        form = read_form(NAME, self._settings, headers, body)
        # https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
        match form:
            case {"MessageStatus": "delivered", "MessageSid": sid, "To": number}:
                return [self._heard(number, delivered=sid)]
            case {"MessageStatus": "undelivered" | "failed" as status, "MessageSid": sid, "To": number}:
                code = form.get("ErrorCode", "")
                why = NOT_DELIVERED.get(int(code) if code.isdigit() else 0, "unknown reason")
                self._log.warning(
                    "a message did not arrive", message=sid, to=masked(number), status=status, why=why, code=code
                )
                return []
            case {"MessageStatus": _}:
                return []
            # https://www.twilio.com/docs/messaging/guides/webhook-request
            case {"Body": text, "From": number}:
                return [self._heard(number, text=text, token=form.get("MessageSid"))]
            case _:
                return []

    def challenge(self, query: Mapping[str, str]) -> str | None:  # noqa: ARG002 - the protocol's
        return None

    def reply(self, heard: Heard, reply: Reply) -> None:
        if not self._replies.may_go(heard.chat, self._clock.now()):
            return
        account = Account(NAME, self._settings)
        try:
            words = fitted(reply.text, None, self._settings.parts)
            account.create("Messages", message(self._settings, heard.chat, words))
        except ChannelError as wrong:
            self._log.warning("a reply did not go out", to=masked(heard.chat), why=str(wrong))
        finally:
            account.close()

    def close(self) -> None:
        """An account is opened for each reply."""

    def _heard(
        self, number: str, *, text: str | None = None, token: str | None = None, delivered: str | None = None
    ) -> Heard:
        return Heard(NAME, number, number, self._clock.now(), text=text, token=token, delivered=delivered)


def message(settings: SmsSettings, number: str, words: str) -> dict[str, str]:
    """The fields of a new message."""
    fields = {"To": number, "Body": words}
    fields["MessagingServiceSid" if settings.sender.startswith("MG") else "From"] = settings.sender
    url = settings.hook(NAME)
    return fields if url is None else fields | {"StatusCallback": url}
