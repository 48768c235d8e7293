from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.channels import make, make_hook
from alerts.channels.fake_whatsapp import APP_SECRET, PHONE_NUMBER_ID, TOKEN, FakeWhatsApp, Template, signature
from alerts.channels.whatsapp_hook import WhatsAppHook
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.channels.whatsapp_window import Window
from alerts.clock import DrivenClock
from alerts.delivery import Answer
from alerts.heard import Forged, Heard, Reply
from tests.alerts.tellings import JPEG, telling

DIGITS = "66812345678"
NUMBER = f"+{DIGITS}"
AT = datetime(2026, 3, 4, 20, 41, 0, tzinfo=UTC)


def settings(server: FakeWhatsApp, phone_number_id: str = PHONE_NUMBER_ID) -> WhatsAppSettings:
    given = {
        "phone_number_id": phone_number_id,
        "token": TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": "the-word-for-meta",
        "template": "alert",
        "base_url": server.url,
    }
    return WhatsAppSettings.model_validate(given)


@pytest.fixture
def server() -> Iterator[FakeWhatsApp]:
    with FakeWhatsApp(now=lambda: AT) as server:
        server.add(DIGITS)
        yield server


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
def hook(server: FakeWhatsApp, window: Window) -> Iterator[WhatsAppHook]:
    hook = WhatsAppHook(settings(server), DrivenClock(AT), window=window)
    yield hook
    hook.close()


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": words}}


def test_a_text_is_heard(server: FakeWhatsApp, hook: WhatsAppHook) -> None:
    (heard,) = hook.read(*server.says(DIGITS, **text("สถานะ")))
    assert heard == Heard(channel="whatsapp", sender=NUMBER, chat=NUMBER, at=AT, text="สถานะ", token=heard.token)
    assert (heard.token or "").startswith("wamid.")


@pytest.mark.parametrize(
    "pressed",
    [
        {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "sambar:77:ready"}}},
        {"type": "button", "button": {"payload": "sambar:77:ready", "text": "Ready"}, "context": {"id": "wamid.1"}},
    ],
    ids=["under free words", "under a template"],
)
def test_a_pressed_button_is_heard_as_its_answer(
    server: FakeWhatsApp, hook: WhatsAppHook, pressed: dict[str, Any]
) -> None:
    (heard,) = hook.read(*server.says(DIGITS, **pressed))
    assert (heard.answer, heard.delivery, heard.text) == (Answer.READY, 77, None)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "button", "button": {"payload": "Seen", "text": "Seen"}},
        {"type": "sticker", "sticker": {"id": "1"}},
        {"type": "something-new"},
        {"type": "unsupported", "errors": [{"code": 131051}]},
    ],
    ids=["a button without our payload", "a sticker", "a new kind", "an unsupported one"],
)
def test_what_is_no_word_is_passed_over(server: FakeWhatsApp, hook: WhatsAppHook, message: dict[str, Any]) -> None:
    assert hook.read(*server.says(DIGITS, **message)) == []


def test_somebody_who_hides_the_number_is_not_heard(server: FakeWhatsApp, hook: WhatsAppHook) -> None:
    said = {"from_user_id": "TH.13491208655302741918", "id": "wamid.1", "timestamp": "1", **text("help")}
    assert hook.read(*server.webhook(messages=[said])) == []


@pytest.mark.parametrize("status", ["delivered", "read"])
def test_a_phone_that_has_the_message_is_delivered(server: FakeWhatsApp, hook: WhatsAppHook, status: str) -> None:
    assert hook.read(*server.reports(DIGITS, "wamid.7", status)) == [
        Heard(channel="whatsapp", sender=NUMBER, chat=NUMBER, at=AT, delivered="wamid.7")
    ]


@pytest.mark.parametrize("status", ["sent", "played", "something-new"])
def test_other_statuses_say_nothing(server: FakeWhatsApp, hook: WhatsAppHook, status: str) -> None:
    assert hook.read(*server.reports(DIGITS, "wamid.7", status)) == []


def test_a_message_that_failed_later_is_logged_without_the_whole_number(
    server: FakeWhatsApp, hook: WhatsAppHook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hook.read(*server.reports(DIGITS, "wamid.7", "failed", 131026)) == []
    logged = capsys.readouterr().out
    assert "131026" in logged
    assert DIGITS not in logged


def test_a_word_opens_the_window_and_a_failure_for_lateness_closes_it(
    server: FakeWhatsApp, hook: WhatsAppHook, window: Window
) -> None:
    hook.read(*server.says(DIGITS, **text("help")))
    opened = window.is_open(NUMBER, AT)
    hook.read(*server.reports(DIGITS, "wamid.7", "failed", 131047))
    assert (opened, window.is_open(NUMBER, AT)) == (True, False)


def test_an_old_word_that_comes_again_does_not_make_the_window_shorter(window: Window) -> None:
    window.heard(NUMBER, AT)
    window.heard(NUMBER, AT - timedelta(hours=20))
    assert window.is_open(NUMBER, AT + timedelta(hours=23))


@pytest.mark.parametrize(("later", "is_open"), [(timedelta(hours=23, minutes=54), True), (timedelta(hours=24), False)])
def test_the_window_is_open_for_a_little_less_than_a_day(window: Window, later: timedelta, *, is_open: bool) -> None:
    window.heard(NUMBER, AT)
    assert window.is_open(NUMBER, AT + later) is is_open


def test_the_hook_and_the_channel_of_one_process_share_the_window() -> None:
    with FakeWhatsApp() as server:
        server.add(DIGITS)
        server.approve(Template("alert", "en", "Alert: {{1}}\n{{2}}\nMore on the page."))
        hook, channel = make_hook("whatsapp", settings(server)), make("whatsapp", settings(server))
        hook.read(*server.says(DIGITS, **text("hello")))
        channel.tell(telling(photo=None), NUMBER)
        channel.close()
        (shown,) = server.shows(DIGITS)
    assert shown.template is None


def test_events_of_another_number_of_the_account_are_passed_over(server: FakeWhatsApp, hook: WhatsAppHook) -> None:
    said = {"from": DIGITS, "id": "wamid.1", "timestamp": "1", **text("help")}
    assert hook.read(*server.webhook(phone_number_id="999999", messages=[said])) == []


def test_a_body_that_was_changed_is_forged(server: FakeWhatsApp, hook: WhatsAppHook) -> None:
    headers, body = server.says(DIGITS, **text("help"))
    with pytest.raises(Forged, match="X-Hub-Signature-256 does not match"):
        hook.read(headers, body.replace(b"help", b"halt"))


@pytest.mark.parametrize("named", [None, "", "sha256=", "sha256=00", "ü"])
def test_a_request_that_is_not_signed_is_forged(server: FakeWhatsApp, hook: WhatsAppHook, named: str | None) -> None:
    _, body = server.says(DIGITS, **text("help"))
    with pytest.raises(Forged) as forged:
        hook.read({} if named is None else {"x-hub-signature-256": named}, body)
    assert APP_SECRET not in str(forged.value)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b'{"entry": 7}', b'{"entry": [{"changes": [7]}]}'])
def test_a_signed_body_of_another_shape_is_told_in_a_sentence(hook: WhatsAppHook, body: bytes) -> None:
    with pytest.raises(Forged, match="no JSON object with entries"):
        hook.read({"x-hub-signature-256": f"sha256={signature(body)}"}, body)


def test_metas_challenge_is_answered_for_the_right_word(hook: WhatsAppHook) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "the-word-for-meta", "hub.challenge": "1158201444"}
    assert hook.challenge(query) == "1158201444"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.verify_token": "wörd", "hub.challenge": "1"},
        {"hub.mode": "unsubscribe", "hub.verify_token": "the-word-for-meta", "hub.challenge": "1"},
    ],
    ids=["nothing", "no word", "another word", "another mode"],
)
def test_another_challenge_is_not_for_us(hook: WhatsAppHook, query: dict[str, str]) -> None:
    assert hook.challenge(query) is None


@pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
def test_a_reply_comes_to_the_person(server: FakeWhatsApp, hook: WhatsAppHook, photo: bytes | None) -> None:
    (heard,) = hook.read(*server.says(DIGITS, **text("photo CAM-12")))
    hook.reply(heard, Reply("CAM-12, 03:41", photo))
    (shown,) = server.shows(DIGITS)
    assert (shown.text, shown.photo) == ("CAM-12, 03:41", photo)


def test_a_reply_that_is_not_taken_raises_nothing_and_is_logged(
    server: FakeWhatsApp, hook: WhatsAppHook, capsys: pytest.CaptureFixture[str]
) -> None:
    (heard,) = hook.read(*server.says(DIGITS, **text("status")))
    server.leave(DIGITS)
    hook.reply(heard, Reply("all well"))
    logged = capsys.readouterr().out
    assert "not on WhatsApp" in logged
    assert DIGITS not in logged
