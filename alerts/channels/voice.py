"""A ringing call by a provider: https://www.twilio.com/docs/voice/api/call-resource."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import structlog

from alerts import Clock
from alerts.channels.http import PATIENCE
from alerts.channels.numbers import checked, masked
from alerts.channels.twilio import EMPTY, Account, read_form
from alerts.channels.twiml import SEEN_KEY, twiml
from alerts.channels.voice_settings import VoiceSettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Answer, Telling
from alerts.errors import Refused
from alerts.heard import Heard, Reply

NAME = "voice"
REMEMBERED = 1_000
"""Calls whose number is known, for the word that somebody answered comes without it."""
NOT_TAKEN = frozenset({"busy", "no-answer", "failed", "canceled"})
"""https://www.twilio.com/docs/voice/api/call-resource#call-status-values."""


class VoiceChannel:
    """Rings and says the words twice. A quiet alert is refused: a call cannot come without a sound."""

    name = NAME
    carries_photo = False

    def __init__(self, settings: VoiceSettings, clock: Clock | None = None, patience: httpx.Timeout = PATIENCE) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._account = Account(NAME, settings, patience)

    def tell(self, telling: Telling, address: str) -> Accepted:
        number = checked(address)
        if telling.quiet:
            raise Refused("a quiet alert: a call always rings, so another channel has to tell it")
        hook = self._settings.hook(NAME)
        fields: dict[str, str | list[str]] = {
            "To": number,
            "From": self._settings.sender,
            "Twiml": twiml(telling, self._clock.now(), hook),
            "Timeout": str(self._settings.ring_s),
        }
        if hook is not None:
            fields |= {"StatusCallback": hook, "StatusCallbackEvent": ["answered", "completed"]}
        if hook is not None and self._settings.detect_machines:
            # In the background: whoever answers hears the words at once.
            # https://www.twilio.com/docs/voice/answering-machine-detection
            fields |= {"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallback": hook}
        return Accepted(self._account.create("Calls", fields), with_photo=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - the protocol's
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - the protocol's
        raise Refused("a call cannot be taken back")

    def close(self) -> None:
        self._account.close()


class VoiceHook:
    """Who answered a call, and the key that was pressed. An answer bears no delivery: its `token` is the call's SID,
    which the ledger has as the message id.
    """

    taken = EMPTY

    def __init__(self, settings: VoiceSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._numbers: OrderedDict[str, str] = OrderedDict()
        self._log = structlog.get_logger().bind(channel=NAME)

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        form = read_form(NAME, self._settings, headers, body)
        sid = form.get("CallSid")
        if sid is None:
            return []
        number = self._number(sid, form)
        at = _when(form) or self._clock.now()
        delivered = Heard(NAME, number, number, at, delivered=sid)
        match form:
            # https://www.twilio.com/docs/voice/twiml/gather: a key proves a human.
            case {"Digits": digits}:
                answer = Heard(NAME, number, number, at, answer=Answer.SEEN, token=sid)
                return [delivered, answer] if digits == SEEN_KEY else [delivered]
            case {"AnsweredBy": "human"}:
                return [delivered]
            case {"AnsweredBy": other}:
                self._log.info("a call was not answered by a human", call=sid, to=masked(number), answered_by=other)
            case {"CallStatus": status} if status in NOT_TAKEN:
                self._log.info("a call was not taken", call=sid, to=masked(number), status=status)
            case _:
                pass
        return []

    def challenge(self, query: Mapping[str, str]) -> str | None:  # noqa: ARG002 - the protocol's
        return None

    def reply(self, heard: Heard, reply: Reply) -> None:
        """Nothing: whoever pressed a key has hung up."""

    def close(self) -> None:
        """It has no connection."""

    def _number(self, sid: str, form: Mapping[str, str]) -> str:
        if "To" in form:
            self._numbers[sid] = form["To"]
            while len(self._numbers) > REMEMBERED:
                self._numbers.popitem(last=False)
        return self._numbers.get(sid, "")


def _when(form: Mapping[str, str]) -> datetime | None:
    """Of a status callback: RFC 2822, in UTC."""
    try:
        at = parsedate_to_datetime(form["Timestamp"])
    except (KeyError, ValueError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
