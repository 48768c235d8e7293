from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.channels.fake_line import SECRET, TOKEN, FakeLine
from alerts.channels.line_hook import LineHook
from alerts.channels.line_settings import LineSettings
from alerts.delivery import Answer
from alerts.heard import Forged, Heard, Reply

USER = "U" + "4af4980629" * 3 + "ab"
GROUP = "C" + "4af4980629" * 3 + "ab"
AT = datetime(2026, 3, 4, 20, 41, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FakeLine]:
    with FakeLine() as server:
        server.add(USER)
        server.add(GROUP)
        yield server


@pytest.fixture
def hook(server: FakeLine) -> Iterator[LineHook]:
    hook = LineHook(LineSettings(access_token=SecretStr(TOKEN), secret=SecretStr(SECRET), base_url=server.url))
    yield hook
    hook.close()


def event(kind: str = "message", **changes: Any) -> dict[str, Any]:
    """https://developers.line.biz/en/reference/messaging-api/#common-properties."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(AT.timestamp() * 1000),
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
        **changes,
    }


def text(words: str, **changes: Any) -> dict[str, Any]:
    return event(message={"id": "444573844083572737", "type": "text", "quoteToken": "q", "text": words}, **changes)


def test_a_text_is_heard(server: FakeLine, hook: LineHook) -> None:
    (heard,) = hook.read(*server.webhook(text("สถานะ")))
    assert heard == Heard(
        channel="line",
        sender=USER,
        chat=USER,
        at=AT,
        text="สถานะ",
        token="nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",  # noqa: S106 - LINE's example
    )


def test_a_pressed_button_is_heard_as_its_answer(server: FakeLine, hook: LineHook) -> None:
    (heard,) = hook.read(*server.webhook(event("postback", postback={"data": "sambar:77:ready"})))
    assert (heard.answer, heard.delivery, heard.text) == (Answer.READY, 77, None)


@pytest.mark.parametrize(
    "data", ["", "sambar", "sambar:77", "sambar:77:fly", "sambar:-1:seen", "other:77:seen", "sambar:\u0667:seen",
             "sambar:" + "9" * 5000 + ":seen"],
)  # fmt: skip
def test_a_button_of_others_is_passed_over(server: FakeLine, hook: LineHook, data: str) -> None:
    assert hook.read(*server.webhook(event("postback", postback={"data": data}))) == []


def test_a_word_in_a_group_names_the_person_and_the_group(server: FakeLine, hook: LineHook) -> None:
    (heard,) = hook.read(*server.webhook(text("/help", source={"type": "group", "groupId": GROUP, "userId": USER})))
    assert (heard.sender, heard.chat) == (USER, GROUP)


def test_what_people_say_to_each_other_in_a_group_is_not_for_us(server: FakeLine, hook: LineHook) -> None:
    source = {"type": "group", "groupId": GROUP, "userId": USER}
    assert hook.read(*server.webhook(text("shall we eat?", source=source))) == []


def test_a_member_whom_line_does_not_name_is_not_heard(server: FakeLine, hook: LineHook) -> None:
    assert hook.read(*server.webhook(text("help", source={"type": "group", "groupId": GROUP}))) == []


@pytest.mark.parametrize(
    "other",
    [
        event("follow", follow={"isUnblocked": False}),
        event("unfollow"),
        event("join"),
        event("something-new"),
        event(message={"id": "1", "type": "sticker", "packageId": "1", "stickerId": "1"}),
        {"type": "module", "mode": "active"},
    ],
    ids=["follow", "unfollow", "join", "a new kind", "a sticker", "without a source"],
)
def test_what_is_no_word_is_passed_over_and_the_rest_is_heard(
    server: FakeLine, hook: LineHook, other: dict[str, Any]
) -> None:
    assert [heard.text for heard in hook.read(*server.webhook(other, text("status")))] == ["status"]


def test_an_event_that_comes_again_is_the_same(server: FakeLine, hook: LineHook) -> None:
    first = hook.read(*server.webhook(text("help")))
    again = hook.read(*server.webhook(text("help", deliveryContext={"isRedelivery": True})))
    assert first == again


def test_the_consoles_verify_button_is_answered_with_nothing_heard(server: FakeLine, hook: LineHook) -> None:
    assert hook.read(*server.webhook()) == []


def test_a_body_that_was_changed_is_forged(server: FakeLine, hook: LineHook) -> None:
    headers, body = server.webhook(text("help"))
    with pytest.raises(Forged, match="X-Line-Signature does not match"):
        hook.read(headers, body.replace(b"help", b"halt"))


@pytest.mark.parametrize("signature", [None, "", "bm9wZQ==", "ü"])
def test_a_request_that_is_not_signed_is_forged(server: FakeLine, hook: LineHook, signature: str | None) -> None:
    _, body = server.webhook(text("help"))
    with pytest.raises(Forged):
        hook.read({} if signature is None else {"x-line-signature": signature}, body)


def test_a_signature_by_another_secret_is_forged(server: FakeLine, hook: LineHook) -> None:
    server.secret = "another"  # noqa: S105 - of no account
    with pytest.raises(Forged) as forged:
        hook.read(*server.webhook(text("help")))
    assert SECRET not in str(forged.value)


def test_bytes_that_are_no_text_are_forged(hook: LineHook) -> None:
    with pytest.raises(Forged):
        hook.read({"x-line-signature": "x"}, b"\xff\xfe")


def test_a_reply_comes_to_the_chat(server: FakeLine, hook: LineHook) -> None:
    (heard,) = hook.read(*server.webhook(text("status")))
    hook.reply(heard, Reply("รับทราบ"))
    assert [shown.source["text"] for shown in server.shows(USER)] == ["รับทราบ"]


def test_a_reply_in_a_group_comes_to_the_group(server: FakeLine, hook: LineHook) -> None:
    (heard,) = hook.read(*server.webhook(text("/status", source={"type": "group", "groupId": GROUP, "userId": USER})))
    hook.reply(heard, Reply("all well"))
    assert len(server.shows(GROUP)) == 1


def test_a_reply_that_is_not_taken_raises_nothing_and_is_logged(
    server: FakeLine, hook: LineHook, capsys: pytest.CaptureFixture[str]
) -> None:
    (heard,) = hook.read(*server.webhook(text("status")))
    hook.reply(heard, Reply("once"))
    hook.reply(heard, Reply("twice"))
    assert len(server.shows(USER)) == 1
    assert "Invalid reply token" in capsys.readouterr().out


def test_line_asks_nothing_by_get(hook: LineHook) -> None:
    assert hook.challenge({"hub.challenge": "1"}) is None
