"""The demo's embedded broker: a camera and the inbox meet on it, and find each other again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store import Store, open_store
from sambar.broker import BrokerTrouble, EmbeddedBroker
from tests.fixtures.mosquitto import free_port
from tests.fixtures.parks import lay_out_park
from tests.fixtures.running import Line, running_inbox
from tests.fixtures.scripted import Unit
from wire.keys import SigningKey
from wire.messages import Presence


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    started = EmbeddedBroker(free_port(), tmp_path / "broker")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def gate() -> Unit:
    return Unit("gate")


@pytest.fixture
def store(tmp_path: Path, gate: Unit) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'sambar.db'}")
    lay_out_park(opened, gate)
    yield opened
    opened.close()


def test_messages_are_receipted_and_the_inbox_may_be_restarted(
    broker: EmbeddedBroker, store: Store, gate: Unit, tmp_path: Path
) -> None:
    key = SigningKey.make()
    line = Line(gate, broker.port, key)
    sighting = gate.sighting()
    with running_inbox(store, broker.port, tmp_path / "photos", key):
        line.say(gate.status(Presence.HERE), sighting, gate.preview(sighting))
        line.wait_receipt(sighting)
    for _ in range(3):
        while_away, after = gate.health(), gate.health()
        line.say(while_away)
        with running_inbox(store, broker.port, tmp_path / "photos", key):
            line.say(after)
            line.wait_receipt(while_away, after)
    line.close()


def test_many_messages_at_once_pass(broker: EmbeddedBroker, store: Store, gate: Unit, tmp_path: Path) -> None:
    key = SigningKey.make()
    line = Line(gate, broker.port, key)
    many = [gate.health() for _ in range(400)]
    with running_inbox(store, broker.port, tmp_path / "photos", key):
        line.say(*many)
        line.wait_receipt(*many)
    line.close()


def test_a_taken_port_is_named(broker: EmbeddedBroker, tmp_path: Path) -> None:
    with pytest.raises(BrokerTrouble, match=f"127.0.0.1:{broker.port} cannot be used"):
        EmbeddedBroker(broker.port, tmp_path / "second").start()


def test_a_stopped_broker_gives_its_port_back(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        broker = EmbeddedBroker(port, tmp_path)
        broker.start()
        broker.stop()
