import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alerts.backoff import Backoff
from alerts.channels.fake_modem import ERROR, FakeModem
from alerts.channels.fake_modem_objects import Stored
from alerts.channels.modem import ModemChannel
from alerts.channels.modem_ears import ModemEars
from alerts.channels.modem_settings import ModemSettings
from alerts.clock import DrivenClock
from alerts.heard import Heard, Reply
from tests.alerts.tellings import SEEN, telling
from tests.fixtures.message_bus import PrivateBus
from tests.fixtures.mosquitto import wait_until

MALEE, OTHER = "+66812345678", "+66899999999"
NOW = SEEN + timedelta(seconds=4)
WRITTEN = datetime(2026, 3, 4, 20, 40, 12, tzinfo=UTC)
DISCHARGED = datetime(2026, 3, 4, 20, 41, tzinfo=UTC)
QUICK = Backoff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=50))
OF_TWO_PARTS = telling(place="ประตูเหนือ คลองอีเฒ่า", link="https://sambar.example.org/a/42?of=two-parts")


class Listener:
    """Ears in their thread, and what they heard."""

    def __init__(self, address: str) -> None:
        self.heard: list[Heard] = []
        self.reply: Reply | None = None
        self.before: Callable[[Heard], None] = lambda heard: None  # noqa: ARG005 - a test may put something else here
        self.stopping = threading.Event()
        self._ears = ModemEars(ModemSettings(bus=address), DrivenClock(NOW), QUICK)
        self._thread = threading.Thread(target=self._ears.listen, args=(self.stopping, self._take), name="ears")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Once or more, and without a start too."""
        self.stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def waits_for(self, count: int) -> list[Heard]:
        wait_until(lambda: len(self.heard) >= count, f"{count} things heard; there are {self.heard}")
        return self.heard

    def _take(self, heard: Heard) -> Reply | None:
        self.before(heard)
        self.heard.append(heard)
        return self.reply


@pytest.fixture
def modem(message_bus: str) -> Iterator[FakeModem]:
    with FakeModem(message_bus) as modem:
        yield modem


@pytest.fixture
def listener(message_bus: str) -> Iterator[Listener]:
    listener = Listener(message_bus)
    yield listener
    listener.stop()


@pytest.fixture
def channel(message_bus: str) -> Iterator[ModemChannel]:
    channel = ModemChannel(ModemSettings(bus=message_bus), DrivenClock(NOW))
    yield channel
    channel.close()


def empty(modem: FakeModem) -> bool:
    return modem.held() == []


def test_what_a_person_writes_is_heard_and_leaves_the_modem(modem: FakeModem, listener: Listener) -> None:
    listener.start()
    modem.write(MALEE, "silence CAM-12 2h ลม")
    (heard,) = listener.waits_for(1)
    assert heard == Heard("modem", MALEE, MALEE, WRITTEN, text="silence CAM-12 2h ลม", token=heard.token)
    wait_until(lambda: empty(modem), "the message to leave the modem")


def test_what_came_while_nobody_listened_is_heard_in_its_order(modem: FakeModem, listener: Listener) -> None:
    for number in range(12):
        modem.write(MALEE, f"message {number}")
    listener.start()
    assert [heard.text for heard in listener.waits_for(12)] == [f"message {number}" for number in range(12)]


def test_the_same_words_twice_are_two_messages_by_their_tokens(modem: FakeModem, listener: Listener) -> None:
    modem.write(MALEE, "check-in")
    modem.write(MALEE, "check-in")
    listener.start()
    assert len({heard.token for heard in listener.waits_for(2)} - {None}) == 2


@pytest.mark.parametrize("timestamp", ["", "2026-03-05T03:40:12", "yesterday"], ids=["none", "no zone", "no time"])
def test_a_message_without_a_time_that_can_be_read_is_of_now(
    modem: FakeModem, listener: Listener, timestamp: str
) -> None:
    modem.write(MALEE, "help", timestamp)
    listener.start()
    (heard,) = listener.waits_for(1)
    assert heard.at == NOW


def test_a_message_is_in_the_modem_until_it_was_handed_on(modem: FakeModem, listener: Listener) -> None:
    seen: list[list[Stored]] = []
    listener.before = lambda heard: seen.append(modem.held())  # noqa: ARG005 - whatever it is
    modem.write(MALEE, "help")
    listener.start()
    listener.waits_for(1)
    wait_until(lambda: empty(modem), "the message to leave the modem")
    assert [[held.text for held in each] for each in seen] == [["help"]]


def test_a_message_that_could_not_be_kept_is_handed_on_again(modem: FakeModem, listener: Listener) -> None:
    failures = iter([OSError("the database restarts")])

    def fail_once(heard: Heard) -> None:  # noqa: ARG001 - whatever it is
        for failure in failures:
            raise failure

    listener.before = fail_once
    modem.write(MALEE, "help")
    listener.start()
    assert [heard.text for heard in listener.waits_for(1)] == ["help"]


def test_a_message_of_which_parts_are_missing_waits_for_them(modem: FakeModem, listener: Listener) -> None:
    listener.start()
    path = modem.write_half(MALEE, "silence CAM-12 ")
    modem.write(OTHER, "status")
    listener.waits_for(1)
    modem.complete(path, "2h wind")
    assert [heard.text for heard in listener.waits_for(2)] == ["status", "silence CAM-12 2h wind"]


def test_a_message_without_words_is_deleted_unheard(modem: FakeModem, listener: Listener) -> None:
    modem.write(MALEE, "")
    modem.write(OTHER, "status")
    listener.start()
    assert [heard.text for heard in listener.waits_for(1)] == ["status"]
    wait_until(lambda: empty(modem), "both to leave the modem")


def test_whoever_wrote_is_answered_and_the_answer_does_not_stay_in_the_modem(
    modem: FakeModem, listener: Listener
) -> None:
    listener.reply = Reply("All 12 cameras are heard")
    listener.start()
    modem.write(MALEE, "status")
    wait_until(lambda: modem.got.get(MALEE) == ["All 12 cameras are heard"], "the answer")
    wait_until(lambda: empty(modem), "both messages to leave the modem")


def test_an_operator_is_heard_and_not_answered(modem: FakeModem, listener: Listener) -> None:
    listener.reply = Reply("Who are you?")
    modem.write("AIS", "Your balance is low")
    modem.write(MALEE, "status")
    listener.start()
    wait_until(lambda: MALEE in modem.got, "the second answer")
    assert [heard.sender for heard in listener.heard] == ["AIS", MALEE]
    assert modem.got.keys() == {MALEE}


def test_an_answer_that_fails_ends_nothing(modem: FakeModem, listener: Listener) -> None:
    listener.reply = Reply("All 12 cameras are heard")
    modem.failing.append((f"{ERROR}.Message.NoNetwork", "No network"))
    modem.write(MALEE, "status")
    modem.write(OTHER, "status")
    listener.start()
    wait_until(lambda: OTHER in modem.got, "the second answer")
    assert [heard.sender for heard in listener.heard] == [MALEE, OTHER]


def test_a_report_is_the_delivery_of_the_message_that_it_is_about(
    modem: FakeModem, listener: Listener, channel: ModemChannel
) -> None:
    listener.start()
    accepted = [channel.tell(telling(), number) for number in (OTHER, MALEE, OTHER)]
    modem.report(MALEE, 2)
    assert listener.waits_for(1) == [Heard("modem", MALEE, MALEE, DISCHARGED, delivered=accepted[1].message_id)]
    wait_until(lambda: [held.reference for held in modem.held()] == [1, 3], "message and report to leave the modem")


def test_a_report_is_understood_after_a_restart_of_ours(
    modem: FakeModem, channel: ModemChannel, message_bus: str
) -> None:
    accepted = channel.tell(telling(), MALEE)
    modem.report(MALEE, 1)
    for expected in (1, 0):
        listener = Listener(message_bus)
        listener.start()
        if expected:
            assert listener.waits_for(1)[0].delivered == accepted.message_id
            wait_until(lambda: empty(modem), "message and report to leave the modem")
        listener.stop()
        assert len(listener.heard) == expected


def test_a_message_of_two_parts_is_delivered_only_when_both_are(
    modem: FakeModem, listener: Listener, channel: ModemChannel
) -> None:
    accepted = channel.tell(OF_TWO_PARTS, MALEE)
    (sent,) = modem.held()
    assert sent.reference == 2
    listener.start()
    modem.report(MALEE, 2)
    modem.write(OTHER, "afterwards")
    assert listener.waits_for(1)[0].text == "afterwards"
    modem.report(MALEE, 1)
    assert listener.waits_for(2)[1].delivered == accepted.message_id
    wait_until(lambda: empty(modem), "all to leave the modem")


def test_references_begin_anew_after_255(message_bus: str, listener: Listener, channel: ModemChannel) -> None:
    with FakeModem(message_bus, first_reference=255) as modem:
        accepted = channel.tell(OF_TWO_PARTS, MALEE)
        assert [held.reference for held in modem.held()] == [0]
        modem.report(MALEE, 255)
        modem.report(MALEE, 0)
        listener.start()
        assert listener.waits_for(1)[0].delivered == accepted.message_id
        listener.stop()


def test_of_two_messages_with_one_reference_the_newer_is_meant(
    modem: FakeModem, listener: Listener, channel: ModemChannel
) -> None:
    channel.tell(telling(), MALEE)
    modem.reference = 1
    newer = channel.tell(telling(), MALEE)
    modem.report(MALEE, 1)
    listener.start()
    assert [heard.delivered for heard in listener.waits_for(1)] == [newer.message_id]


def test_a_report_may_leave_out_the_country(modem: FakeModem, listener: Listener, channel: ModemChannel) -> None:
    accepted = channel.tell(telling(), MALEE)
    modem.report("0812345678", 1)
    listener.start()
    (heard,) = listener.waits_for(1)
    assert (heard.sender, heard.delivered) == (MALEE, accepted.message_id)


@pytest.mark.parametrize("delivery", [0x01, 0x02, 0x20, 0x23, 0x30], ids=hex)
def test_a_report_that_leaves_it_open_is_no_delivery_and_the_message_waits_on(
    modem: FakeModem, listener: Listener, channel: ModemChannel, delivery: int
) -> None:
    accepted = channel.tell(telling(), MALEE)
    modem.report(MALEE, 1, delivery)
    listener.start()
    wait_until(lambda: len(modem.held()) == 1, "the report to leave the modem")
    assert listener.heard == []
    modem.report(MALEE, 1)
    assert [heard.delivered for heard in listener.waits_for(1)] == [accepted.message_id]


@pytest.mark.parametrize("delivery", [0x40, 0x41, 0x46, 0x60, 0x63], ids=hex)
def test_a_message_that_did_not_arrive_is_logged_without_its_number(
    modem: FakeModem,
    listener: Listener,
    channel: ModemChannel,
    capsys: pytest.CaptureFixture[str],
    delivery: int,
) -> None:
    channel.tell(telling(), MALEE)
    modem.report(MALEE, 1, delivery)
    listener.start()
    wait_until(lambda: empty(modem), "message and report to leave the modem")
    listener.stop()
    logged = capsys.readouterr().out
    assert "a message did not arrive, says the network" in logged
    assert MALEE not in logged
    assert listener.heard == []


def test_a_report_on_nothing_of_ours_is_deleted(modem: FakeModem, listener: Listener) -> None:
    modem.report(MALEE, 77)
    listener.start()
    wait_until(lambda: empty(modem), "the report to leave the modem")
    assert listener.heard == []


def test_a_report_on_another_number_with_the_same_reference_is_not_ours(
    modem: FakeModem, listener: Listener, channel: ModemChannel
) -> None:
    channel.tell(telling(), MALEE)
    modem.report(OTHER, 1)
    listener.start()
    wait_until(lambda: len(modem.held()) == 1, "the report to leave the modem")
    assert listener.heard == []


def test_a_modemmanager_that_comes_later_is_heard(
    message_bus: str, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    listener.start()
    wait_until(
        lambda: told.append(capsys.readouterr().out) or "cannot listen" in "".join(told), "a word of the trouble"
    )
    with FakeModem(message_bus) as modem:
        modem.write(MALEE, "help")
        assert listener.waits_for(1)[0].text == "help"
        listener.stop()
    assert "".join([*told, capsys.readouterr().out]).count("cannot listen") == 1


def test_a_modemmanager_that_goes_and_comes_back_is_heard(message_bus: str, listener: Listener) -> None:
    listener.start()
    for text in ("before", "after"):
        with FakeModem(message_bus) as modem:
            modem.write(MALEE, text)
            wait_until(lambda text=text: [heard.text for heard in listener.heard][-1:] == [text], text)
            wait_until(lambda modem=modem: empty(modem), "the message to leave the modem")


def test_a_bus_that_is_killed_and_comes_back_is_heard_at_once(mortal_bus: PrivateBus) -> None:
    listener = Listener(mortal_bus.address)
    listener.start()
    for text in ("before", "after"):
        mortal_bus.start()
        modem = FakeModem(mortal_bus.address)
        modem.start()
        modem.write(MALEE, text)
        wait_until(lambda text=text: [heard.text for heard in listener.heard][-1:] == [text], text)
        mortal_bus.kill()
        modem.stop()
    listener.stop()


def test_ears_in_trouble_stop_at_once() -> None:
    listener = Listener("unix:path=/nowhere/bus")
    listener.start()
    listener.stop()
    assert listener.heard == []
