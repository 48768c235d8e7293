"""The whole gateway, killed while it alerts: real processes, a real broker, SQLite, Telegram's API over real HTTP."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from sqlalchemy import select

from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from alerts.delivery import Answer
from gateway.park import apply
from gateway.park.settings import ParkSettings
from gateway.store import Store, open_store, tables
from gateway.store.answering import answer
from sambar.demo import folder
from sambar.demo.folder import Places
from tests.end_to_end.system import Process
from tests.fixtures.mosquitto import Mosquitto, free_port, wait_until
from tests.fixtures.scripted import Unit

PARK = "khao-yai"
CHATS = {"malee": 101, "somchai": 102, "desk": 103, "chai": 104}
RULES = {
    "next_in_line_s": 6,
    "chief_s": 600,
    "superiors_s": 900,
    "accepted_s": 10,
    "delivered_s": 600,
    "check_in_s": 10,
}
STARTS_S = 60.0


class Scene:
    """One camera's unit, a gateway to kill, and what the chats show."""

    def __init__(self, at: Path, broker: Mosquitto, server: FakeTelegram, **rules: float) -> None:
        self.server = server
        self.unit = Unit("gate", PARK)
        self.places = Places(at, broker.port, "127.0.0.1", free_port(), "http://127.0.0.1:1")
        folder.write(self.places, 'kind = "folder"\npath = "."')
        (at / "telegram.token").write_text(TOKEN)
        with self.places.gateway_settings.open("a") as settings:
            settings.write("\n[alerts]\nphoto_wait_s = 0\n")
            settings.write(f'\n[channels.telegram]\ntoken_file = "telegram.token"\nbase_url = "{server.url}"\n')
        for chat in CHATS.values():
            server.add_chat(chat)
        self.store: Store = open_store(self.places.database)
        apply(self.store, ParkSettings.model_validate_json(json.dumps(self._park(RULES | rules))))
        self.gateway = Process(at / "gateway.log", "gateway", "run", "--settings", self.places.gateway_settings)
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id="khao-yai.gate", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        self._letters: list[tuple[str, bytes]] = []

    def _park(self, rules: dict[str, float]) -> dict[str, Any]:
        def person(name: str, role: str = "ranger") -> dict[str, Any]:
            channels = [{"channel": "telegram", "address": str(CHATS[name])}]
            if name == "malee":
                channels.append({"channel": "web", "address": name})
            return {"name": name, "title": name.title(), "role": role, "channels": channels}

        return {
            "park": {"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok"},
            "grouping": {"gap_s": 0},  # each passing is an incursion of its own
            "response": rules,
            "area": [{"name": "north", "title": "North", "team": "north", "chief": "chai"}],
            "camera": [{"name": "gate", "area": "north", "place": "The gate", "key": str(self.unit.key.public)}],
            "team": [
                {
                    "name": "north", "title": "North", "members": ["malee", "somchai"],
                    "shift": [{"begins": "00:00", "ends": "00:00", "members": ["malee"]}],
                }
            ],
            "person": [person("malee"), person("somchai"), person("desk", "operator"), person("chai")],
        }  # fmt: skip

    def starts(self) -> None:
        before = self.gateway.words.count("connected to the broker")
        self.gateway.start()
        wait_until(lambda: self.gateway.words.count("connected to the broker") > before, "the gateway runs", STARTS_S)

    def passes(self) -> None:
        """As a camera's spool would: published again until it is stored."""
        signed = self.unit.sighting(datetime.now(UTC))
        self._letters.append((str(signed.topic), signed.sealed))
        self._client.publish(*self._letters[-1], qos=1)

    def repeats(self) -> None:
        for topic, sealed in self._letters:
            self._client.publish(topic, sealed, qos=1)

    def incursions(self) -> list[tables.Incursion]:
        with self.store.reading() as session:
            return list(session.scalars(select(tables.Incursion).order_by(tables.Incursion.number)))

    def deliveries(self, person: str) -> list[tables.Delivery]:
        with self.store.reading() as session:
            of = tables.Delivery
            return list(session.scalars(select(of).where(of.person == person).order_by(of.number)))

    def told(self, person: str) -> list[int]:
        """The incursions in a person's chat, a message each."""
        found = [re.search(r"Incursion (\d+)", text) for text in texts(self, person)]
        return [int(each[1]) for each in found if each is not None]

    def says(self, person: str, said: Answer) -> None:
        assert answer(self.store, PARK, 1, person, said, now=datetime.now(UTC), channel="web").taken

    def end(self) -> None:
        self.gateway.end()
        self._client.disconnect()
        self._client.loop_stop()
        self.store.close()


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def scene(tmp_path: Path, mosquitto: Mosquitto, server: FakeTelegram) -> Iterator[Scene]:
    scene = Scene(tmp_path, mosquitto, server)
    yield scene
    scene.end()


def test_killed_at_each_moment_of_a_telling_nothing_is_untold_and_little_is_told_twice(scene: Scene) -> None:
    kills = 12
    scene.starts()
    for number in range(kills):
        scene.passes()
        time.sleep(0.02 * number)  # sweeps from before the commit to after the record
        scene.gateway.kill()
        scene.starts()
        scene.repeats()
    wait_until(lambda: len(scene.incursions()) == kills, "every passing is an incursion", STARTS_S)

    def all_told() -> bool:
        return {row.number for row in scene.incursions()} <= set(scene.told("malee"))

    wait_until(all_told, "every incursion is told", STARTS_S)
    wait_until(lambda: all(row.due_at is None for row in scene.deliveries("malee")), "and recorded", STARTS_S)
    assert len(scene.told("malee")) <= kills + kills  # at most one repeated message per kill


def test_an_escalation_keeps_its_time_through_a_kill(scene: Scene) -> None:
    scene.starts()
    scene.passes()
    wait_until(lambda: scene.told("malee"), "the ranger on duty is told", STARTS_S)
    scene.gateway.kill()
    scene.starts()
    wait_until(lambda: scene.told("somchai"), "the next in line is told", STARTS_S)
    (incursion,), (delivery,) = scene.incursions(), scene.deliveries("somchai")
    waited = delivery.decided_at - incursion.stored_at
    assert waited >= timedelta(seconds=6)
    assert delivery.why.startswith("escalated: nobody answered for 6 s")


def test_a_party_that_became_overdue_while_the_gateway_was_dead_raises_the_alarm_at_its_start(scene: Scene) -> None:
    scene.starts()
    scene.passes()
    wait_until(lambda: scene.told("malee"), "the ranger on duty is told", STARTS_S)
    for person, said in (("malee", Answer.READY), ("somchai", Answer.READY), ("desk", Answer.APPROVE)):
        scene.says(person, said)
    scene.gateway.kill()
    deadline = datetime.now(UTC) + timedelta(seconds=11)
    wait_until(lambda: datetime.now(UTC) > deadline, "the party is overdue", 20)
    assert not any("overdue" in text.lower() for text in texts(scene, "desk"))
    scene.starts()
    wait_until(lambda: any("overdue" in text.lower() for text in texts(scene, "desk")), "the alarm is raised", STARTS_S)
    wait_until(lambda: any("overdue" in text.lower() for text in texts(scene, "chai")), "the chief hears it", STARTS_S)


def test_a_lone_ranger_raises_the_alarm_even_when_the_gateway_dies_at_once(scene: Scene) -> None:
    scene.starts()
    scene.passes()
    wait_until(lambda: scene.told("malee"), "the ranger on duty is told", STARTS_S)
    scene.gateway.kill()
    scene.says("malee", Answer.ON_THE_WAY)  # taken by a web process of its own, say
    scene.starts()
    wait_until(lambda: any("overdue" in text.lower() for text in texts(scene, "chai")), "the alarm is raised", STARTS_S)


def test_a_channel_that_answers_500_hands_over_to_the_second_within_a_minute(
    tmp_path: Path, mosquitto: Mosquitto, server: FakeTelegram
) -> None:
    scene = Scene(tmp_path, mosquitto, server)
    try:
        for _ in range(50):
            server.answer_next(500, "Internal Server Error", to="sendMessage")
        scene.starts()
        scene.passes()
        wait_until(lambda: len(scene.deliveries("malee")) == 2, "the second channel is tried", 60)
        first, second = scene.deliveries("malee")
        wait_until(lambda: scene.deliveries("malee")[1].accepted_at is not None, "the second has it", 20)
        assert (first.channel, second.channel) == ("telegram", "web")
        accepted = scene.deliveries("malee")[1].accepted_at
        assert accepted is not None
        assert accepted - first.decided_at <= timedelta(seconds=60)
    finally:
        scene.end()


def texts(scene: Scene, person: str) -> list[str]:
    return [shown.text for shown in scene.server.shows(CHATS[person])]
