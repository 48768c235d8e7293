"""The link, on a real broker: nothing is forgotten but on the gateway's signed receipt."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.commands import Commands
from edge.config import BrokerSection
from edge.originals import Originals
from edge.outbox import Outbox
from edge.spool import Spool
from edge.uplink import Uplink, wait_before_connecting
from tests.edge.station import NOW, Station, named
from tests.fixtures.mosquitto import Mosquitto, free_port, wait_until
from wire.envelope import digest
from wire.keys import SigningKey
from wire.messages import Command, Health, Original, Outcome, Presence, Receipt, RefusedMessage, Reply, Status
from wire.topics import Kind


class Unit:
    """The camera's end: outbox, spool, commands and uplink."""

    def __init__(self, folder: Path, broker: Mosquitto, key: SigningKey, gateway: SigningKey) -> None:
        clock = SystemClock()
        section = BrokerSection(host=broker.host, port=broker.port, gateway_key=str(gateway.public))
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        self.outbox = Outbox("p", "c", key, clock, self.spool)
        self.originals = Originals(folder / "originals", 10_000_000)
        commands = Commands(folder, self.outbox, self.originals, clock)
        self.uplink = Uplink(section, self.outbox, self.spool, commands.obey)
        self.uplink.start()

    def post(self) -> int:
        return self.outbox.post(Kind.HEALTH, lambda stamp: Health(**stamp, next_within_s=60))

    def close(self) -> None:
        self.uplink.stop()
        self.spool.close()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.make()


@pytest.fixture
def gateway() -> SigningKey:
    return SigningKey.make()


@pytest.fixture
def station(mosquitto: Mosquitto, key: SigningKey, gateway: SigningKey) -> Iterator[Station]:
    station = Station(mosquitto, key, gateway)
    yield station
    station.close()


@pytest.fixture
def unit(
    tmp_path: Path, mosquitto: Mosquitto, key: SigningKey, gateway: SigningKey, station: Station
) -> Iterator[Unit]:
    unit = Unit(tmp_path, mosquitto, key, gateway)
    wait_until(lambda: station.messages(Status), "the camera's first word")
    yield unit
    unit.close()


def test_a_message_arrives_and_is_forgotten_on_its_receipt(unit: Unit, station: Station) -> None:
    station.receipting = True
    sequence = unit.post()
    wait_until(lambda: unit.spool.waiting() == 0, "the receipt")
    assert [message.sequence for message in station.messages(Health)] == [sequence]


def test_without_a_receipt_nothing_is_forgotten_though_the_broker_has_it(unit: Unit, station: Station) -> None:
    unit.post()
    wait_until(lambda: station.messages(Health), "the message")
    assert unit.spool.waiting() == 1


def _forged(station: Station, sealed: bytes) -> None:
    station.receipt(sealed, key=SigningKey.make())


def _of_other_bytes(station: Station, sealed: bytes) -> None:
    other = named(sealed).model_copy(update={"digest": digest(b"other bytes")})
    station.say(Kind.RECEIPT, Receipt(at=NOW, stored=(other,)))


def _for_another(station: Station, sealed: bytes) -> None:
    station.say(Kind.RECEIPT, Receipt(at=NOW, stored=(named(sealed),)), camera="other")


@pytest.mark.parametrize("lie", [_forged, _of_other_bytes, _for_another])
def test_a_false_receipt_makes_it_forget_nothing(
    unit: Unit, station: Station, lie: Callable[[Station, bytes], None]
) -> None:
    unit.post()
    wait_until(lambda: station.messages(Health), "the message")
    lie(station, station.sealed(Kind.HEALTH))
    station.say(Kind.COMMAND, Command(at=NOW, number=1, expires=datetime.max.replace(tzinfo=UTC), order="ping"))
    wait_until(lambda: station.messages(Reply), "the reply to what was said after the lie")
    assert {message.kind for message in unit.spool.due(time.monotonic() + 1000)} == {Kind.HEALTH, Kind.REPLY}


def test_a_forged_receipt_is_counted(unit: Unit, station: Station) -> None:
    unit.post()
    wait_until(lambda: station.messages(Health), "the message")
    _forged(station, station.sealed(Kind.HEALTH))
    wait_until(lambda: unit.uplink.forged == 1, "the refusal")


def test_what_the_gateway_refuses_is_set_aside(unit: Unit, station: Station) -> None:
    sequence = unit.post()
    wait_until(lambda: station.messages(Health), "the message")
    sealed = station.sealed(Kind.HEALTH)
    refused = RefusedMessage(boot=1, sequence=sequence, digest=digest(sealed), reason="from the future")
    station.say(Kind.RECEIPT, Receipt(at=NOW, refused=(refused,)))
    wait_until(lambda: unit.spool.set_aside() == [(1, sequence, "from the future")], "the setting aside")
    assert unit.spool.waiting() == 0


def test_a_camera_says_that_it_is_here_and_that_it_leaves(unit: Unit, station: Station) -> None:
    unit.uplink.stop()
    wait_until(lambda: len(station.messages(Status)) == 2, "the goodbye")
    assert [status.presence for status in station.messages(Status)] == [Presence.HERE, Presence.LEAVING]


def test_the_broker_tells_of_a_line_that_broke_by_the_signed_will(unit: Unit, station: Station) -> None:
    break_line(unit)
    wait_until(lambda: len(station.messages(Status)) >= 3, "the will and the second connection")
    said = station.messages(Status)
    assert (said[1].presence, said[1].connection) == (Presence.GONE, 1)
    assert (said[2].presence, said[2].connection) == (Presence.HERE, 2)


def break_line(unit: Unit) -> None:
    """As a mobile network does: no goodbye."""
    connection = unit.uplink.connection
    assert connection is not None
    line = connection.line
    assert line is not None
    line.shutdown(socket.SHUT_RDWR)


def test_the_line_sends_small_packets_at_once(unit: Unit) -> None:
    connection = unit.uplink.connection
    assert connection is not None
    line = connection.line
    assert line is not None
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_after_the_broker_was_killed_everything_without_receipt_comes_again(
    tmp_path: Path, mosquitto: Mosquitto, key: SigningKey, gateway: SigningKey
) -> None:
    unit = Unit(tmp_path, mosquitto, key, gateway)
    first = Station(mosquitto, key, gateway)
    sequences = [unit.post() for _ in range(3)]
    wait_until(lambda: len(first.messages(Health)) == 3, "three messages")
    first.close()
    mosquitto.kill()
    sequences.append(unit.post())
    mosquitto.start()
    second = Station(mosquitto, key, gateway)
    second.receipting = True
    wait_until(lambda: unit.spool.waiting() == 0, "all receipts")
    assert {message.sequence for message in second.messages(Health)} == set(sequences)
    second.close()
    unit.close()


def test_a_broker_that_comes_late_gets_everything(
    tmp_path: Path, mosquitto: Mosquitto, key: SigningKey, gateway: SigningKey
) -> None:
    mosquitto.stop()
    unit = Unit(tmp_path, mosquitto, key, gateway)
    unit.post()
    mosquitto.start()
    station = Station(mosquitto, key, gateway)
    station.receipting = True
    wait_until(lambda: unit.spool.waiting() == 0, "the receipt")
    station.close()
    unit.close()


def test_without_a_broker_it_stops_within_seconds(tmp_path: Path, key: SigningKey, gateway: SigningKey) -> None:
    nobody = Mosquitto(tmp_path)
    nobody.port = free_port()
    unit = Unit(tmp_path, nobody, key, gateway)
    begin = time.monotonic()
    unit.close()
    assert time.monotonic() - begin < 5
    assert not unit.uplink.runs


def test_tries_to_connect_spread_and_grow_up_to_a_minute() -> None:
    assert [wait_before_connecting(failures, 0.5) for failures in (1, 2, 3, 40)] == [1, 2, 4, 60]
    assert wait_before_connecting(1, 0) < 1 < wait_before_connecting(1, 1)


def command(number: int, order: str, **words: str | int | bytes) -> Command:
    now = datetime.now(UTC)
    return Command(at=now, number=number, expires=now + timedelta(minutes=5), order=order, words=words)


def test_a_ping_is_answered(unit: Unit, station: Station) -> None:
    station.receipting = True
    station.say(Kind.COMMAND, command(4, "ping"))
    wait_until(lambda: station.messages(Reply) and not unit.spool.waiting(), "the reply and its receipt")
    (reply,) = station.messages(Reply)
    assert (reply.command, reply.outcome, reply.words) == (4, Outcome.DONE, "here")


def test_an_original_comes_in_pieces_that_make_it_whole(unit: Unit, station: Station) -> None:
    station.receipting = True
    photo = bytes(range(256)) * 300
    name = unit.originals.keep(photo)
    station.say(Kind.COMMAND, command(1, "original", original=name))
    wait_until(lambda: len(station.messages(Original)) == 3, "three pieces")
    pieces = sorted(station.messages(Original), key=lambda piece: piece.offset)
    assert b"".join(piece.piece for piece in pieces) == photo
    assert {(piece.original, piece.size) for piece in pieces} == {(name, len(photo))}


def test_a_forged_command_is_not_obeyed(unit: Unit, station: Station) -> None:
    station.say(Kind.COMMAND, command(1, "ping"), key=SigningKey.make())
    station.say(Kind.COMMAND, command(2, "ping"))
    wait_until(lambda: station.messages(Reply), "the reply to the true one")
    assert [reply.command for reply in station.messages(Reply)] == [2]
    assert unit.uplink.forged == 1
