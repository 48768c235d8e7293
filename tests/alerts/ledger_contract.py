"""What every ledger promises, as tests. A subclass says by its `stage` fixture which ledger it is about."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from alerts import Ledger
from alerts.decide import Pace
from alerts.delivery import Accepted, Delivery, IncursionTelling

START = datetime(2026, 3, 4, 20, 40, tzinfo=UTC)
LEASE = timedelta(minutes=2)
PACE = Pace(photo_wait=timedelta(seconds=3), photo_interval=timedelta(seconds=1), edit_interval=timedelta(seconds=10))
PARK = "khaoyai"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Stage(Protocol):
    """A ledger of park `PARK` with pace `PACE`, where incursion 1 of one person was stored at START without a photo."""

    @property
    def ledger(self) -> Ledger: ...

    def tell(self, person: str, channel: str, address: str, now: datetime) -> int:
        """Decides to tell incursion 1; the delivery's number."""
        ...

    def grows(self, persons: int, now: datetime) -> None:
        """A new revision, with so many persons."""
        ...

    def photo_comes(self, now: datetime) -> None:
        """A new revision, with a photo."""
        ...

    def trouble(self, number: int) -> str | None: ...

    def address(self, number: int) -> str: ...


def claim_one(stage: Stage, now: datetime, channel: str = "telegram") -> Delivery:
    (delivery,) = stage.ledger.claim(channel, now, LEASE, 1)
    return delivery


def take(stage: Stage, delivery: Delivery, now: datetime, message_id: str = "m1") -> None:
    """The channel takes the newest."""
    telling = stage.ledger.telling(delivery, photo=True)
    stage.ledger.accepted(delivery, telling, Accepted(message_id, telling.photo is not None), now)


class LedgerContract:
    def test_a_new_delivery_is_due_when_the_wait_for_its_photo_ends(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        assert stage.ledger.next_due("telegram") == at(3)
        assert stage.ledger.claim("telegram", at(2.9), LEASE, 10) == []

    def test_what_is_claimed_says_whom_where_and_why(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "7", at(0))
        assert claim_one(stage, at(3)) == Delivery(
            number=number, park=PARK, incursion=1, person="malee", channel="telegram", address="7",
            reason="first notification", attempts=0, earlier=None, held_until=at(3) + LEASE, anew=True,
        )  # fmt: skip

    def test_a_claimed_delivery_is_nobody_elses_until_its_lease_ends(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        claim_one(stage, at(3))
        assert stage.ledger.claim("telegram", at(122.9), LEASE, 10) == []
        assert stage.ledger.next_due("telegram") == at(123)
        assert claim_one(stage, at(123)).person == "malee"

    def test_each_channel_has_its_own_deliveries(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        assert stage.ledger.next_due("web") is None
        assert stage.ledger.claim("web", at(60), LEASE, 10) == []

    def test_the_soonest_due_come_first_and_no_more_than_asked_for(self, stage: Stage) -> None:
        stage.tell("late", "telegram", "1", at(20))
        stage.tell("malee", "telegram", "7", at(0))
        stage.tell("somchai", "telegram", "8", at(1))
        assert [each.person for each in stage.ledger.claim("telegram", at(30), LEASE, 2)] == ["malee", "somchai"]

    def test_what_was_accepted_is_not_told_again(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        take(stage, claim_one(stage, at(3)), at(3.5))
        assert stage.ledger.next_due("telegram") is None

    def test_growth_after_the_telling_is_due_as_an_edit_of_the_same_message(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        take(stage, claim_one(stage, at(3)), at(3.5))
        stage.grows(2, at(5))
        assert stage.ledger.next_due("telegram") == at(13.5)
        edit = claim_one(stage, at(14))
        assert (edit.reason, edit.earlier) == ("grew", Accepted("m1", with_photo=False))

    def test_growth_while_the_message_is_under_way_is_due_again(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        delivery = claim_one(stage, at(3))
        telling = stage.ledger.telling(delivery, photo=True)
        stage.grows(2, at(3.2))
        stage.ledger.accepted(delivery, telling, Accepted("m1", with_photo=False), at(3.5))
        assert stage.ledger.next_due("telegram") == at(13.5)

    def test_growth_while_an_edit_waits_is_told_by_that_edit(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        take(stage, claim_one(stage, at(3)), at(3.5))
        stage.grows(2, at(5))
        stage.grows(3, at(8))
        edit = claim_one(stage, at(14))
        telling = stage.ledger.telling(edit, photo=True)
        assert isinstance(telling, IncursionTelling)
        assert telling.counts == {"person": 3}
        take(stage, edit, at(14))
        assert stage.ledger.next_due("telegram") is None

    def test_a_photo_that_comes_within_the_wait_is_told_at_once(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.photo_comes(at(1))
        telling = stage.ledger.telling(claim_one(stage, at(1)), photo=True)
        assert telling.photo is not None

    def test_a_photo_that_comes_after_the_text_is_due_soon(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        take(stage, claim_one(stage, at(3)), at(3.5))
        stage.photo_comes(at(3.6))
        assert stage.ledger.next_due("telegram") == at(4.5)
        assert claim_one(stage, at(4.5)).reason == "photo came"

    def test_photo_bytes_are_made_only_when_asked_for(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.photo_comes(at(1))
        telling = stage.ledger.telling(claim_one(stage, at(1)), photo=False)
        assert (telling.has_photo, telling.photo) == (True, None)

    def test_what_was_postponed_is_due_at_its_new_time_with_one_more_attempt(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "7", at(0))
        stage.ledger.postponed(claim_one(stage, at(3)), at(33), "no answer")
        assert stage.ledger.next_due("telegram") == at(33)
        assert stage.trouble(number) == "no answer"
        assert claim_one(stage, at(33)).attempts == 1

    def test_what_only_waits_its_turn_has_not_failed(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.ledger.postponed(claim_one(stage, at(3)), at(33), "not its turn", failed=False)
        assert claim_one(stage, at(33)).attempts == 0

    def test_growth_never_pulls_a_postponed_delivery_forward(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.ledger.postponed(claim_one(stage, at(3)), at(33), "no answer")
        stage.photo_comes(at(5))
        assert stage.ledger.next_due("telegram") == at(33)

    def test_success_clears_attempts_and_trouble(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "7", at(0))
        stage.ledger.postponed(claim_one(stage, at(3)), at(33), "no answer")
        take(stage, claim_one(stage, at(33)), at(33))
        assert stage.trouble(number) is None
        stage.grows(2, at(60))
        assert claim_one(stage, at(60)).attempts == 0

    def test_what_was_refused_is_over_and_keeps_its_reason(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "7", at(0))
        stage.ledger.refused(claim_one(stage, at(3)), "the bot was blocked", at(3))
        stage.grows(2, at(60))
        assert stage.ledger.next_due("telegram") is None
        assert stage.trouble(number) == "the bot was blocked"

    def test_a_holder_whose_lease_has_passed_on_can_no_longer_postpone_or_refuse(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "7", at(0))
        slow = claim_one(stage, at(3))
        claim_one(stage, at(200))
        stage.ledger.postponed(slow, at(999), "no answer")
        stage.ledger.refused(slow, "blocked", at(201))
        assert stage.trouble(number) is None
        assert stage.ledger.next_due("telegram") == at(320)

    def test_a_holder_whose_lease_has_passed_on_can_still_say_that_it_was_accepted(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        slow = claim_one(stage, at(3))
        take(stage, slow, at(124))
        assert stage.ledger.next_due("telegram") is None

    def test_a_new_address_is_kept_for_what_comes_after(self, stage: Stage) -> None:
        number = stage.tell("malee", "telegram", "-7", at(0))
        other = stage.tell("somchai", "telegram", "8", at(0))
        delivery = next(each for each in stage.ledger.claim("telegram", at(3), LEASE, 2) if each.number == number)
        telling = stage.ledger.telling(delivery, photo=True)
        stage.ledger.accepted(delivery, telling, Accepted("m1", with_photo=False, address="-1007"), at(3))
        assert (stage.address(number), stage.address(other)) == ("-1007", "8")
        stage.grows(2, at(60))
        assert claim_one(stage, at(60)).address == "-1007"

    def test_a_message_with_a_photo_is_outdated_once_all_its_news_are_told(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.photo_comes(at(1))
        take(stage, claim_one(stage, at(1)), at(2))
        assert stage.ledger.outdated("telegram", (at(-9), at(2)), at(60), LEASE) is None
        outdated = stage.ledger.outdated("telegram", (at(-9), at(3)), at(60), LEASE)
        assert outdated is not None
        assert outdated.earlier == Accepted("m1", with_photo=True)
        assert stage.ledger.outdated("telegram", (at(-9), at(3)), at(61), LEASE) is None  # somebody has it in hand
        stage.ledger.withdrawn(outdated, at(62))
        assert stage.ledger.outdated("telegram", (at(-9), at(3)), at(999), LEASE) is None

    def test_news_after_a_withdrawal_are_a_message_of_their_own(self, stage: Stage) -> None:
        stage.tell("malee", "telegram", "7", at(0))
        stage.photo_comes(at(1))
        take(stage, claim_one(stage, at(1)), at(2))
        outdated = stage.ledger.outdated("telegram", (at(-9), at(3)), at(60), LEASE)
        assert outdated is not None
        stage.ledger.withdrawn(outdated, at(62))
        stage.grows(5, at(100))
        assert claim_one(stage, at(100)).earlier is None
