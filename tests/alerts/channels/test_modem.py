from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channels.fake_modem import ERROR, FakeModem
from alerts.channels.fake_modem_objects import DISABLED, ENABLED, IMEI, SEARCHING
from alerts.channels.gsm import split
from alerts.channels.modem import ModemChannel
from alerts.channels.modem_settings import ModemSettings
from alerts.clock import DrivenClock
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service, assert_says, with_photo
from tests.alerts.tellings import JPEG, SEEN, telling

MALEE, OTHER = "+66812345678", "+66899999999"
LINK = "https://sambar.example.org/a/42"
MOST = 5


class ModemService:
    """The channel, ModemManager with a modem, and one person's phone."""

    photos = False
    address = MALEE
    secret = MALEE[1:]

    def __init__(self, modem: FakeModem, **changes: Any) -> None:
        self.modem = modem
        self.clock = DrivenClock(SEEN + timedelta(seconds=4))
        whole: dict[str, Any] = {"bus": modem.address, "most_per_hour": MOST}
        self.channel = ModemChannel(ModemSettings.model_validate(whole | changes), self.clock)

    def shown(self) -> list[Seen]:
        return [Seen(text, None) for text in self.modem.got.get(MALEE, [])]

    def lose_the_message(self) -> None:
        self.modem.got[MALEE].pop()

    def be_in_trouble(self) -> None:
        self.modem.failing.append((f"{ERROR}.Message.NetworkTimeout", "Network timeout"))

    def want_a_pause(self, pause: timedelta) -> None:
        for _ in range(MOST):
            self.channel.tell(telling(), OTHER)
        self.clock.pass_by(timedelta(hours=1) - pause)

    def shut_us_out(self) -> None:
        self.modem.refused.add(MALEE)

    def go_away(self) -> None:
        self.modem.stop()


@pytest.fixture
def service(message_bus: str) -> Iterator[ModemService]:
    with FakeModem(message_bus) as modem:
        service = ModemService(modem)
        yield service
        service.channel.close()


class TestModem(ChannelContract):
    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_markup_in_a_value_is_only_text(self, service: Service, photo: bytes | None) -> None:
        """With a place and a label that are short enough for an SMS to hold them whole."""
        place, label = "<b>gate</b> & <i>", "a'_*[~>#{}"
        service.channel.tell(with_photo(photo, place=place, counts={label: 1}), service.address)
        assert_says(service.shown()[0], f"1 {label}", place)


def test_a_message_is_one_line_and_the_link_and_asks_for_a_report(service: ModemService) -> None:
    service.channel.tell(telling(link=LINK), MALEE)
    (sent,) = service.modem.held()
    assert sent.text.endswith(f" {LINK}")
    assert "\n" not in sent.text
    assert (len(split(sent.text)), sent.number, sent.wants_report) == (1, MALEE, True)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_no_message_takes_more_parts_than_the_settings_allow(message_bus: str, parts: int) -> None:
    with FakeModem(message_bus) as modem:
        service = ModemService(modem, parts=parts)
        service.channel.tell(telling(link=LINK, place="ประตูเหนือ คลองอีเฒ่า " * 20), MALEE)
        service.channel.close()
    (text,) = modem.got[MALEE]
    assert len(split(text)) <= parts
    assert text.endswith(LINK)


def test_two_messages_have_two_names_though_modemmanager_began_anew(message_bus: str) -> None:
    names: set[str] = set()
    for _ in range(2):
        with FakeModem(message_bus) as modem:
            service = ModemService(modem)
            names |= {service.channel.tell(telling(), MALEE).message_id for _ in range(2)}
            service.channel.close()
    assert len(names) == 4


def test_a_message_that_nobody_reports_on_leaves_the_modem_at_once(message_bus: str) -> None:
    with FakeModem(message_bus) as modem:
        service = ModemService(modem, delivery_reports=False)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        assert (len(modem.got[MALEE]), modem.held()) == (1, [])


def test_a_message_that_failed_leaves_the_modem_at_once(service: ModemService) -> None:
    service.be_in_trouble()
    with pytest.raises(Busy):
        service.channel.tell(telling(), MALEE)
    assert service.modem.held() == []


def test_of_messages_without_a_report_only_the_newest_stay_in_the_modem(
    message_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.channels.modem.KEPT", 3)
    with FakeModem(message_bus) as modem:
        modem.write(OTHER, "somebody's")
        service = ModemService(modem)
        for count in range(1, MOST + 1):
            service.channel.tell(telling(counts={"person": count}), MALEE)
        service.channel.close()
        assert [held.text[:9] for held in modem.held()] == ["somebody'", "3 persons", "4 persons", "5 persons"]


@pytest.mark.parametrize("address", ["0812345678", "malee", "", "+66 81 234 5678", "*101#"])
def test_what_is_no_international_number_is_refused_without_asking(service: ModemService, address: str) -> None:
    with pytest.raises(Refused, match="expected a telephone number in the international form"):
        service.channel.tell(telling(), address)
    assert service.modem.held() == []


@pytest.mark.parametrize(
    "kind",
    [
        "Core.InvalidArgs",
        "Message.InvalidPduParameter",
        "MobileEquipment.DialStringInvalid",
        "MobileEquipment.DialStringTooLong",
    ],
)
def test_what_concerns_one_number_for_ever_is_refused(service: ModemService, kind: str) -> None:
    service.modem.failing.append((f"{ERROR}.{kind}", f"no such number {MALEE}"))
    with pytest.raises(Refused, match=r"the modem does not take this number: no such number …678 \("):
        service.channel.tell(telling(), MALEE)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("Message.NoNetwork", "there is no network"),
        ("MobileEquipment.NoNetwork", "there is no network"),
        ("Message.NetworkTimeout", "the network did not answer in time"),
        ("MobileEquipment.NetworkNotAllowed", "emergency calls only"),
        ("Message.SimNotInserted", "there is no SIM"),
        ("MobileEquipment.SimPuk", "asks for its PUK"),
        ("Message.SmscAddressUnknown", "does not know its message centre"),
        ("Message.MemoryFull", "memory for messages is full"),
        ("Message.NotAllowed", "does not allow it"),
        ("Message.Unknown", r"without a reason \(no credit\? an unknown number\?\)"),
        ("Core.Unauthorized", "expected the rule for polkit"),
        ("Core.Unsupported", "cannot send messages"),
        ("Serial.ResponseTimeout", "the modem's own words"),
    ],
)
def test_every_other_error_leaves_the_message_waiting(service: ModemService, kind: str, sentence: str) -> None:
    service.modem.failing.append((f"{ERROR}.{kind}", "the modem's own words"))
    with pytest.raises(Busy, match=rf"{sentence}.*\({kind}\); check channels\.modem"):
        service.channel.tell(telling(), MALEE)


@pytest.mark.parametrize(
    ("state", "failure", "lock", "sentence"),
    [
        (-1, 2, 1, "has no SIM"),
        (-1, 3, 1, "cannot read its SIM"),
        (-1, 5, 1, "has an eSIM without a profile"),
        (-1, 1, 1, "has failed"),
        (2, 0, 2, "is locked: it asks for the PIN; expected a SIM whose PIN is switched off"),
        (2, 0, 4, "is locked: it asks for the PUK"),
        (2, 0, 8, "is locked: it asks for the code of the maker or the operator"),
        (0, 0, 1, "is in an unknown state"),
        (1, 0, 1, "is starting"),
        (4, 0, 1, "is being switched off"),
        (5, 0, 1, "is being switched on"),
        (ENABLED, 0, 1, "is in no network"),
        (SEARCHING, 0, 1, "is looking for a network"),
    ],
)
def test_a_modem_that_is_not_ready_says_why(
    service: ModemService, state: int, failure: int, lock: int, sentence: str
) -> None:
    service.modem.be(state, failure, lock)
    with pytest.raises(Busy, match=sentence):
        service.channel.tell(telling(), MALEE)


def test_a_modem_that_is_switched_off_is_switched_on(service: ModemService) -> None:
    service.modem.be(DISABLED)
    service.channel.tell(telling(), MALEE)
    assert len(service.shown()) == 1


def test_a_modem_that_was_pulled_out_is_busy(service: ModemService) -> None:
    service.modem.unplug()
    with pytest.raises(Busy, match="ModemManager knows no modem; expected one that is plugged in"):
        service.channel.tell(telling(), MALEE)


def test_a_modem_that_hangs_is_busy_so_that_the_message_is_told_again_rather_than_never(
    service: ModemService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.channels.modem_bus.SEND_S", 0.1)
    service.modem.hang_next()
    with pytest.raises(Busy, match=r"the modem did not answer in 0\.1 s"):
        service.channel.tell(telling(), MALEE)
    service.channel.tell(telling(), MALEE)
    assert len(service.shown()) == 2


def test_without_modemmanager_it_is_busy(message_bus: str) -> None:
    channel = ModemChannel(ModemSettings(bus=message_bus))
    with pytest.raises(Busy, match="ModemManager does not run"):
        channel.tell(telling(), MALEE)
    channel.close()


@pytest.mark.parametrize("bus", ["unix:path=/nowhere/bus", "nonsense:x=y", "tcp:host=127.0.0.1,port=1"])
def test_without_a_bus_it_is_busy(bus: str) -> None:
    channel = ModemChannel(ModemSettings(bus=bus))
    with pytest.raises(Busy, match=r"cannot be reached.*expected D-Bus there"):
        channel.tell(telling(), MALEE)
    channel.close()


def test_the_modem_of_the_settings_is_used(message_bus: str) -> None:
    with FakeModem(message_bus) as modem:
        service = ModemService(modem, imei=IMEI)
        service.channel.tell(telling(), MALEE)
        service.channel.close()
        assert len(service.shown()) == 1


def test_another_modem_than_the_settings_name_is_left_alone(message_bus: str) -> None:
    with FakeModem(message_bus) as modem:
        service = ModemService(modem, imei="000000000000012")
        with pytest.raises(Busy, match=r"no modem has the IMEI …012 of channels\.modem; there are 1 others"):
            service.channel.tell(telling(), MALEE)
        service.channel.close()
        assert service.shown() == []


def test_the_hour_is_kept_to_by_waiting(service: ModemService) -> None:
    service.want_a_pause(timedelta(minutes=20))
    with pytest.raises(Busy, match=r"5 SMS in an hour: channels\.modem\.most_per_hour is reached"):
        service.channel.tell(telling(), MALEE)
    service.clock.pass_by(timedelta(minutes=20))
    service.channel.tell(telling(), MALEE)
    assert len(service.shown()) == 1


def test_an_sms_cannot_be_withdrawn(service: ModemService) -> None:
    accepted = service.channel.tell(telling(), MALEE)
    with pytest.raises(Refused, match="cannot be taken back"):
        service.channel.withdraw(MALEE, accepted)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"imei": "123"}, "imei"), ({"parts": 0}, "parts"), ({"bus": "/run/dbus"}, "bus"), ({"pin": "1234"}, "pin")],
    ids=["imei", "parts", "bus", "a wrong name"],
)
def test_wrong_settings_are_told(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ModemSettings.model_validate(changes)
