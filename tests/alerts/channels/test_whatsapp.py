import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.fake_whatsapp import APP_SECRET, PHONE_NUMBER_ID, TOKEN, FakeWhatsApp, Template, refusal
from alerts.channels.whatsapp import WhatsAppChannel
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.channels.whatsapp_window import Window
from alerts.channels.whatsapp_wire import Patience
from alerts.clock import DrivenClock
from alerts.delivery import Answer
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, assert_says
from tests.alerts.tellings import JPEG, SEEN, telling

DIGITS = "66812345678"
NUMBER = f"+{DIGITS}"
VERIFY = "the-word-for-meta"
WORDS = "Alert: {{1}}\n{{2}}\nAnswer here or on the page."
BUTTONS = ("Seen", "Ready to go")


def settings(server: FakeWhatsApp, **changes: Any) -> WhatsAppSettings:
    given = {
        "phone_number_id": PHONE_NUMBER_ID,
        "token": TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY,
        "template": "alert",
        "template_with_photo": "alert_photo",
        "template_languages": ("en", "th"),
        "template_answers": ("seen", "ready"),
        "base_url": server.url,
    }
    return WhatsAppSettings.model_validate(given | changes)


class WhatsAppService:
    """One person, who has written just now (`fresh`) or never."""

    photos = True
    address = NUMBER
    secret = TOKEN

    def __init__(self, server: FakeWhatsApp, *, fresh: bool, **changes: Any) -> None:
        self.server = server
        self.clock = DrivenClock(SEEN + timedelta(seconds=4))
        self.window = Window()
        server.add(DIGITS)
        for language in ("en", "th"):
            server.approve(Template("alert", language, WORDS, buttons=BUTTONS))
            server.approve(Template("alert_photo", language, WORDS, image=True, buttons=BUTTONS))
        if fresh:
            server.says(DIGITS, type="text", text={"body": "hello"})
            self.window.heard(NUMBER, self.clock.now())
        self.channel = WhatsAppChannel(
            settings(server, **changes), self.clock, Patience(connect_s=2, read_s=2, write_s=2), self.window
        )

    def shown(self) -> list[Seen]:
        return [Seen(shown.text, shown.photo) for shown in self.server.shows(DIGITS)]

    def lose_the_message(self) -> None:
        self.server.unsend(DIGITS)

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, refusal(131000, "Something went wrong"))

    def want_a_pause(self, pause: timedelta) -> None:
        words = "Cloud API message throughput has been reached"
        self.server.answer_next(429, refusal(130429, words), retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        self.server.leave(DIGITS)

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def server() -> Iterator[FakeWhatsApp]:
    """At the moment that the services' clocks show."""
    with FakeWhatsApp(now=lambda: SEEN + timedelta(seconds=4)) as server:
        yield server


@pytest.fixture
def service(server: FakeWhatsApp) -> Iterator[WhatsAppService]:
    """Of a person who never wrote."""
    service = WhatsAppService(server, fresh=False)
    yield service
    service.channel.close()


@pytest.fixture
def fresh(server: FakeWhatsApp) -> Iterator[WhatsAppService]:
    service = WhatsAppService(server, fresh=True)
    yield service
    service.channel.close()


class TestWhatsAppByTemplate(ChannelContract):
    pass


class TestWhatsAppByFreeWords(ChannelContract):
    @pytest.fixture
    def service(self, fresh: WhatsAppService) -> WhatsAppService:  # pyright: ignore[reportIncompatibleMethodOverride] - as pytest has it
        return fresh


def paths(service: WhatsAppService) -> list[str]:
    return [request.path.rpartition("/")[2] for request in service.server.requests]


def test_who_never_wrote_gets_the_template(service: WhatsAppService) -> None:
    service.channel.tell(telling(photo=None), NUMBER)
    (shown,) = service.server.shows(DIGITS)
    assert shown.template is not None
    assert shown.text.splitlines()[0] == "Alert: 2 persons · North gate"


def test_who_has_just_written_gets_free_words(fresh: WhatsAppService) -> None:
    fresh.channel.tell(telling(photo=None), NUMBER)
    (shown,) = fresh.server.shows(DIGITS)
    assert (shown.template, shown.text.splitlines()[0]) == (None, "2 persons · North gate")


def test_a_word_of_yesterday_opens_nothing(fresh: WhatsAppService) -> None:
    fresh.clock.pass_by(timedelta(hours=24))
    fresh.channel.tell(telling(photo=None), NUMBER)
    (shown,) = fresh.server.shows(DIGITS)
    assert shown.template is not None


def test_free_words_that_are_refused_as_too_late_go_by_template_with_the_photo_that_is_there(
    fresh: WhatsAppService,
) -> None:
    fresh.server.answer_next(200, {"id": "1000000000000001"})
    fresh.server.answer_next(400, refusal(131047, "More than 24 hours have passed"))
    fresh.server._media["1000000000000001"] = JPEG  # pyright: ignore[reportPrivateUsage] - what the first answer promised
    accepted = fresh.channel.tell(telling(), NUMBER)
    (shown,) = fresh.server.shows(DIGITS)
    assert (shown.template is not None, shown.photo, accepted.with_photo) == (True, JPEG, True)
    assert paths(fresh) == ["media", "messages", "messages"]
    assert not fresh.window.is_open(NUMBER, fresh.clock.now())


@pytest.mark.parametrize(
    ("language", "code"), [("th", "th"), ("th-TH", "th"), ("en-GB", "en"), ("km", "en"), ("my", "en")]
)
def test_the_template_is_in_the_persons_language_or_the_first(
    service: WhatsAppService, language: str, code: str
) -> None:
    service.channel.tell(telling(language=language, photo=None), NUMBER)
    (shown,) = service.server.shows(DIGITS)
    assert shown.template is not None
    assert shown.template.language == code


def test_the_templates_buttons_carry_the_delivery_and_their_answers(service: WhatsAppService) -> None:
    service.channel.tell(telling(delivery=77, photo=None), NUMBER)
    (shown,) = service.server.shows(DIGITS)
    assert shown.buttons == ("sambar:77:seen", "sambar:77:ready")


def test_free_words_have_the_first_three_answers_as_buttons(fresh: WhatsAppService) -> None:
    fresh.channel.tell(telling(delivery=77, answers=tuple(Answer)[:5]), NUMBER)
    (shown,) = fresh.server.shows(DIGITS)
    assert shown.buttons == ("sambar:77:seen", "sambar:77:ready", "sambar:77:false-alarm")
    assert shown.photo == JPEG


def test_a_button_says_its_answer_in_at_most_twenty_letters(fresh: WhatsAppService) -> None:
    fresh.channel.tell(telling(answers=tuple(Answer)[:3], photo=None), NUMBER)
    (request,) = fresh.server.requests
    titles = [button["reply"]["title"] for button in request.json()["interactive"]["action"]["buttons"]]
    assert all(1 <= len(title) <= 20 for title in titles)


@pytest.mark.parametrize("kind", ["service", "fresh"])
def test_the_link_stays_one_that_can_be_touched(request: pytest.FixtureRequest, kind: str) -> None:
    service: WhatsAppService = request.getfixturevalue(kind)
    service.channel.tell(telling(photo=None, link="https://park.example/i/4_2_?a=~1*b"), NUMBER)
    (sent,) = service.server.requests
    assert "https://park.example/i/4_2_?a=~1*b" in sent.body.decode()


def test_without_a_template_for_photos_the_words_go_alone(server: FakeWhatsApp) -> None:
    service = WhatsAppService(server, fresh=False, template_with_photo=None)
    accepted = service.channel.tell(telling(), NUMBER)
    (seen,) = service.shown()
    assert (seen.photo, accepted.with_photo, paths(service)) == (None, False, ["messages"])
    service.channel.close()


def test_a_photo_that_is_not_taken_leaves_the_words(fresh: WhatsAppService) -> None:
    accepted = fresh.channel.tell(telling(photo=b"not a photo"), NUMBER)
    (seen,) = fresh.shown()
    assert (seen.photo, accepted.with_photo) == (None, False)


def test_one_upload_serves_everybody_who_is_told(service: WhatsAppService) -> None:
    service.server.add("66898765432")
    service.channel.tell(telling(), NUMBER)
    service.channel.tell(telling(), "+66898765432")
    assert paths(service) == ["media", "messages", "messages"]


def test_a_photo_that_is_gone_from_metas_servers_leaves_the_words_and_is_uploaded_anew(fresh: WhatsAppService) -> None:
    fresh.channel.tell(telling(), NUMBER)
    fresh.server.drop_media()
    fresh.channel.tell(telling(revision=2), NUMBER)
    fresh.channel.tell(telling(revision=3), NUMBER)
    assert [seen.photo for seen in fresh.shown()] == [JPEG, None, JPEG]


def test_a_template_for_photos_that_is_not_as_it_should_be_leaves_the_words(service: WhatsAppService) -> None:
    service.server.approve(Template("alert_photo", "en", WORDS, image=False, buttons=BUTTONS))
    accepted = service.channel.tell(telling(), NUMBER)
    (seen,) = service.shown()
    assert (seen.photo, accepted.with_photo) == (None, False)


def test_a_photo_that_is_too_large_is_not_even_sent(service: WhatsAppService) -> None:
    accepted = service.channel.tell(telling(photo=JPEG + bytes(5 * 1024 * 1024)), NUMBER)
    assert (paths(service), accepted.with_photo) == (["messages"], False)


def test_a_media_id_that_names_a_file_of_ours_is_not_followed(service: WhatsAppService, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the-secret")
    service.server.answer_next(200, {"id": str(tmp_path / "secret")})
    with pytest.raises(Busy, match="cannot be read"):
        service.channel.tell(telling(), NUMBER)
    assert not any(b"the-secret" in request.body for request in service.server.requests)


def test_long_words_stay_within_whatsapps_limit_and_keep_their_link(fresh: WhatsAppService) -> None:
    long = {f"_{'long' * 30}{place}_": 1 for place in range(4)}
    fresh.channel.tell(telling(place="*" * 120, area="~" * 120, counts=long, link="https://park.example/i/42"), NUMBER)
    (seen,) = fresh.shown()
    assert seen.text.endswith("\nhttps://park.example/i/42")


def test_long_words_fit_the_template(service: WhatsAppService) -> None:
    long = {f"_{'long' * 30}{place}_": 1 for place in range(4)}
    service.channel.tell(
        telling(place="*" * 120, area="~" * 120, counts=long, link="https://park.example/i/42"), NUMBER
    )
    (seen,) = service.shown()
    assert_says(seen, "https://park.example/i/42")


@pytest.mark.parametrize("address", ["0812345678", "malee", "+66 81 234 5678", "120363040469421382", ""])
def test_an_address_that_is_no_international_number_is_refused_without_asking(
    service: WhatsAppService, address: str
) -> None:
    with pytest.raises(Refused, match="expected a telephone number"):
        service.channel.tell(telling(), address)
    assert service.server.requests == []


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (401, 0, "the token is not valid any more; channels.whatsapp"),
        (401, 190, "the token has expired; channels.whatsapp"),
        (403, 10, "the token lacks a permission"),
        (403, 200, "not permitted; channels.whatsapp"),
        (403, 299, "not permitted; channels.whatsapp"),
        (403, 368, "restricted the account"),
        (403, 131005, "the token lacks a permission"),
        (403, 131031, "locked the account"),
        (400, 33, "a number that is gone"),
        (400, 131042, "method of payment"),
        (400, 133010, "not registered with the Cloud API"),
        (404, 132001, "the template does not exist in that language"),
        (400, 132000, "another number of parameters"),
        (400, 132012, "is made otherwise"),
        (400, 132015, "paused by Meta"),
        (400, 132016, "disabled by Meta"),
        (429, 4, r"too many messages \(4\)"),
        (429, 80007, r"too many messages \(80007\)"),
        (429, 130429, r"too many messages \(130429\)"),
        (400, 131048, r"too many messages \(131048\)"),
        (400, 131056, r"too many messages \(131056\)"),
        (429, 999999, "too many messages"),
        (500, 1, "in trouble"),
        (503, 2, "in trouble"),
        (500, 131000, "in trouble"),
        (503, 131016, "in trouble"),
        (500, 131057, "in trouble"),
        (500, 999999, "in trouble"),
    ],
)
def test_what_may_pass_or_be_mended_is_busy(service: WhatsAppService, status: int, code: int, sentence: str) -> None:
    service.server.answer_next(status, refusal(code, "Meta's words"))
    with pytest.raises(Busy, match=sentence):
        service.channel.tell(telling(photo=None), NUMBER)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (131026, "not on WhatsApp"),
        (131021, "our own number"),
        (131030, "only to the recipients listed"),
        (131047, "takes no template"),
        (131049, "has to be 'utility'"),
        (130497, "may not write to persons in that country"),
        (131051, "Meta's words"),
        (100, r"Meta's words \(100\)"),
        (999999, r"Meta's words \(999999\)"),
    ],
)
def test_what_concerns_this_person_for_ever_is_refused(service: WhatsAppService, code: int, sentence: str) -> None:
    service.server.answer_next(400, refusal(code, "Meta's words"))
    with pytest.raises(Refused, match=sentence):
        service.channel.tell(telling(photo=None), NUMBER)


@pytest.mark.parametrize(
    ("code", "headers", "pause"),
    [
        (131056, {}, timedelta(seconds=6)),
        (131048, {}, timedelta(hours=1)),
        (130429, {}, None),
        (130429, {"retry_after": "7"}, timedelta(seconds=7)),
        (
            80007,
            {"x_business_use_case_usage": '{"1": [{"type": "whatsapp", "estimated_time_to_regain_access": 19}]}'},
            timedelta(minutes=19),
        ),
        (80007, {"x_business_use_case_usage": "[1]"}, None),
        (80007, {"x_business_use_case_usage": "{}"}, None),
    ],
)
def test_a_pause_is_as_long_as_meta_says_where_it_says(
    service: WhatsAppService, code: int, headers: dict[str, str], pause: timedelta | None
) -> None:
    service.server.answer_next(400, refusal(code, "too many"), **headers)
    with pytest.raises(Busy) as busy:
        service.channel.tell(telling(photo=None), NUMBER)
    assert busy.value.retry_after == pause


@pytest.mark.parametrize(
    "body", [b"<html>Sign in to this hotel</html>", b"\xff", b"[]", b"{}", b'{"error": "no"}', b""]
)
@pytest.mark.parametrize("status", [200, 302, 502])
def test_an_answer_that_is_not_metas_is_busy(service: WhatsAppService, status: int, body: bytes) -> None:
    service.server.answer_next(status, body)
    with pytest.raises(Busy):
        service.channel.tell(telling(photo=None), NUMBER)


def test_an_answer_that_does_not_come_is_busy(server: FakeWhatsApp) -> None:
    channel = WhatsAppChannel(settings(server), patience=Patience(connect_s=1, read_s=0.2, write_s=1), window=Window())
    released = server.stall_next()
    with pytest.raises(Busy, match="did not answer in time"):
        channel.tell(telling(photo=None), NUMBER)
    released.set()
    channel.close()


def test_no_log_holds_the_whole_number(
    service: WhatsAppService, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        service.channel.tell(telling(photo=b"not a photo"), NUMBER)
        service.server.leave(DIGITS)
        with pytest.raises(Refused) as refused:
            service.channel.tell(telling(), NUMBER)
    spoken = caplog.text + "".join(capfd.readouterr()) + str(refused.value)
    assert "…678" in spoken
    assert DIGITS not in spoken


def test_what_was_sent_cannot_be_withdrawn(service: WhatsAppService) -> None:
    accepted = service.channel.tell(telling(), NUMBER)
    with pytest.raises(Refused, match="lets no business delete"):
        service.channel.withdraw(NUMBER, accepted)


def test_the_secrets_may_stand_in_files_of_their_own(server: FakeWhatsApp, tmp_path: Path) -> None:
    for name in ("token", "app_secret", "verify_token"):
        (tmp_path / name).write_text(f"{name}-of-a-file\n")
    files = {f"{name}_file": tmp_path / name for name in ("token", "app_secret", "verify_token")}
    read = settings(server, token=None, app_secret=None, verify_token=None, **files)
    assert (read.read_token(), read.read_app_secret(), read.read_verify_token()) == (
        "token-of-a-file",
        "app_secret-of-a-file",
        "verify_token-of-a-file",
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"token": None}, "expected one of token and token_file"),
        ({"app_secret": None}, "expected one of app_secret and app_secret_file"),
        ({"verify_token": None}, "expected one of verify_token and verify_token_file"),
        ({"token": "the-secret with a space"}, "token: expected what Meta's App Dashboard shows"),
        ({"token": None, "token_file": "/nowhere"}, "token_file: /nowhere"),
        ({"phone_number_id": "+66812345678"}, "phone_number_id"),
        ({"template": "Alert 1"}, "template"),
        ({"template_languages": ()}, "template_languages"),
        ({"template_languages": ("English",)}, "template_languages"),
        ({"template_answers": ("maybe",)}, "template_answers"),
        ({"api_version": "latest"}, "api_version"),
        ({"base_url": "graph.facebook.com"}, "base_url"),
    ],
)
def test_wrong_settings_are_told_without_the_secret(
    server: FakeWhatsApp, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        settings(server, **changes)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_a_language_that_meta_does_not_know_stops_the_start(server: FakeWhatsApp) -> None:
    with pytest.raises(ValueError, match=r"channels\.whatsapp\.template_languages: 'km'; expected a language of Meta"):
        WhatsAppChannel(settings(server, template_languages=("en", "km")))


def test_settings_do_not_show_their_secrets(server: FakeWhatsApp) -> None:
    shown = repr(settings(server))
    assert not [secret for secret in (TOKEN, APP_SECRET, VERIFY) if secret in shown]


def test_settings_take_secrets_that_were_read_before(server: FakeWhatsApp) -> None:
    assert settings(server, token=SecretStr("another")).read_token() == "another"
