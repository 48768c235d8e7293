"""The ledger in SQLite and in PostgreSQL."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from alerts.delivery import Accepted
from gateway.store import Store, open_store, tables
from gateway.store.ledger import StoreLedger, decide
from tests.alerts.ledger_contract import LEASE, PACE, PARK, LedgerContract, at, claim_one, take

FIRST = "aa" * 32
BETTER = "bb" * 32


def read_photo(path: str, detections: list[dict[str, Any]]) -> bytes | None:
    return f"{path} with {len(detections)} boxes".encode()


def box(label: str, score: float) -> dict[str, Any]:
    return {"label": label, "score": score, "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.4}


class StoreStage:
    """A park with one camera, whose sighting is incursion 1."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger = StoreLedger(store, photo=read_photo, link=lambda park, number: f"/{park}/{number}", pace=PACE)
        with store.writing() as session:
            session.add_all(
                [
                    tables.Park(park=PARK, name="Khao Yai", zone="Asia/Bangkok", grouping={}, tell=["person"]),
                    tables.Area(park=PARK, area="kht", name="Khlong E-Thao", team="east"),
                    tables.Camera(park=PARK, camera="CAM-12", area="kht", place="North gate", key="-"),
                    tables.Camera(park=PARK, camera="CAM-13", area="kht", place="Salt lick", key="-"),
                    tables.Person(
                        park=PARK,
                        person="malee",
                        name="Malee",
                        role="ranger",
                        language="th",
                        channels=[{"channel": "telegram", "address": "-7"}, {"channel": "web", "address": "malee"}],
                    ),
                    tables.Incursion(
                        park=PARK, number=1, first_at=at(-2), last_at=at(-1), counts={"person": 1}, revision=1,
                        stored_at=at(0),
                    ),
                ]
            )  # fmt: skip
        self.sighted("CAM-12", 1, at(-1), late=False, score=0.6)

    def sighted(self, camera: str, sequence: int, seen: datetime, *, late: bool, score: float) -> None:
        photos = [
            {"original": FIRST, "at": 0, "detections": [box("person", score)]},
            {"original": BETTER, "at": 0, "detections": [box("person", score), box("person", score + 0.2)]},
        ]
        with self.store.writing() as session:
            session.add(
                tables.Sighting(
                    park=PARK, camera=camera, boot=1, sequence=sequence, incursion=1, grouped_because="first",
                    revision=1, closed=False, opened_at=seen, seen_at=seen, said={}, counts={"person": 1},
                    score=score, photos=photos, model="m", late=late, stored_at=at(0),
                )
            )  # fmt: skip

    def tell(self, person: str, channel: str, address: str, now: datetime) -> int:
        with self.store.writing() as session:
            row = tables.Delivery(
                park=PARK, incursion=1, person=person, channel=channel, address=address, reason="", decided_at=now,
                attempts=0, over=False, with_photo=False,
            )  # fmt: skip
            session.add(row)
            session.flush()
            decide(session, row, now, PACE)
            return row.number

    def grows(self, persons: int, now: datetime) -> None:
        self._revise(now, {"person": persons})

    def photo_comes(self, now: datetime, original: str = FIRST) -> None:
        self.photo_stored(original, now)
        self._revise(now, None)

    def photo_stored(self, original: str, now: datetime) -> None:
        with self.store.writing() as session:
            session.add(
                tables.Photo(
                    park=PARK, camera="CAM-12", original=original, boot=1, sequence=1, path=f"{original[:2]}.webp",
                    width=640, height=480, size=15_000, stored_at=now,
                )
            )  # fmt: skip

    def _revise(self, now: datetime, counts: dict[str, int] | None) -> None:
        with self.store.writing() as session:
            incursion = session.get_one(tables.Incursion, (PARK, 1))
            incursion.revision += 1
            if counts is not None:
                incursion.counts = counts
            session.flush()
            for row in session.scalars(select(tables.Delivery)):
                decide(session, row, now, PACE)

    def row(self, number: int) -> tables.Delivery:
        with self.store.reading() as session:
            return session.get_one(tables.Delivery, number)

    def trouble(self, number: int) -> str | None:
        return self.row(number).trouble

    def address(self, number: int) -> str:
        return self.row(number).address

    def change(self) -> int:
        with self.store.reading() as session:
            return session.get_one(tables.Park, PARK).change

    def channels(self, person: str) -> list[Any]:
        with self.store.reading() as session:
            return session.get_one(tables.Person, (PARK, person)).channels


@pytest.fixture
def stage(store_url: str) -> Iterator[StoreStage]:
    store = open_store(store_url)
    yield StoreStage(store)
    store.close()


class TestStoreLedger(LedgerContract):
    pass


def test_a_telling_says_what_the_store_holds_at_this_moment(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    stage.sighted("CAM-13", 2, at(100), late=True, score=0.5)
    stage.grows(3, at(101))
    telling = stage.ledger.telling(claim_one(stage, at(101), "web"), photo=True)
    assert telling.delivery == number
    assert (telling.park, telling.area, telling.place, telling.camera) == (
        "Khao Yai", "Khlong E-Thao", "Salt lick", "CAM-13",
    )  # fmt: skip
    assert (telling.zone, telling.language, telling.link) == ("Asia/Bangkok", "th", "/khaoyai/1")
    assert (telling.first_seen, telling.last_seen) == (at(-2), at(-1))
    assert (telling.counts, telling.score, telling.cameras) == ({"person": 3}, 0.6, 2)
    assert (telling.late, telling.revision) == (True, 2)


def test_the_photo_is_the_one_on_which_the_detector_was_surest_with_its_boxes(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    stage.photo_stored(BETTER, at(1))
    stage.photo_stored(FIRST, at(2))
    assert stage.ledger.telling(claim_one(stage, at(3)), photo=True).photo == b"bb.webp with 2 boxes"


def test_a_photo_of_another_sighting_is_not_taken_for_this_one(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    with stage.store.writing() as session:
        session.add(
            tables.Photo(
                park=PARK, camera="CAM-12", original="cc" * 32, boot=1, sequence=9, path="cc.webp", width=1, height=1,
                size=1, stored_at=at(1),
            )
        )  # fmt: skip
    assert stage.ledger.telling(claim_one(stage, at(3)), photo=True).has_photo is False


def test_a_photo_that_cannot_be_read_does_not_hold_the_words_back(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    stage.photo_stored(FIRST, at(1))
    broken = StoreLedger(stage.store, photo=lambda path, detections: None, pace=PACE)  # noqa: ARG005 - a PhotoReader
    telling = broken.telling(claim_one(stage, at(3)), photo=True)
    assert (telling.has_photo, telling.photo) == (True, None)


def test_a_new_address_is_kept_in_the_persons_own_list(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "-7", at(0))
    delivery = claim_one(stage, at(3))
    stage.ledger.accepted(delivery, stage.ledger.telling(delivery, photo=False), Accepted("m1", False, "-1007"), at(3))
    assert stage.channels("malee") == [
        {"channel": "telegram", "address": "-1007"},
        {"channel": "web", "address": "malee"},
    ]


def test_the_first_acceptance_and_the_last_edit_keep_their_own_times(stage: StoreStage) -> None:
    number = stage.tell("malee", "telegram", "7", at(0))
    take(stage, claim_one(stage, at(3)), at(3.5))
    for revision, moment in ((2, 20), (3, 40)):
        stage.grows(revision, at(moment))
        take(stage, claim_one(stage, at(moment)), at(moment + 0.5))
    row = stage.row(number)
    assert (row.accepted_at, row.edited_at, row.told_revision) == (at(3.5), at(40.5), 3)


@pytest.mark.parametrize("outcome", ["accepted", "postponed", "refused"])
def test_each_outcome_tells_the_pages_that_something_changed(stage: StoreStage, outcome: str) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    delivery = claim_one(stage, at(3))
    before = stage.change()
    match outcome:
        case "accepted":
            take(stage, delivery, at(3))
        case "postponed":
            stage.ledger.postponed(delivery, at(9), "no answer")
        case _:
            stage.ledger.refused(delivery, "blocked", at(3))
    assert stage.change() == before + 1


def test_delivered_is_set_by_the_first_word_of_it_only(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    assert stage.ledger.delivered(PARK, "malee", number, at(5)) is True
    assert stage.ledger.delivered(PARK, "malee", number, at(6)) is False
    assert (stage.row(number).delivered_at, stage.row(number).seen_at) == (at(5), None)


def test_seen_is_set_by_the_first_touch_only(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    assert stage.ledger.seen(PARK, "malee", number, at(7)) is True
    assert stage.ledger.seen(PARK, "malee", number, at(8)) is False
    assert stage.row(number).seen_at == at(7)


def test_what_is_seen_was_delivered_and_an_earlier_mark_stays(stage: StoreStage) -> None:
    shown = stage.tell("malee", "web", "malee", at(0))
    stage.ledger.delivered(PARK, "malee", shown, at(5))
    stage.ledger.seen(PARK, "malee", shown, at(7))
    assert stage.row(shown).delivered_at == at(5)
    touched = stage.tell("somchai", "web", "somchai", at(0))
    stage.ledger.seen(PARK, "somchai", touched, at(9))
    assert stage.row(touched).delivered_at == at(9)


def test_nobody_marks_anothers_delivery(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    assert stage.ledger.seen(PARK, "somchai", number, at(5)) is False
    assert stage.ledger.delivered("otherpark", "malee", number, at(5)) is False
    assert (stage.row(number).delivered_at, stage.row(number).seen_at) == (None, None)


def test_only_a_mark_that_is_new_tells_the_pages_that_something_changed(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    stage.ledger.seen(PARK, "malee", number, at(5))
    before = stage.change()
    stage.ledger.seen(PARK, "malee", number, at(6))
    assert stage.change() == before


def test_another_processs_claim_is_passed_over_and_not_waited_for(postgres_url: str) -> None:
    store = open_store(postgres_url)
    stage = StoreStage(store)
    stage.tell("malee", "telegram", "7", at(0))
    stage.tell("somchai", "telegram", "8", at(1))
    with store.writing() as session:
        session.scalars(select(tables.Delivery).where(tables.Delivery.person == "malee").with_for_update()).one()
        assert [each.person for each in stage.ledger.claim("telegram", at(9), LEASE, 5)] == ["somchai"]
    store.close()
