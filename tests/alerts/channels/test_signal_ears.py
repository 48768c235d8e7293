import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
import structlog

from alerts.channels import make_ears
from alerts.channels.fake_signal import HIDDEN, NUMBER, FakeSignal
from alerts.channels.signal_ears import SignalEars, group_address, read
from alerts.channels.signal_settings import SignalSettings
from alerts.heard import Heard, Reply
from tests.alerts.channels.listeners import SOON, Listener, listening, wait_for
from tests.alerts.tellings import JPEG, SEEN

MALEE = "+66812345789"
GROUP = "OyZzqio1xDmYiLsQ1VsqRcUFOU4tK2TcECmYt2KeozHJwglMBHAPS7jlkrm="


@pytest.fixture
def server() -> Iterator[FakeSignal]:
    with FakeSignal(clock=SEEN.timestamp) as server:
        server.add(MALEE)
        server.add(group_address(GROUP))
        yield server


def ears(server: FakeSignal) -> SignalEars:
    return SignalEars(SignalSettings(number=NUMBER, base_url=server.url, poll_s=0.5), httpx.Timeout(2), SOON)


def test_a_text_is_heard_with_its_sender_and_its_moment(server: FakeSignal) -> None:
    server.write(MALEE, " status ")
    with listening(ears(server)) as listener:
        heard = listener.one()
    assert (heard.channel, heard.sender, heard.chat, heard.text) == ("signal", MALEE, MALEE, "status")
    assert abs((heard.at - SEEN).total_seconds()) < 1


def test_a_person_who_hides_their_number_is_known_by_their_identity(server: FakeSignal) -> None:
    server.comes(None, dataMessage={"timestamp": 1, "message": "status"})
    with listening(ears(server)) as listener:
        assert listener.one().sender == HIDDEN


def test_in_a_group_only_commands_are_heard_and_are_answered_there(server: FakeSignal) -> None:
    server.write(MALEE, "where are you?", group=GROUP)
    server.write(MALEE, "/status", group=GROUP)
    with listening(ears(server), Listener(Reply("CAM-12: well"))) as listener:
        heard = listener.one()
        wait_for(lambda: server.shows(group_address(GROUP)))
    assert (heard.sender, heard.chat, heard.text) == (MALEE, group_address(GROUP), "/status")


@pytest.mark.parametrize("kind", ["isDelivery", "isRead", "isViewed"])
def test_a_receipt_says_which_messages_the_phone_has(server: FakeSignal, kind: str) -> None:
    server.receipt(MALEE, 1708285134389, 1708285134390, kind=kind)
    with listening(ears(server)) as listener:
        wait_for(lambda: len(listener.heard) == 2)
    assert [heard.delivered for heard in listener.heard] == ["1708285134389", "1708285134390"]
    assert {(heard.sender, heard.text) for heard in listener.heard} == {(MALEE, None)}


@pytest.mark.parametrize(
    "parts",
    [
        {"dataMessage": {"timestamp": 1, "message": None, "reaction": {"emoji": "👍"}}},
        {"dataMessage": {"timestamp": 1, "message": "  "}},
        {"typingMessage": {"action": "STARTED", "timestamp": 1}},
        {"syncMessage": {"sentMessage": {"message": "from the phone it is linked to"}}},
        {"editMessage": {"targetSentTimestamp": 1, "dataMessage": {"timestamp": 2, "message": "changed"}}},
        {"callMessage": {}},
    ],
    ids=["reaction", "blank", "typing", "our own phone", "changed", "call"],
)
def test_all_else_is_passed_over(server: FakeSignal, parts: dict[str, object]) -> None:
    server.comes(MALEE, **parts)
    server.comes(NUMBER, dataMessage={"timestamp": 1, "message": "of ourselves"})
    server.write(MALEE, "status")
    with listening(ears(server)) as listener:
        wait_for(lambda: listener.heard)
    assert listener.texts() == ["status"]


def test_a_message_that_cannot_be_read_is_logged_and_the_next_is_heard(server: FakeSignal) -> None:
    server.comes(MALEE, receiptMessage={"when": 1})
    server.write(MALEE, "status")
    with structlog.testing.capture_logs() as logs, listening(ears(server)) as listener:
        wait_for(lambda: listener.heard)
    assert listener.texts() == ["status"]
    assert [log["event"] for log in logs] == ["a message that cannot be read"]


def test_a_photo_that_was_asked_for_is_sent_or_the_words_alone(server: FakeSignal) -> None:
    server.write(MALEE, "photo CAM-12")
    with listening(ears(server), Listener(Reply("CAM-12, now", photo=JPEG))):
        wait_for(lambda: server.shows(MALEE))
    assert [(shown.text, shown.photo) for shown in server.shows(MALEE)] == [("CAM-12, now", JPEG)]


def test_a_reply_that_fails_is_logged(server: FakeSignal) -> None:
    server.write("+66800000009", "status")
    with structlog.testing.capture_logs() as logs, listening(ears(server), Listener(Reply("well"))):
        wait_for(lambda: logs)
    assert [log["event"] for log in logs] == ["a reply did not get through"]
    assert "…009 is not at Signal" in logs[0]["why"]


def test_our_own_trouble_loses_nothing(server: FakeSignal) -> None:
    server.write(MALEE, "status")
    server.write(MALEE, "last")
    with listening(ears(server), Listener(failures=3)) as listener:
        wait_for(lambda: len(listener.heard) == 2)
    assert listener.texts() == ["status", "last"]


def test_what_is_in_hand_at_the_end_is_still_handed_on(server: FakeSignal) -> None:
    server.write(MALEE, "status")
    server.write(MALEE, "last")
    listener = Listener()
    listener.on_hearing = lambda heard: listener.stopping.set()  # noqa: ARG005 - only that
    with listening(ears(server), listener):
        wait_for(lambda: len(listener.heard) == 2)
    assert listener.texts() == ["status", "last"]


def test_what_is_lost_at_the_end_is_said(server: FakeSignal) -> None:
    server.write(MALEE, "status")
    listener = Listener(failures=1)
    listener.on_hearing = lambda heard: listener.stopping.set()  # noqa: ARG005 - only that
    with structlog.testing.capture_logs() as logs, listening(ears(server), listener):
        wait_for(lambda: [log for log in logs if "is lost" in log["event"]])
    assert listener.heard == []


def test_a_server_in_json_rpc_mode_is_named_once(server: FakeSignal) -> None:
    server.run_as_json_rpc()
    with structlog.testing.capture_logs() as logs, listening(ears(server)):
        wait_for(lambda: len(server.requests) > 3)
    assert ["MODE=native" in log["why"] for log in logs] == [True]


@pytest.mark.parametrize(
    ("status", "body"),
    [(502, b""), (200, b"not JSON"), (200, {"envelope": {}}), (400, {"error": "Authorization failed!"}), (404, b"")],
    ids=["trouble", "not JSON", "no list", "cut off", "no such place"],
)
def test_a_trouble_is_waited_out_and_logged_once(server: FakeSignal, status: int, body: object) -> None:
    for _ in range(3):
        server.answer_next(status, body)
    server.write(MALEE, "status")
    with structlog.testing.capture_logs() as logs, listening(ears(server)) as listener:
        wait_for(lambda: listener.heard)
    assert [log["log_level"] for log in logs] == ["warning", "info"]


def test_it_ends_at_once(server: FakeSignal) -> None:
    made = make_ears("signal", SignalSettings(number=NUMBER, base_url=server.url, poll_s=3600))
    with listening(made):
        wait_for(lambda: server.requests)
    assert isinstance(made, SignalEars)


def test_nothing_is_asked_once_it_is_to_end(server: FakeSignal) -> None:
    stopping = threading.Event()
    stopping.set()
    ears(server).listen(stopping, lambda heard: None)  # noqa: ARG005 - it must not be called
    assert server.requests == []


def test_a_documented_envelope_is_read() -> None:
    """As signal-cli 0.13 gives it."""
    envelope = {
        "source": "+491713920000", "sourceNumber": "+491713920000", "sourceUuid": HIDDEN, "sourceName": "Sally",
        "sourceDevice": 1, "timestamp": 1577882097000, "serverReceivedTimestamp": 1577882097500,
        "dataMessage": {"timestamp": 1577882097000, "message": "hello", "expiresInSeconds": 0, "viewOnce": False},
    }  # fmt: skip
    assert read(envelope, NUMBER) == [
        Heard(
            channel="signal", sender="+491713920000", chat="+491713920000", text="hello", token="1577882097000",  # noqa: S106 - a message's
            at=datetime(2020, 1, 1, 12, 34, 57, 500_000, tzinfo=UTC),
        )
    ]  # fmt: skip
