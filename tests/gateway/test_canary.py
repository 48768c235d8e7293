"""The daily canary from the camera's message to a person, and what happens when one does not come."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts.decide import Pace
from alerts.delivery import Accepted, Kind, NoticeTelling, Telling
from gateway.identity import Keyring
from gateway.intake import Incoming, examine
from gateway.park.settings import ParkSettings
from gateway.store import tables
from gateway.store.ledger import StoreLedger
from gateway.store.recording import Recording, record
from gateway.taken import Taken
from tests.fixtures.scripted import Signed, Unit
from tests.gateway.field import PARK, RULES, Field
from wire.messages import Opening, State

LEASE = timedelta(minutes=2)


class Yard(Field):
    """The field, its test recipient the desk, and its channels' ends in the test's hands."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.ledger = StoreLedger(self.store, photo=read_photo, clock=self.clock)
        self.lay_out(response=RULES | {"canary_to": ["desk"]})

    def store_all(self, *signed: Signed) -> None:
        """The messages, in one transaction."""
        keyring = Keyring({(PARK, each.camera): each.key.public for each in (self.gate, self.hill)})
        group: list[Taken] = []
        for each in signed:
            taken = examine(Incoming(str(each.topic), each.sealed, self.clock.now()), keyring)
            assert isinstance(taken, Taken)
            group.append(taken)
        with self.store.writing() as session:
            assert record(session, group, self.clock.now(), Recording(pace=Pace())) == [None] * len(group)

    def canary(self, unit: Unit | None = None, **more: Any) -> Signed:
        words: dict[str, Any] = {"labels": ("canary",), "state": State.CLOSED, "revision": 0} | more
        return (unit or self.gate).sighting(self.clock.now(), original=self.shot(), **words)

    def shot(self) -> bytes:
        """What is before the lens now."""
        return self.clock.now().isoformat().encode()

    def photo(self, text: Signed, original: bytes, unit: Unit | None = None) -> Signed:
        return (unit or self.gate).preview(text, original=original, at=self.clock.now())

    def comes(self, unit: Unit | None = None, **more: Any) -> None:
        """Text and photo at once."""
        text = self.canary(unit, **more)
        self.store_all(text, self.photo(text, self.shot(), unit))

    def beats(self, unit: Unit | None = None) -> None:
        """It promises to be heard within three days."""
        self.store_all((unit or self.gate).health(self.clock.now(), timedelta(days=3)))

    def accepts(self, channel: str = "web") -> list[tuple[str, Telling]]:
        """(person, telling) of all that the channel takes now."""
        taken: list[tuple[str, Telling]] = []
        for delivery in self.ledger.claim(channel, self.clock.now(), LEASE, 100):
            telling = self.ledger.telling(delivery, photo=True)
            accepted = Accepted(f"m{delivery.number}", with_photo=telling.photo is not None)
            self.ledger.accepted(delivery, telling, accepted, self.clock.now())
            taken.append((delivery.person, telling))
        return taken

    def refuses(self, channel: str = "web") -> None:
        for delivery in self.ledger.claim(channel, self.clock.now(), LEASE, 100):
            self.ledger.refused(delivery, "no such phone", self.clock.now())

    def open(self, kind: Kind) -> list[str]:
        """What the open notices of a kind are about."""
        with self.store.reading() as session:
            of = tables.Notice
            return list(session.scalars(select(of.subject).where(of.kind == kind, of.over_at.is_(None))))

    def notices(self, kind: Kind) -> list[tables.Notice]:
        with self.store.reading() as session:
            of = tables.Notice
            return list(session.scalars(select(of).where(of.kind == kind).order_by(of.number)))

    def canary_at(self, camera: str = "gate") -> datetime | None:
        with self.store.reading() as session:
            return session.get_one(tables.Camera, (PARK, camera)).canary_at

    def incursions(self) -> int:
        with self.store.reading() as session:
            return len(session.scalars(select(tables.Incursion)).all())

    def told_of(self, kind: Kind) -> list[tuple[str, str]]:
        """(person, channel) of every delivery of notices of a kind."""
        with self.store.reading() as session:
            of, notice = tables.Delivery, tables.Notice
            rows = select(of.person, of.channel).join(notice, of.notice == notice.number).where(notice.kind == kind)
            return sorted((row.person, row.channel) for row in session.execute(rows))


def read_photo(path: str, detections: list[dict[str, Any]]) -> bytes | None:
    assert path
    return b"JPEG with %d boxes" % len(detections)


@pytest.fixture
def yard(store_url: str) -> Iterator[Yard]:
    yard = Yard(store_url)
    yield yard
    yard.store.close()


def test_a_canary_goes_with_its_photo_to_the_test_recipient_alone_and_makes_no_sound(yard: Yard) -> None:
    yard.comes()
    assert yard.told_of(Kind.CANARY) == [("desk", "web")]
    ((person, telling),) = yard.accepts()
    assert person == "desk"
    assert isinstance(telling, NoticeTelling)
    assert (telling.kind, telling.camera, telling.place) == (Kind.CANARY, "gate", "The gate")
    assert telling.quiet
    assert telling.photo == b"JPEG with 1 boxes"
    assert yard.accepts() == []


def test_without_a_photo_it_is_told_after_the_wait_and_gains_the_photo_by_an_edit(yard: Yard) -> None:
    text, original = yard.canary(), yard.shot()
    yard.store_all(text)
    assert yard.accepts() == []
    yard.after(seconds=3)
    ((_, told),) = yard.accepts()
    assert told.photo is None
    yard.store_all(yard.photo(text, original))
    yard.after(seconds=1)
    ((_, edited),) = yard.accepts()
    assert edited.photo is not None
    assert edited.delivery == told.delivery


def test_a_photo_within_the_wait_goes_with_the_first_word(yard: Yard) -> None:
    text, original = yard.canary(), yard.shot()
    yard.store_all(text)
    yard.after(seconds=1)
    yard.store_all(yard.photo(text, original))
    ((_, told),) = yard.accepts()
    assert told.photo is not None


def test_a_photo_that_comes_before_its_text_goes_with_it(yard: Yard) -> None:
    text, original = yard.canary(), yard.shot()
    yard.store_all(yard.photo(text, original))
    yard.store_all(text)
    ((_, told),) = yard.accepts()
    assert told.photo is not None


def test_a_third_partys_chat_gets_the_camera_and_its_photo(yard: Yard) -> None:
    channels = [{"channel": "telegram", "address": "77"}]
    desk = {"name": "desk", "title": "Desk", "role": "operator", "channels": channels}
    yard.lay_out(
        person=[desk], team=[{"name": "north", "title": "North"}], response={"canary_to": ["desk"]},
        area=[{"name": "north", "title": "North", "team": "north"}],
    )  # fmt: skip
    yard.comes()
    ((_, told),) = yard.accepts("telegram")
    assert (told.camera, told.photo) == ("gate", b"JPEG with 1 boxes")


@pytest.mark.parametrize("tell", [["person", "vehicle"], ["person", "animal", "bird", "label"]])
def test_a_canary_is_no_incursion(yard: Yard, tell: list[str]) -> None:
    yard.lay_out(park={"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok", "tell": tell})
    yard.comes()
    assert yard.incursions() == 0


def test_a_canary_is_no_incursion_even_where_the_database_says_that_it_is_told(yard: Yard) -> None:
    with yard.store.writing() as session:
        session.get_one(tables.Park, PARK).tell = ["person", "canary"]
    yard.comes()
    assert yard.incursions() == 0


def test_a_park_cannot_ask_for_alarms_about_canaries() -> None:
    park = {"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok", "tell": ["person", "canary"]}
    _, mistakes = ParkSettings.checked({"park": park})
    assert mistakes == ["park.tell.1: 'canary'; expected a kind that is seen: the daily test alarms nobody"]


def test_people_do_not_hide_behind_the_label(yard: Yard) -> None:
    yard.comes(labels=("canary", "person"))
    assert yard.incursions() == 1
    assert yard.notices(Kind.CANARY) == []
    assert yard.canary_at() is None


def test_without_named_recipients_it_goes_to_whoever_mends(yard: Yard) -> None:
    yard.lay_out(response=RULES)
    yard.comes()
    assert {person for person, _ in yard.told_of(Kind.CANARY)} == {"desk"}


def test_where_nobody_can_be_told_it_is_still_counted_as_come(yard: Yard) -> None:
    yard.lay_out(
        person=[], team=[{"name": "north", "title": "North"}], response={},
        area=[{"name": "north", "title": "North", "team": "north"}],
    )  # fmt: skip
    yard.comes()
    assert yard.notices(Kind.CANARY) == []
    assert yard.canary_at() == yard.clock.now()


def test_a_recipient_whom_no_channel_reaches_is_not_stood_in_for_by_everybody(yard: Yard) -> None:
    yard.comes()
    for channel in ("web", "telegram", "web"):
        yard.after(seconds=5)
        yard.refuses(channel)
    assert {person for person, _ in yard.told_of(Kind.CANARY)} == {"desk"}


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("nobody", "response.canary_to: 'nobody'; expected one of: bare, village"),
        ("bare", "response.canary_to: 'bare'; expected somebody with a channel, and of no village"),
        ("village", "response.canary_to: 'village'; expected somebody with a channel, and of no village"),
    ],
)
def test_a_recipient_who_could_never_be_told_is_a_mistake(name: str, mistake: str) -> None:
    channel = {"channel": "web", "address": "village"}
    park, mistakes = ParkSettings.checked(
        {
            "park": {"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok"},
            "response": {"canary_to": [name]},
            "person": [
                {"name": "bare", "title": "Bare"},
                {"name": "village", "title": "Village", "role": "villager", "channels": [channel]},
            ],
        }
    )
    assert park is not None
    assert mistakes == [mistake]


def test_a_unit_that_sends_canaries_without_end_is_told_once(yard: Yard) -> None:
    for _ in range(11):
        yard.comes()
        yard.after(hours=1)
    assert len(yard.notices(Kind.CANARY)) == 1
    assert yard.canary_at() == yard.clock.now() - timedelta(hours=1)


def test_each_days_is_a_message_of_its_own(yard: Yard) -> None:
    for _ in range(3):
        yard.comes()
        assert len(yard.accepts()) == 1
        yard.after(days=1)
    assert len(yard.notices(Kind.CANARY)) == 3


def test_a_camera_that_sent_one_and_sends_none_for_26_hours_is_told_once(yard: Yard) -> None:
    yard.beats()
    yard.comes()
    last = yard.clock.now()
    yard.after(hours=26)
    assert yard.open(Kind.CANARY_MISSING) == []
    yard.after(seconds=1)
    yard.after(hours=5)
    (missing,) = yard.notices(Kind.CANARY_MISSING)
    assert (missing.camera, missing.since) == ("gate", last)
    assert missing.facts == {"expected_by": (last + timedelta(hours=26)).isoformat()}
    assert yard.told_of(Kind.CANARY_MISSING) != []


def test_a_camera_that_never_sent_one_is_not_missed(yard: Yard) -> None:
    yard.beats()
    yard.after(days=2)
    assert yard.notices(Kind.CANARY_MISSING) == []


def test_the_next_one_ends_it(yard: Yard) -> None:
    yard.beats()
    yard.comes()
    yard.after(hours=27)
    assert yard.open(Kind.CANARY_MISSING) == ["gate"]
    yard.comes()
    assert yard.open(Kind.CANARY_MISSING) == []
    yard.after(hours=25)
    assert yard.open(Kind.CANARY_MISSING) == []


def test_a_camera_that_is_taken_out_is_not_missed_any_more(yard: Yard) -> None:
    yard.beats()
    yard.comes()
    yard.after(hours=27)
    assert yard.open(Kind.CANARY_MISSING) == ["gate"]
    yard.lay_out(camera=[], response=RULES)
    yard.after(seconds=1)
    assert yard.open(Kind.CANARY_MISSING) == []


def test_a_camera_that_is_told_as_silent_is_not_told_as_missing_its_canary_besides(yard: Yard) -> None:
    yard.store_all(yard.gate.health(yard.clock.now(), timedelta(minutes=15)))
    yard.comes()
    yard.after(hours=30)
    yard.after(hours=1)
    assert yard.open(Kind.CAMERA_SILENT) == ["gate"]
    assert yard.notices(Kind.CANARY_MISSING) == []


def test_back_from_silence_it_has_an_hour_to_make_up_for_it(yard: Yard) -> None:
    yard.store_all(yard.gate.health(yard.clock.now(), timedelta(minutes=15)))
    yard.comes()
    yard.after(hours=30)
    yard.beats()
    yard.after(seconds=1)
    assert yard.open(Kind.CAMERA_SILENT) == []
    yard.after(minutes=59)
    assert yard.notices(Kind.CANARY_MISSING) == []
    yard.after(minutes=2)
    assert yard.open(Kind.CANARY_MISSING) == ["gate"]


def test_a_canary_that_no_channel_takes_within_an_hour_is_told_to_whoever_mends(yard: Yard) -> None:
    yard.lay_out(response=RULES | {"canary_to": ["arun"]})
    yard.comes()
    yard.after(hours=1)
    assert yard.notices(Kind.TROUBLE) == []
    yard.after(seconds=1)
    yard.after(seconds=1)
    (trouble,) = yard.notices(Kind.TROUBLE)
    assert trouble.facts == {
        "channel": "web", "person": "arun", "why": "the daily test has waited here for 60 min",
    }  # fmt: skip
    assert {person for person, _ in yard.told_of(Kind.TROUBLE)} == {"desk"}


def test_many_cameras_behind_one_broken_channel_are_one_trouble_which_ends_when_it_takes_them(yard: Yard) -> None:
    for unit in (yard.gate, yard.hill):
        yard.comes(unit=unit)
    yard.after(hours=2)
    yard.after(seconds=1)
    assert yard.open(Kind.TROUBLE) == ["web to desk"]
    yard.accepts()
    yard.after(seconds=1)
    assert yard.open(Kind.TROUBLE) == []


def test_a_second_word_of_the_same_canary_is_not_told_again(yard: Yard) -> None:
    yard.comes()
    yard.clock.pass_by(timedelta(hours=13))
    text = yard.gate.sighting(
        yard.clock.now(), labels=("canary",), revision=3, state=State.CLOSED, of=Opening(boot=1, sequence=1)
    )
    yard.store_all(text)
    assert [row.subject for row in yard.notices(Kind.CANARY)] == ["gate/1/1"]
