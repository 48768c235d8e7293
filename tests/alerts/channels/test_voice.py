from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from pydantic import ValidationError

from alerts.caption import answer_label, spoken
from alerts.channels.fake_twilio import ACCOUNT, TOKEN, FakeTwilio
from alerts.channels.twiml import LONGEST, VOICES, twiml
from alerts.channels.voice import VoiceChannel, VoiceHook
from alerts.channels.voice_settings import VoiceSettings
from alerts.clock import DrivenClock
from alerts.delivery import Answer
from alerts.errors import Busy, Refused
from alerts.heard import Forged, Heard, Reply
from tests.alerts.channels.channel_contract import ChannelContract, Seen
from tests.alerts.tellings import SEEN, telling

MALEE = "+66812345678"
SENDER = "+15005550006"
LINK = "https://sambar.example.org/a/42"
HOOK = "https://sambar.example.org/hooks/voice"
PATIENCE = httpx.Timeout(2)
NOW = SEEN + timedelta(seconds=4)
BY_TWILIOS_CLOCK = datetime(2026, 3, 4, 20, 40, 30, tzinfo=UTC)
CAN_ANSWER = (Answer.SEEN, Answer.READY)


def settings(url: str, **changes: Any) -> VoiceSettings:
    whole: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "sender": SENDER,
        "base_url": url,
        "public_url": "https://sambar.example.org",
    }
    return VoiceSettings.model_validate(whole | changes)


class VoiceService:
    """The channel, Twilio, and one person's phone."""

    photos = False
    address = MALEE
    secret = TOKEN

    def __init__(self, server: FakeTwilio, **changes: Any) -> None:
        self.server = server
        self.settings = settings(server.url, **changes)
        self.channel = VoiceChannel(self.settings, DrivenClock(NOW), PATIENCE)
        self.hook = VoiceHook(self.settings, DrivenClock(NOW))

    def shown(self) -> list[Seen]:
        return [Seen(text, None) for text in self.server.phone(MALEE).messages]

    def lose_the_message(self) -> None:
        self.server.phone(MALEE).messages.pop()

    def be_in_trouble(self) -> None:
        self.server.fail_next(503, 20503, "Service Unavailable")

    def want_a_pause(self, pause: timedelta) -> None:
        # https://www.twilio.com/docs/api/errors/20429; Retry-After: RFC 9110, section 10.2.3
        self.server.fail_next(429, 20429, "Too Many Requests", retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        # https://www.twilio.com/docs/api/errors/21214
        self.server.phone(MALEE).refuses = (21214, f"'To' phone number cannot be reached: {MALEE}")

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def service() -> Iterator[VoiceService]:
    with FakeTwilio() as server:
        service = VoiceService(server)
        yield service
        service.channel.close()


class TestVoice(ChannelContract):
    pass


def test_the_words_are_said_twice_in_the_persons_language(service: VoiceService) -> None:
    service.channel.tell(telling(language="th"), MALEE)
    (call,) = service.server.phone(MALEE).calls
    words = spoken(telling(language="th"), NOW)
    assert (call.said, call.language, call.voice) == (f"{words} {words}", "th-TH", "Google.th-TH-Standard-A")


@pytest.mark.parametrize("language", ["km", "lo", "my", "de", "xx-YY"])
def test_a_language_without_a_voice_is_said_in_english(service: VoiceService, language: str) -> None:
    service.channel.tell(telling(language=language), MALEE)
    (call,) = service.server.phone(MALEE).calls
    words = spoken(telling(language="en"), NOW)
    assert (call.said, call.language) == (f"{words} {words}", "en-GB")


@pytest.mark.parametrize("language", ["th-TH", "TH", "th"])
def test_the_region_of_a_language_makes_no_difference(language: str) -> None:
    assert 'language="th-TH"' in twiml(telling(language=language), NOW, HOOK)


def test_a_link_is_never_read_out(service: VoiceService) -> None:
    service.channel.tell(telling(link=LINK, answers=CAN_ANSWER), MALEE)
    (fields,) = service.server.sent
    assert "example.org/a" not in fields["Twiml"][0]


def test_whoever_can_answer_is_told_the_key(service: VoiceService) -> None:
    service.channel.tell(telling(answers=CAN_ANSWER), MALEE)
    (call,) = service.server.phone(MALEE).calls
    assert f" 1: {answer_label(Answer.SEEN, 'en')}." in call.said
    assert call.key_to == HOOK


@pytest.mark.parametrize(
    ("answers", "public_url"),
    [((Answer.READY,), "https://sambar.example.org"), (CAN_ANSWER, None)],
    ids=["nothing to answer", "no public address"],
)
def test_no_key_is_offered_that_nobody_would_hear(answers: tuple[Answer, ...], public_url: str | None) -> None:
    with FakeTwilio() as server:
        service = VoiceService(server, public_url=public_url)
        service.channel.tell(telling(answers=answers), MALEE)
        service.channel.close()
        (call,) = server.phone(MALEE).calls
    assert (call.key_to, "1:" in call.said) == (None, False)


@pytest.mark.parametrize("place", ["<" * 120, "&" * 120, "a\x00\x0b\ud800b" * 20], ids=["markup", "entities", "no XML"])
def test_whatever_stands_in_a_value_the_document_stays_one_that_twilio_takes(service: VoiceService, place: str) -> None:
    long = telling(place=place, area=place, park=place, counts={place: 1}, answers=CAN_ANSWER)
    service.channel.tell(long, MALEE)
    (fields,) = service.server.sent
    assert len(fields["Twiml"][0]) <= LONGEST
    assert service.server.phone(MALEE).calls[0].key_to == HOOK


def test_every_voice_is_one_of_its_language() -> None:
    assert all(voice.name.startswith(("Polly.", f"Google.{voice.language}-")) for voice in VOICES.values())


def test_a_call_rings_as_long_as_the_settings_say_and_reports_back() -> None:
    with FakeTwilio() as server:
        service = VoiceService(server, ring_s=25)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        (fields,) = server.sent
    assert (fields["From"], fields["To"], fields["Timeout"]) == ([SENDER], [MALEE], ["25"])
    assert (fields["StatusCallback"], fields["StatusCallbackEvent"]) == ([HOOK], ["answered", "completed"])
    assert (fields["AsyncAmd"], fields["AsyncAmdStatusCallback"]) == (["true"], [HOOK])


def test_machines_are_not_looked_for_when_the_settings_forbid_the_charge() -> None:
    with FakeTwilio() as server:
        service = VoiceService(server, detect_machines=False)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        assert "MachineDetection" not in server.sent[0]


def test_a_quiet_alert_never_rings(service: VoiceService) -> None:
    with pytest.raises(Refused, match="a call always rings"):
        service.channel.tell(telling(quiet=True), MALEE)
    assert service.server.requests == []


@pytest.mark.parametrize("address", ["0812345678", "malee", "", "+66-81-234-5678", "sip:malee@example.org"])
def test_what_is_no_international_number_is_refused_without_asking(service: VoiceService, address: str) -> None:
    with pytest.raises(Refused, match="expected a telephone number in the international form"):
        service.channel.tell(telling(), address)
    assert service.server.requests == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (21215, "calls to this country are not allowed"),
        (21210, "not a number that the account has verified"),
        (21219, "trial account"),
    ],
)
def test_what_somebody_has_to_settle_leaves_the_call_waiting(service: VoiceService, code: int, sentence: str) -> None:
    service.server.fail_next(400, code, "something")
    with pytest.raises(Busy, match=rf"{sentence}.*check channels\.voice"):
        service.channel.tell(telling(), MALEE)


def test_a_call_cannot_be_withdrawn(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    with pytest.raises(Refused, match="cannot be taken back"):
        service.channel.withdraw(MALEE, accepted)


def test_a_human_who_answers_is_a_delivery(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    for webhook in (service.server.call_status("in-progress"), service.server.answered_by("human")):
        heard = service.hook.read(webhook.headers, webhook.body)
    assert heard == [Heard("voice", MALEE, MALEE, NOW, delivered=accepted.message_id)]


def test_a_human_is_a_delivery_though_the_number_is_not_known_here(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    webhook = service.server.answered_by("human")
    assert service.hook.read(webhook.headers, webhook.body) == [
        Heard("voice", "", "", NOW, delivered=accepted.message_id)
    ]


@pytest.mark.parametrize("who", ["machine_start", "machine_end_beep", "fax", "unknown"])
def test_a_machine_that_answers_is_no_delivery(service: VoiceService, who: str) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.answered_by(who)
    assert service.hook.read(webhook.headers, webhook.body) == []


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_an_answered_call_alone_is_no_delivery(service: VoiceService, status: str) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.call_status(status)
    assert service.hook.read(webhook.headers, webhook.body) == []


def test_a_finished_call_that_says_a_human_answered_is_a_delivery(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    webhook = service.server.call_status("completed", AnsweredBy="human")
    assert service.hook.read(webhook.headers, webhook.body) == [
        Heard("voice", MALEE, MALEE, BY_TWILIOS_CLOCK, delivered=accepted.message_id)
    ]


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_a_call_that_was_not_taken_is_logged_without_the_number(
    service: VoiceService, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.call_status(status)
    assert service.hook.read(webhook.headers, webhook.body) == []
    logged = capsys.readouterr().out
    assert "a call was not taken" in logged
    assert MALEE not in logged


def test_pressing_one_is_the_answer_seen_and_names_the_call(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(answers=CAN_ANSWER), MALEE)
    webhook = service.server.key_pressed("1")
    assert service.hook.read(webhook.headers, webhook.body) == [
        Heard("voice", MALEE, MALEE, NOW, delivered=accepted.message_id),
        Heard("voice", MALEE, MALEE, NOW, answer=Answer.SEEN, token=accepted.message_id),
    ]


def test_another_key_shows_only_that_a_human_was_there(service: VoiceService) -> None:
    accepted = service.channel.tell(telling(answers=CAN_ANSWER), MALEE)
    webhook = service.server.key_pressed("7")
    assert service.hook.read(webhook.headers, webhook.body) == [
        Heard("voice", MALEE, MALEE, NOW, delivered=accepted.message_id)
    ]


def test_a_key_that_twilio_did_not_sign_is_forged(service: VoiceService) -> None:
    service.channel.tell(telling(answers=CAN_ANSWER), MALEE)
    webhook = service.server.key_pressed("7")
    with pytest.raises(Forged, match="not signed"):
        service.hook.read(webhook.headers, webhook.body.replace(b"Digits=7", b"Digits=1"))


def test_a_request_about_no_call_says_nothing(service: VoiceService) -> None:
    webhook = service.server.webhook(HOOK, Something="new")
    assert service.hook.read(webhook.headers, webhook.body) == []


def test_a_reply_to_a_key_goes_nowhere(service: VoiceService) -> None:
    service.hook.reply(Heard("voice", MALEE, MALEE, NOW, answer=Answer.SEEN), Reply("Thank you"))
    assert service.server.requests == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"auth_token": None}, "expected one of auth_token and auth_token_file"),
        ({"sender": "SAMBAR"}, "sender"),
        ({"ring_s": 1}, "ring_s"),
    ],
)
def test_wrong_settings_are_told(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        settings("http://x", **changes)


def test_a_call_goes_on_with_nothing_more_to_say(service: VoiceService) -> None:
    response = fromstring(service.hook.taken)  # noqa: S314 - our own
    assert (response.tag, list(response)) == ("Response", [])
