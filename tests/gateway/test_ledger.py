"""The ledger in SQLite and in PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from alerts.delivery import Accepted, Alarm, IncursionTelling
from gateway.store import open_store, tables
from gateway.store.ledger import StoreLedger
from tests.alerts.ledger_contract import LEASE, PACE, PARK, LedgerContract, at, claim_one, take
from tests.gateway.store_stage import BETTER, FIRST, StoreStage


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
    assert isinstance(telling, IncursionTelling)
    assert telling.delivery == number
    assert (telling.park, telling.area, telling.place, telling.camera) == (
        "Khao Yai", "Khlong E-Thao", "Salt lick", "CAM-13",
    )  # fmt: skip
    assert (telling.zone, telling.language, telling.link) == ("Asia/Bangkok", "th", "/khaoyai/1")
    assert (telling.first_seen, telling.last_seen) == (at(-2), at(-1))
    assert (telling.counts, telling.score, telling.cameras) == ({"person": 3}, 0.6, 2)
    assert (telling.late, telling.revision) == (True, 2)


def test_the_photo_is_the_incursions_best_with_its_boxes(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    stage.photo_stored(FIRST, at(1))
    stage.photo_comes(at(2), BETTER)
    assert stage.ledger.telling(claim_one(stage, at(3)), photo=True).photo == b"bb.webp with 2 boxes"


def test_a_photo_that_cannot_be_read_does_not_hold_the_words_back(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    stage.photo_comes(at(1))
    broken = StoreLedger(stage.store, photo=lambda path, detections: None, pace=PACE)  # noqa: ARG005 - a PhotoReader
    telling = broken.telling(claim_one(stage, at(3)), photo=True)
    assert (telling.has_photo, telling.photo) == (True, None)


def with_links(stage: StoreStage) -> StoreLedger:
    return StoreLedger(
        stage.store, photo_url=lambda path, detections: f"https://x.example/{path}-{len(detections)}", pace=PACE
    )


@pytest.mark.parametrize("photo", [True, False])
def test_a_channel_that_fetches_the_photo_itself_gets_its_address(stage: StoreStage, photo: bool) -> None:
    stage.tell("malee", "line", "U1", at(0))
    stage.photo_stored(FIRST, at(1))
    stage.photo_comes(at(2), BETTER)
    telling = with_links(stage).telling(claim_one(stage, at(3), "line"), photo=photo)
    assert telling.photo_url == "https://x.example/bb.webp-2"


def test_a_photo_that_a_third_party_may_not_have_gets_no_address(stage: StoreStage) -> None:
    number = stage.tell("malee", "line", "U1", at(0))
    stage.photo_comes(at(1))
    with stage.store.writing() as session:
        session.get_one(tables.Delivery, number).alarm = Alarm.HELP
    telling = with_links(stage).telling(claim_one(stage, at(3), "line"), photo=True)
    assert (telling.has_photo, telling.photo_url, telling.photo) == (False, None, None)


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


def test_the_time_of_the_first_decision_stays(stage: StoreStage) -> None:
    number = stage.tell("malee", "web", "malee", at(0))
    take(stage, claim_one(stage, at(3), "web"), at(3.5))
    stage.grows(3, at(60))
    assert stage.row(number).decided_at == at(0)


def test_deliveries_that_wait_on_a_channel_that_nobody_serves_are_counted(stage: StoreStage) -> None:
    stage.tell("malee", "telegram", "7", at(0))
    stage.tell("somchai", "telegram", "8", at(0))
    stage.tell("malee", "web", "malee", at(0))
    assert stage.ledger.unserved({"web"}) == {"telegram": 2}
    assert stage.ledger.unserved({"web", "telegram"}) == {}


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
