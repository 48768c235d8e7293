import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from pydantic import SecretStr

from alerts.caption import answer_label
from alerts.channels import make_ears
from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from alerts.channels.telegram import TelegramChannel
from alerts.channels.telegram_ears import TelegramEars
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.telegram_wire import Patience
from alerts.channels.telegram_words import addressed
from alerts.clock import DrivenClock
from alerts.delivery import Answer
from alerts.heard import Reply
from tests.alerts.channels.listeners import SOON, Listener, listening, wait_for
from tests.alerts.tellings import JPEG, SEEN, telling

CHAT, GROUP = 4711, -815
MALEE, SOMCHAI = 4711, 4712
READY = answer_label(Answer.READY, "en")


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.add_chat(CHAT)
        server.add_chat(GROUP, "group")
        yield server


def ears(server: FakeTelegram) -> TelegramEars:
    return TelegramEars(
        TelegramSettings(token=SecretStr(TOKEN), base_url=server.url),
        DrivenClock(SEEN + timedelta(seconds=30)),
        Patience(connect_s=2, read_s=2, write_s=2, photo_write_s=2),
        SOON,
    )


def tell(server: FakeTelegram, chat: int = CHAT) -> int:
    """An alert with buttons; the number of its message."""
    channel = TelegramChannel(TelegramSettings(token=SecretStr(TOKEN), base_url=server.url))
    channel.tell(telling(delivery=17, answers=(Answer.SEEN, Answer.READY)), str(chat))
    channel.close()
    return server.shows(chat)[-1].message_id


def test_a_button_is_heard_with_its_delivery_and_its_answer(server: FakeTelegram) -> None:
    message = tell(server)
    with listening(ears(server)) as listener:
        query = server.press(CHAT, message, READY, by=MALEE)
        heard = listener.one()
    assert (heard.answer, heard.delivery, heard.text) == (Answer.READY, 17, None)
    assert (heard.channel, heard.sender, heard.chat) == ("telegram", str(MALEE), str(CHAT))
    assert (heard.at, heard.token) == (SEEN + timedelta(seconds=30), query)


def test_in_a_group_whoever_presses_is_the_sender(server: FakeTelegram) -> None:
    message = tell(server, GROUP)
    with listening(ears(server)) as listener:
        server.press(GROUP, message, READY, by=SOMCHAI)
        heard = listener.one()
    assert (heard.sender, heard.chat) == (str(SOMCHAI), str(GROUP))


@pytest.mark.parametrize(
    ("reply", "note"),
    [(None, ""), (Reply("Noted: ready"), "Noted: ready"), (Reply("x" * 300), "x" * 199 + "…")],
    ids=["nothing to say", "a word", "too long"],
)
def test_whoever_presses_is_answered_in_at_most_200_letters(
    server: FakeTelegram, reply: Reply | None, note: str
) -> None:
    message = tell(server)
    with listening(ears(server), Listener(reply)):
        query = server.press(CHAT, message, READY, by=MALEE)
        wait_for(lambda: server.note(query) is not None)
    assert server.note(query) == note


def test_a_text_is_heard_with_the_moment_telegram_gives_it(server: FakeTelegram) -> None:
    with listening(ears(server)) as listener:
        server.write(CHAT, "status", by=MALEE)
        heard = listener.one()
    assert (heard.text, heard.sender, heard.chat, heard.answer) == ("status", str(MALEE), str(CHAT), None)
    assert heard.at.utcoffset() == timedelta(0)


def test_a_text_is_replied_to_in_its_chat_and_markup_is_only_text(server: FakeTelegram) -> None:
    with listening(ears(server), Listener(Reply("<b>CAM-12</b> & others: well"))):
        server.write(CHAT, "/status", by=MALEE)
        wait_for(lambda: server.shows(CHAT))
    assert [shown.text for shown in server.shows(CHAT)] == ["<b>CAM-12</b> & others: well"]


def test_a_photo_that_was_asked_for_is_sent_with_its_words(server: FakeTelegram) -> None:
    with listening(ears(server), Listener(Reply("CAM-12 <now> " + "x" * 2000, photo=JPEG))):
        server.write(CHAT, "/photo CAM-12", by=MALEE)
        wait_for(lambda: server.shows(CHAT))
    (shown,) = server.shows(CHAT)
    assert (shown.photo, shown.text[:13], len(shown.text)) == (JPEG, "CAM-12 <now> ", 1024)


def test_a_reply_longer_than_a_message_is_cut(server: FakeTelegram) -> None:
    with listening(ears(server), Listener(Reply("🐗" * 3000))):
        server.write(CHAT, "/last", by=MALEE)
        wait_for(lambda: server.shows(CHAT))
    assert server.shows(CHAT)[0].text == "🐗" * 2047 + "…"


def test_talk_among_people_in_a_group_is_not_heard(server: FakeTelegram) -> None:
    with listening(ears(server)) as listener:
        server.write(GROUP, "where are you?", by=MALEE)
        server.write(GROUP, "/status@sambar_bot CAM-12", by=MALEE)
        heard = listener.one()
    assert (heard.text, heard.sender, heard.chat) == ("/status CAM-12", str(MALEE), str(GROUP))


def test_neither_changed_messages_nor_channel_posts_nor_bots_are_heard(server: FakeTelegram) -> None:
    server.write(CHAT, "before we said what we want", by=MALEE, kind="edited_message")
    with listening(ears(server)) as listener:
        wait_for(lambda: server.unconfirmed() == 0)
        server.write(CHAT, "changed", by=MALEE, kind="edited_message")
        server.write(CHAT, "posted", by=MALEE, kind="channel_post")
        server.write(GROUP, "/status", by=99, bot=True)
        server.write(CHAT, "written", by=MALEE)
        wait_for(lambda: listener.heard)
    assert listener.texts() == ["written"]


def test_a_button_that_is_none_of_ours_is_let_go_of(server: FakeTelegram) -> None:
    message = tell(server)
    server.shows(CHAT)[-1].buttons["Old"] = "another program's"
    with listening(ears(server)) as listener:
        query = server.press(CHAT, message, "Old", by=MALEE)
        wait_for(lambda: server.note(query) == "")
    assert listener.heard == []


def test_nothing_is_confirmed_before_it_is_kept(server: FakeTelegram) -> None:
    unconfirmed: list[int] = []
    listener = Listener(on_hearing=lambda heard: unconfirmed.append(server.unconfirmed()))  # noqa: ARG005 - only that
    with listening(ears(server), listener):
        server.write(CHAT, "status", by=MALEE)
        wait_for(lambda: server.unconfirmed() == 0)
    assert unconfirmed == [1]


def test_what_was_not_kept_is_heard_again_by_who_comes_next(server: FakeTelegram) -> None:
    server.write(CHAT, "status", by=MALEE)
    first = Listener()

    def die(heard: object) -> None:  # noqa: ARG001 - its shape
        first.stopping.set()
        raise OSError("killed")

    first.on_hearing = die
    with listening(ears(server), first):
        wait_for(first.stopping.is_set)
    with listening(ears(server)) as second:
        wait_for(lambda: second.heard)
    assert second.texts() == ["status"]


def test_what_was_kept_is_not_heard_again(server: FakeTelegram) -> None:
    server.write(CHAT, "status", by=MALEE)
    first = Listener()
    first.on_hearing = lambda heard: first.stopping.set()  # noqa: ARG005 - only that
    with listening(ears(server), first):
        wait_for(lambda: first.heard)
    assert server.unconfirmed() == 0


def test_our_own_trouble_loses_nothing(server: FakeTelegram) -> None:
    with listening(ears(server), Listener(failures=3)) as listener:
        server.write(CHAT, "status", by=MALEE)
        wait_for(lambda: listener.heard)
    assert listener.texts() == ["status"]


def test_what_can_never_be_kept_does_not_deafen_us(server: FakeTelegram) -> None:
    with listening(ears(server), Listener(failures=8)) as listener:
        server.write(CHAT, "poison", by=MALEE)
        server.write(CHAT, "status", by=MALEE)
        wait_for(lambda: listener.heard)
    assert listener.texts() == ["status"]


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"),
        (401, "Unauthorized"),
        (502, "Bad Gateway"),
        (400, "Bad Request: something new"),
    ],
    ids=["another asks", "wrong token", "Telegram's trouble", "unknown"],
)
def test_a_trouble_of_telegrams_is_waited_out_and_logged_once(
    server: FakeTelegram, code: int, description: str
) -> None:
    for _ in range(4):
        server.answer_next(code, description, to="getUpdates")
    with structlog.testing.capture_logs() as logs, listening(ears(server)) as listener:
        server.write(CHAT, "status", by=MALEE)
        wait_for(lambda: listener.heard)
    (warning,) = [log for log in logs if log["log_level"] == "warning"]
    assert description in warning["why"]
    assert [log["failures"] for log in logs if log["event"] == "listens again"] == [4]


def test_another_who_asks_for_the_same_bot_is_named(server: FakeTelegram) -> None:
    """Two gateways by mistake: each ends the other's request, and both say why."""
    with structlog.testing.capture_logs() as logs, listening(ears(server)), listening(ears(server)):
        wait_for(lambda: [log for log in logs if "one gateway alone" in log.get("why", "")])


def test_a_reply_that_fails_is_logged_and_the_next_is_heard(server: FakeTelegram) -> None:
    server.forbid(GROUP)
    with structlog.testing.capture_logs() as logs, listening(ears(server), Listener(Reply("x"))) as listener:
        server.write(GROUP, "/status", by=MALEE)
        server.write(CHAT, "/last", by=MALEE)
        wait_for(lambda: server.shows(CHAT))
    assert listener.texts() == ["/status", "/last"]
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["a reply did not get through"]


def test_it_ends_while_telegram_holds_its_request(server: FakeTelegram) -> None:
    with listening(ears(server)) as listener:
        wait_for(lambda: "getUpdates" in server.calls)
    assert listener.heard == []  # `listening` has seen the end in time


def test_it_ends_while_nothing_answers(server: FakeTelegram) -> None:
    url = server.url
    server.stop()
    nobody = TelegramEars(TelegramSettings(token=SecretStr(TOKEN), base_url=url), rest=SOON)
    with structlog.testing.capture_logs() as logs, listening(nobody):
        wait_for(lambda: logs)
    assert "cannot be reached" in logs[0]["why"]


def test_no_log_holds_the_token(server: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    secret = TOKEN.split(":")[1]
    server.answer_next(401, "Unauthorized")
    with (
        caplog.at_level(logging.DEBUG),
        structlog.testing.capture_logs() as logs,
        listening(ears(server), Listener(Reply("x"))),
    ):
        server.write(CHAT, "/status", by=MALEE)
        wait_for(lambda: server.shows(CHAT))
    assert len(caplog.records) > 0
    assert len(logs) > 0
    assert secret not in caplog.text + str(logs)


def test_the_registry_makes_ears(server: FakeTelegram) -> None:
    made = make_ears("telegram", TelegramSettings(token=SecretStr(TOKEN), base_url=server.url))
    stopping = threading.Event()
    stopping.set()
    made.listen(stopping, lambda heard: None)  # noqa: ARG005 - it must not be called
    assert isinstance(made, TelegramEars)


@pytest.mark.parametrize(
    ("text", "in_group", "words"),
    [
        ("status", False, "status"),
        ("status", True, None),
        ("/status", True, "/status"),
        ("/status@Sambar_Bot CAM-12", True, "/status CAM-12"),
        ("/status@other_bot", True, None),
        ("/status@other_bot", False, None),
        ("@sambar_bot status", True, "status"),
        ("status, @sambar_bot!", True, "status, !"),
        ("@sambar_bot_two status", True, None),
        ("mail me@sambar_bot", True, None),
        ("/สถานะ", True, "/สถานะ"),
        ("  /last  ", True, "/last"),
    ],
)
def test_what_is_for_the_bot(text: str, in_group: bool, words: str | None) -> None:
    assert addressed(text, "sambar_bot", in_group=in_group) == words
