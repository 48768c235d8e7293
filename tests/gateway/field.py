"""A park with people in every office, in a real store, with a driven clock."""

import json
from datetime import datetime, timedelta

from sqlalchemy import select

from alerts.clock import DrivenClock
from alerts.decide import Pace
from alerts.delivery import Accepted, Answer
from alerts.reply_words import ReplyWords
from gateway.conductor import Conductor
from gateway.identity import Keyring
from gateway.intake import Incoming, examine
from gateway.park import apply
from gateway.park.settings import ParkSettings
from gateway.store import open_store, tables
from gateway.store.answering import answer
from gateway.store.ledger import StoreLedger
from gateway.store.recording import Recording, record
from gateway.taken import Taken
from tests.fixtures.scripted import NOON, Unit

PARK = "khao-yai"
PEOPLE = ("malee", "somchai", "desk", "chai", "director", "arun")
RULES = {
    "next_in_line_s": 90, "chief_s": 300, "superiors_s": 600, "accepted_s": 20, "delivered_s": 40, "check_in_s": 900,
}  # fmt: skip


def chat(person: str) -> str:
    """The number of a person's chat on Telegram."""
    return str(1000 + PEOPLE.index(person))


class Field:
    """A park with a ranger on duty, another in reserve, an officer, a chief and the chief's superior."""

    def __init__(self, url: str) -> None:
        self.store = open_store(url)
        self.clock = DrivenClock(NOON)
        self.gate = Unit("gate")
        self.hill = Unit("hill")
        self.ledger = StoreLedger(self.store, clock=self.clock)
        self.conductor = Conductor(self.store, self.clock)
        self.lay_out()

    def lay_out(self, **changes: object) -> None:
        def person(name: str, role: str = "ranger", **more: object) -> dict[str, object]:
            channels = [{"channel": "web", "address": name}, {"channel": "telegram", "address": chat(name)}]
            return {"name": name, "title": name.title(), "role": role, "channels": channels} | more

        plain = {
            "park": {"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok"},
            "response": RULES,
            "area": [{"name": "north", "title": "North", "team": "north", "chief": "chai"}],
            "camera": [
                {
                    "name": unit.camera, "area": "north", "place": f"The {unit.camera}", "key": str(unit.key.public),
                    "latitude": 14.4 + far, "longitude": 101.4,
                }
                for unit, far in ((self.gate, 0.0), (self.hill, 0.01))
            ],
            "team": [
                {
                    "name": "north", "title": "North", "members": ["malee", "somchai", "desk"],
                    "shift": [
                        {"begins": "00:00", "ends": "00:00", "members": ["malee"], "officer": "desk"},
                    ],
                }
            ],
            "person": [
                person("malee"), person("somchai"), person("desk", "operator"), person("chai", superior="director"),
                person("director"), person("arun", "analyst"),
            ],
        } | changes  # fmt: skip
        apply(self.store, ParkSettings.model_validate_json(json.dumps(plain)))

    def passes(self, unit: Unit, at: datetime | None = None, **more: object) -> None:
        """`at`: when it happened, if not now."""
        keyring = Keyring({(PARK, each.camera): each.key.public for each in (self.gate, self.hill)})
        signed = unit.sighting(at or self.clock.now(), **more)  # pyright: ignore[reportArgumentType]
        taken = examine(Incoming(str(signed.topic), signed.sealed, self.clock.now()), keyring)
        assert isinstance(taken, Taken)
        with self.store.writing() as session:
            assert record(session, [taken], self.clock.now(), Recording(pace=Pace())) == [None]

    def after(self, **time: float) -> None:
        self.clock.pass_by(timedelta(**time))
        self.conductor.step()

    def told(self) -> dict[str, list[str]]:
        """Person → the channels that are tried, in order; held ones left out."""
        found: dict[str, list[str]] = {}
        with self.store.reading() as session:
            for row in session.scalars(select(tables.Delivery).order_by(tables.Delivery.number)):
                if row.held is None and row.incursion is not None:
                    found.setdefault(row.person, []).append(row.channel)
        return found

    def rows(self) -> dict[tuple[str, str], tables.Delivery]:
        with self.store.reading() as session:
            return {(row.person, row.channel): row for row in session.scalars(select(tables.Delivery))}

    def takes(self, channel: str, *, shows: bool = True) -> None:
        """The channel accepts all that is due, and its phone shows it."""
        now = self.clock.now()
        for delivery in self.ledger.claim(channel, now, timedelta(minutes=2), 100):
            telling = self.ledger.telling(delivery, photo=False)
            self.ledger.accepted(delivery, telling, Accepted(f"m{delivery.number}", with_photo=False), now)
            if shows:
                self.ledger.delivered(PARK, delivery.person, delivery.number, now)

    def says(self, person: str, said: Answer) -> ReplyWords:
        return answer(self.store, PARK, 1, person, said, now=self.clock.now(), channel="web").words
