from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.fake_twilio import ACCOUNT, TOKEN, FakeTwilio
from alerts.channels.gsm import split
from alerts.channels.sms import SmsChannel, SmsHook
from alerts.channels.sms_replies import EACH
from alerts.channels.sms_settings import SmsSettings
from alerts.channels.twilio import signature
from alerts.clock import DrivenClock
from alerts.errors import Busy, Refused
from alerts.heard import Forged, Heard, Reply
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service, assert_says, with_photo
from tests.alerts.tellings import JPEG, SEEN, telling

MALEE = "+66812345678"
SENDER = "+15005550006"
LINK = "https://sambar.example.org/a/42"
PATIENCE = httpx.Timeout(2)
NOW = SEEN + timedelta(seconds=4)


def settings(url: str, **changes: Any) -> SmsSettings:
    whole: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "sender": SENDER,
        "base_url": url,
        "public_url": "https://sambar.example.org",
    }
    return SmsSettings.model_validate(whole | changes)


class SmsService:
    """The channel, Twilio, and one person's phone."""

    photos = False
    address = MALEE
    secret = TOKEN

    def __init__(self, server: FakeTwilio, **changes: Any) -> None:
        self.server = server
        self.settings = settings(server.url, **changes)
        self.channel = SmsChannel(self.settings, DrivenClock(NOW), PATIENCE)
        self.hook = SmsHook(self.settings, DrivenClock(NOW))

    def shown(self) -> list[Seen]:
        return [Seen(text, None) for text in self.server.phone(MALEE).messages]

    def lose_the_message(self) -> None:
        self.server.phone(MALEE).messages.pop()

    def be_in_trouble(self) -> None:
        self.server.fail_next(500, 20500, "Internal Server Error")

    def want_a_pause(self, pause: timedelta) -> None:
        # https://www.twilio.com/docs/api/errors/20429; Retry-After: RFC 9110, section 10.2.3
        self.server.fail_next(429, 20429, "Too Many Requests", retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        # https://www.twilio.com/docs/api/errors/21610
        self.server.phone(MALEE).refuses = (21610, "Attempt to send to unsubscribed recipient")

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def service() -> Iterator[SmsService]:
    with FakeTwilio() as server:
        service = SmsService(server)
        yield service
        service.channel.close()


class TestSms(ChannelContract):
    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_markup_in_a_value_is_only_text(self, service: Service, photo: bytes | None) -> None:
        """With a place and a label that are short enough for an SMS to hold them whole."""
        place, label = "<b>gate</b> & <i>", "a'_*[~>#{}"
        service.channel.tell(with_photo(photo, place=place, counts={label: 1}), service.address)
        assert_says(service.shown()[0], f"1 {label}", place)


def test_a_message_is_one_line_and_the_link_from_our_number(service: SmsService) -> None:
    accepted = service.channel.tell(telling(link=LINK), MALEE)
    (fields,) = service.server.sent
    (text,) = service.server.phone(MALEE).messages
    assert text.endswith(f" {LINK}")
    assert "\n" not in text
    assert (fields["From"], fields["To"]) == ([SENDER], [MALEE])
    assert fields["StatusCallback"] == ["https://sambar.example.org/hooks/sms"]
    assert accepted.message_id == fields["sid"][0]


def test_english_words_are_sent_in_letters_of_seven_bits(service: SmsService) -> None:
    service.channel.tell(telling(link=LINK), MALEE)
    (text,) = service.server.phone(MALEE).messages
    assert len(split(text)) == 1


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_no_message_takes_more_parts_than_the_settings_allow(parts: int) -> None:
    with FakeTwilio() as server:
        service = SmsService(server, parts=parts)
        service.channel.tell(telling(link=LINK, place="ประตูเหนือ คลองอีเฒ่า " * 20), MALEE)
        (text,) = server.phone(MALEE).messages
        service.channel.close()
    assert len(split(text)) <= parts
    assert text.endswith(LINK)


def test_a_messaging_service_is_named_instead_of_a_number() -> None:
    sid = "MG" + "a" * 32
    with FakeTwilio() as server:
        service = SmsService(server, sender=sid)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        (fields,) = server.sent
    assert (fields["MessagingServiceSid"], "From" in fields) == ([sid], False)


def test_without_a_public_url_no_receipt_is_asked_for() -> None:
    with FakeTwilio() as server:
        service = SmsService(server, public_url=None)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        assert "StatusCallback" not in server.sent[0]


@pytest.mark.parametrize(
    "address", ["0812345678", "+66 81 234 5678", "malee", "", "+0812345678", "+661234567890123456", "+๖๖812345678"]
)
def test_what_is_no_international_number_is_refused_without_asking(service: SmsService, address: str) -> None:
    with pytest.raises(Refused, match="expected a telephone number in the international form") as refused:
        service.channel.tell(telling(), address)
    assert service.server.requests == []
    assert not address or len(address) < 4 or address not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (21211, "this is no telephone number"),
        (21214, "this number cannot be reached"),
        (21610, "asked the provider for no more messages"),
        (21614, "takes no SMS"),
    ],
)
def test_what_concerns_one_number_for_ever_is_refused(service: SmsService, code: int, sentence: str) -> None:
    service.server.fail_next(400, code, f"The 'To' number {MALEE} is not right")
    with pytest.raises(Refused, match=f"{sentence}.*\\({code}\\)"):
        service.channel.tell(telling(), MALEE)


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (401, 20003, "does not know the account"),
        (403, 20403, "account is suspended"),
        (400, 21408, "SMS to this country are not allowed"),
        (400, 21212, "sender is not a number of the account"),
        (400, 21608, "trial account"),
        (400, 21611, "too many messages wait already"),
        (400, 29999, "something new"),
        (401, 0, "does not know the account"),
    ],
)
def test_what_somebody_has_to_settle_leaves_the_message_waiting(
    service: SmsService, status: int, code: int, sentence: str
) -> None:
    service.server.fail_next(status, code, "something new")
    with pytest.raises(Busy, match=rf"{sentence}.*check channels\.sms"):
        service.channel.tell(telling(), MALEE)


def test_a_wrong_token_is_told_with_what_to_check() -> None:
    with FakeTwilio(token="the-new-one") as server:  # noqa: S106 - of an account that does not exist
        service = SmsService(server)
        with pytest.raises(Busy, match=r"expected account_sid and auth_token.*\(20003\); check channels\.sms"):
            service.channel.tell(telling(), MALEE)
        service.channel.close()


def test_an_error_shows_of_a_number_only_its_end(service: SmsService) -> None:
    service.server.fail_next(400, 29999, f"The number {MALEE} has something new")
    with pytest.raises(Busy, match="The number …678 has") as busy:
        service.channel.tell(telling(), MALEE)
    assert MALEE[1:] not in str(busy.value)


def test_an_answer_that_is_not_twilios_is_busy(service: SmsService) -> None:
    service.server.answer_next(201, b"<html>welcome to the hotel's network</html>")
    with pytest.raises(Busy, match="its answer cannot be read"):
        service.channel.tell(telling(), MALEE)


def test_an_answer_that_is_lost_is_busy_so_that_the_message_is_told_again_rather_than_never(
    service: SmsService,
) -> None:
    service.server.lose_next_answer()
    with pytest.raises(Busy, match="cannot be reached"):
        service.channel.tell(telling(), MALEE)
    service.channel.tell(telling(), MALEE)
    assert len(service.server.phone(MALEE).messages) == 2


def test_an_sms_cannot_be_withdrawn(service: SmsService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    with pytest.raises(Refused, match="cannot be taken back"):
        service.channel.withdraw(MALEE, accepted)


def test_a_delivered_message_is_heard_of(service: SmsService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    webhook = service.server.message_status("delivered")
    assert service.hook.read(webhook.headers, webhook.body) == [
        Heard("sms", MALEE, MALEE, NOW, delivered=accepted.message_id)
    ]


@pytest.mark.parametrize("status", ["queued", "sending", "sent"])
def test_what_is_only_under_way_is_not_delivered(service: SmsService, status: str) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.message_status(status)
    assert service.hook.read(webhook.headers, webhook.body) == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (30003, "off or out of reach"),
        (30004, "blocks our messages"),
        (30005, "unknown"),
        (30006, "landline"),
        (30007, "spam"),
        (30008, "unknown reason"),
    ],
)
def test_a_message_that_did_not_arrive_is_logged_with_its_reason_and_without_the_number(
    service: SmsService, capsys: pytest.CaptureFixture[str], code: int, why: str
) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.message_status("undelivered", code)
    assert service.hook.read(webhook.headers, webhook.body) == []
    logged = capsys.readouterr().out
    assert "a message did not arrive" in logged
    assert why in logged
    assert MALEE not in logged


def test_what_a_person_writes_is_heard(service: SmsService) -> None:
    webhook = service.server.message_from(MALEE, "silence CAM-12 2h ลม & ฝน", "https://sambar.example.org/hooks/sms")
    (heard,) = service.hook.read(webhook.headers, webhook.body)
    assert replace(heard, token=None) == Heard("sms", MALEE, MALEE, NOW, text="silence CAM-12 2h ลม & ฝน")


def test_two_texts_are_told_apart_by_their_tokens_and_one_that_comes_again_is_not(service: SmsService) -> None:
    first, second = (
        service.server.message_from(MALEE, "status", "https://sambar.example.org/hooks/sms") for _ in range(2)
    )
    tokens = [service.hook.read(each.headers, each.body)[0].token for each in (first, second, first)]
    assert tokens[0] == tokens[2] != tokens[1]


def test_a_reply_goes_to_whoever_wrote(service: SmsService) -> None:
    service.hook.reply(Heard("sms", MALEE, MALEE, NOW, text="status"), Reply("All 12 cameras are heard. " * 40))
    (text,) = service.server.phone(MALEE).messages
    assert text.startswith("All 12 cameras")
    assert len(split(text)) == 2


def test_a_machine_that_answers_our_replies_comes_to_an_end(service: SmsService) -> None:
    for _ in range(100):
        service.hook.reply(Heard("sms", MALEE, MALEE, NOW, text="I am away"), Reply("Who are you?"))
    assert len(service.server.phone(MALEE).messages) == EACH.most


def test_a_reply_that_fails_is_logged_and_no_error(service: SmsService, capsys: pytest.CaptureFixture[str]) -> None:
    service.be_in_trouble()
    service.hook.reply(Heard("sms", MALEE, MALEE, NOW, text="status"), Reply("All well"))
    assert "a reply did not go out" in capsys.readouterr().out


@pytest.mark.parametrize("signed", [None, "", "ü", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_a_request_without_twilios_signature_is_forged(service: SmsService, signed: str | None) -> None:
    webhook = service.server.message_from(MALEE, "help", "https://sambar.example.org/hooks/sms")
    headers = {} if signed is None else {"x-twilio-signature": signed}
    with pytest.raises(Forged, match="not signed"):
        service.hook.read(headers, webhook.body)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"delivered", b"sent"), (b"To=", b"Too="), (b"AccountSid", b"To=%2B66899999999&AccountSid"), (b"M", b"\xff")],
    ids=["another status", "another name", "a field more", "not UTF-8"],
)
def test_a_request_that_was_changed_on_its_way_is_forged(service: SmsService, old: bytes, new: bytes) -> None:
    service.channel.tell(telling(), MALEE)
    webhook = service.server.message_status("delivered")
    with pytest.raises(Forged) as forged:
        service.hook.read(webhook.headers, webhook.body.replace(old, new))
    assert TOKEN not in str(forged.value)


def test_a_request_for_another_address_is_forged(service: SmsService) -> None:
    webhook = service.server.message_from(MALEE, "help", "https://elsewhere.example.org/hooks/sms")
    with pytest.raises(Forged, match="not signed with the auth_token"):
        service.hook.read(webhook.headers, webhook.body)


def test_a_hook_without_a_public_url_takes_nothing(service: SmsService) -> None:
    webhook = service.server.message_from(MALEE, "help", "https://sambar.example.org/hooks/sms")
    hook = SmsHook(settings(service.server.url, public_url=None))
    with pytest.raises(Forged, match="public_url is not set"):
        hook.read(webhook.headers, webhook.body)


def test_a_signature_over_the_address_without_its_port_is_taken(service: SmsService) -> None:
    webhook = service.server.message_from(MALEE, "help", "https://sambar.example.org/hooks/sms")
    hook = SmsHook(settings(service.server.url, public_url="https://sambar.example.org:8443"))
    (heard,) = hook.read(webhook.headers, webhook.body)
    assert heard.text == "help"


def test_signatures_are_those_of_twilios_own_example() -> None:
    # https://www.twilio.com/docs/usage/security, validating requests, and the tests of Twilio's own libraries
    fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_token_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    whole = settings("http://x", auth_token=None, auth_token_file=file)
    assert whole.read_token() == TOKEN


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"auth_token": None}, "expected one of auth_token and auth_token_file"),
        ({"auth_token_file": "/x"}, "expected one of auth_token and auth_token_file"),
        ({"account_sid": "SK" + "0" * 32}, "account_sid"),
        ({"sender": "0812345678"}, "sender"),
        ({"parts": 0}, "parts"),
        ({"public_url": "sambar.example.org"}, "public_url"),
        ({"public_url": "https://sambar.example.org/some/where"}, "public_url"),
        ({"tokn": "the-secret"}, "tokn"),
    ],
    ids=["no token", "both", "an API key", "a national number", "no parts", "no scheme", "a path", "a wrong name"],
)
def test_wrong_settings_are_told_without_the_token(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        settings("http://x", **changes)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_settings_do_not_show_their_token() -> None:
    assert TOKEN not in repr(settings("http://x", auth_token=SecretStr(TOKEN)))
