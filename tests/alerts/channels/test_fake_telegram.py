"""The fake keeps Telegram's rules: a channel that breaks one would otherwise pass its tests."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from alerts.channels.fake_telegram_chats import Answer, Chats, Limits, shown_text
from tests.alerts.channels.listeners import wait_for

CHAT = 4711


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.add_chat(CHAT)
        yield server


def ask(server: FakeTelegram, method: str, token: str = TOKEN, **fields: str | int) -> tuple[int, dict[str, Any]]:
    body = urllib.parse.urlencode({"chat_id": CHAT, "parse_mode": "HTML"} | fields).encode()
    try:
        with urllib.request.urlopen(f"{server.url}/bot{token}/{method}", body, timeout=10) as answer:  # noqa: S310 - http
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_a_text_is_answered_with_the_message_and_is_shown(server: FakeTelegram) -> None:
    code, answer = ask(server, "sendMessage", text="<b>2 persons</b> &amp; a dog")
    assert (code, answer["ok"], answer["result"]["text"]) == (200, True, "2 persons & a dog")
    assert [shown.text for shown in server.shows(CHAT)] == ["2 persons & a dog"]


def test_a_wrong_token_is_not_authorised(server: FakeTelegram) -> None:
    assert ask(server, "getMe", token="1:x") == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})  # noqa: S106


def test_an_unknown_method_is_not_found(server: FakeTelegram) -> None:
    assert ask(server, "sendTelepathy")[0] == 404


def test_a_group_that_moved_answers_with_its_new_number(server: FakeTelegram) -> None:
    server.migrate(CHAT, -1004711)
    code, answer = ask(server, "sendMessage", text="x")
    assert (code, answer["parameters"]) == (400, {"migrate_to_chat_id": -1004711})


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "a < b"}, "can't parse entities"),
        ({"text": "x", "chat_id": 1}, "chat not found"),
        ({"text": "x", "parse_mode": "Markdown"}, "expects parse_mode HTML"),
    ],
)
def test_what_telegram_refuses_is_refused(server: FakeTelegram, fields: dict[str, Any], description: str) -> None:
    code, answer = ask(server, "sendMessage", **fields)
    assert (code, description in answer["description"]) == (400, True)


def test_the_same_words_again_are_not_modified(server: FakeTelegram) -> None:
    number = ask(server, "sendMessage", text="x")[1]["result"]["message_id"]
    assert "message is not modified" in ask(server, "editMessageText", message_id=number, text="x")[1]["description"]


def test_a_text_has_no_caption_to_edit(server: FakeTelegram) -> None:
    number = ask(server, "sendMessage", text="x")[1]["result"]["message_id"]
    answer = ask(server, "editMessageCaption", message_id=number, caption="y")[1]
    assert answer["description"] == "Bad Request: there is no caption in the message to edit"


def test_a_caption_is_shorter_than_a_text() -> None:
    with pytest.raises(Answer, match="caption is too long"):
        Chats.checked("x" * 1025, b"\xff\xd8\xff\xff\xd9")


@pytest.mark.parametrize("source", ["<b>x", "x</b>", "<b>x</i>", "<blink>x</blink>", "&nbsp;", "a & b"])
def test_html_that_telegram_cannot_read_is_refused(source: str) -> None:
    with pytest.raises(Answer, match="can't parse entities"):
        shown_text(source)


def limited(kind: str, limits: Limits) -> tuple[FakeTelegram, Seconds]:
    clock = Seconds()
    server = FakeTelegram(limits=limits, clock=clock)
    server.add_chat(CHAT, kind)
    return server, clock


def test_a_chat_takes_one_message_a_second() -> None:
    server, clock = limited("private", Limits())
    with server:
        assert ask(server, "sendMessage", text="1")[0] == 200
        code, answer = ask(server, "sendMessage", text="2")
        assert (code, answer["parameters"]) == (429, {"retry_after": 1})
        clock.now += 1
        assert ask(server, "sendMessage", text="2")[0] == 200


def test_a_group_takes_twenty_messages_a_minute() -> None:
    server, clock = limited("group", Limits())
    with server:
        for number in range(20):
            assert ask(server, "sendMessage", text=str(number))[0] == 200
            clock.now += 1
        assert ask(server, "sendMessage", text="21")[1]["parameters"] == {"retry_after": 40}
        clock.now += 40
        assert ask(server, "sendMessage", text="21")[0] == 200


def test_a_bot_sends_thirty_messages_a_second_in_all() -> None:
    server, _ = limited("private", Limits())
    with server:
        for chat in range(1, 31):
            server.add_chat(chat)
            assert ask(server, "sendMessage", text="x", chat_id=chat)[0] == 200
        assert ask(server, "sendMessage", text="x")[0] == 429


def keyboard(**labels: str) -> str:
    return json.dumps({"inline_keyboard": [[{"text": text, "callback_data": data} for text, data in labels.items()]]})


def news(server: FakeTelegram, **fields: Any) -> list[dict[str, Any]]:
    return ask(server, "getUpdates", **fields)[1]["result"]


def test_an_update_is_given_again_until_a_higher_offset_confirms_it(server: FakeTelegram) -> None:
    server.write(CHAT, "one", by=1)
    server.write(CHAT, "two", by=1)
    first, second = news(server)
    assert news(server) == [first, second]
    assert news(server, offset=second["update_id"]) == [second]
    assert news(server, offset=second["update_id"] + 1) == []


def test_a_request_for_updates_waits_for_one(server: FakeTelegram) -> None:
    waited: list[list[dict[str, Any]]] = []
    thread = threading.Thread(target=lambda: waited.append(news(server, timeout=60)), name="poll")
    thread.start()
    wait_for(lambda: server.calls)
    server.write(CHAT, "one", by=1)
    thread.join(5)
    assert [update["message"]["text"] for update in waited[0]] == ["one"]


def test_a_second_request_for_updates_ends_the_first(server: FakeTelegram) -> None:
    ended: list[int] = []
    thread = threading.Thread(target=lambda: ended.append(ask(server, "getUpdates", timeout=60)[0]), name="poll")
    thread.start()
    wait_for(lambda: server.calls)

    def another_asks() -> list[int]:
        news(server)
        return ended

    wait_for(another_asks)
    thread.join(5)
    assert ended == [409]


def test_updates_that_were_not_asked_for_are_not_kept(server: FakeTelegram) -> None:
    news(server, allowed_updates='["callback_query"]')
    server.write(CHAT, "one", by=1)
    assert server.unconfirmed() == 0


def test_a_button_that_is_pressed_is_answered_once(server: FakeTelegram) -> None:
    number = ask(server, "sendMessage", text="x", reply_markup=keyboard(Seen="a:1:seen"))[1]["result"]["message_id"]
    query = server.press(CHAT, number, "Seen", by=1)
    (update,) = news(server)
    assert (update["callback_query"]["data"], update["callback_query"]["from"]["id"]) == ("a:1:seen", 1)
    assert ask(server, "answerCallbackQuery", callback_query_id=query, text="x" * 201)[0] == 400
    assert ask(server, "answerCallbackQuery", callback_query_id=query, text="Noted")[0] == 200
    assert server.note(query) == "Noted"
    assert "query is too old" in ask(server, "answerCallbackQuery", callback_query_id=query)[1]["description"]


def test_an_edit_without_a_keyboard_takes_it_away_and_is_a_change(server: FakeTelegram) -> None:
    number = ask(server, "sendMessage", text="x", reply_markup=keyboard(Seen="s"))[1]["result"]["message_id"]
    assert ask(server, "editMessageText", message_id=number, text="x")[0] == 200
    assert server.shows(CHAT)[0].rows == ()


@pytest.mark.parametrize(("label", "data"), [("Seen", ""), ("Seen", "x" * 65), ("", "s")])
def test_a_button_that_telegram_does_not_take_is_refused(server: FakeTelegram, label: str, data: str) -> None:
    assert ask(server, "sendMessage", text="x", reply_markup=keyboard(**{label: data}))[0] == 400


def test_only_a_message_that_is_there_can_be_deleted(server: FakeTelegram) -> None:
    number = ask(server, "sendMessage", text="x")[1]["result"]["message_id"]
    assert ask(server, "deleteMessage", message_id=number)[0] == 200
    assert ask(server, "deleteMessage", message_id=number)[1]["description"].endswith("message to delete not found")
