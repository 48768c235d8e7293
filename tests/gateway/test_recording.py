"""What becomes of messages in the store, on both databases."""

import itertools
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.store import Store, tables
from gateway.store.recording import Recording, record, restored
from gateway.taken import Preview, Taken
from tests.fixtures.parks import lay_out_park
from tests.fixtures.scripted import NOON, Signed, Unit, a_webp
from wire.envelope import unseal
from wire.messages import ClockQuality, Opening, Presence, Sighting, State
from wire.messages import Preview as PreviewMessage

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def taken(signed: Signed, at: datetime = NOON + SECOND, *, retained: bool = False) -> Taken:
    preview = Preview("some/path.webp", 64, 48) if isinstance(signed.message, PreviewMessage) else None
    return Taken(signed.topic, signed.message, signed.sealed, sha256(signed.sealed).digest(), at, retained, preview)


def tell(store: Store, *group: Signed, at: datetime = NOON + SECOND, retained: bool = False) -> list[str | None]:
    """All of them in one transaction."""
    with store.writing() as session:
        return record(session, [taken(each, at, retained=retained) for each in group], at, Recording())


def rows(store: Store, table: Any) -> Sequence[Any]:
    with store.reading() as session:
        return session.scalars(select(table).order_by(*table.__table__.primary_key.columns)).all()


def one(store: Store, table: Any) -> Any:
    found = rows(store, table)
    assert len(found) == 1
    return found[0]


def camera(store: Store, name: str = "gate") -> tables.Camera:
    with store.reading() as session:
        return session.get_one(tables.Camera, ("khao-yai", name))


def opening(signed: Signed) -> Opening:
    assert isinstance(signed.message, Sighting)
    return signed.message.opening


# Messages


def test_a_message_that_comes_twice_makes_one_row_and_is_stored_both_times(park: Store, gate: Unit) -> None:
    signed = gate.sighting()
    assert [tell(park, signed), tell(park, signed, signed)] == [[None], [None, None]]
    assert len(rows(park, tables.Message)) == 1


def test_another_message_with_the_same_number_is_refused_and_the_first_stays(park: Store, gate: Unit) -> None:
    first = gate.sighting()
    tell(park, first)
    gate.numbers = itertools.count(1)  # a unit that counts wrongly
    verdicts = tell(park, gate.sighting(NOON + MINUTE))
    assert verdicts[0] is not None
    assert "already bears" in verdicts[0]
    assert one(park, tables.Message).sealed == first.sealed


def test_of_two_messages_with_one_number_in_one_group_the_first_wins(park: Store, gate: Unit) -> None:
    first = gate.sighting()
    gate.numbers = itertools.count(1)
    verdicts = tell(park, first, gate.sighting(NOON + MINUTE))
    assert (verdicts[0], one(park, tables.Message).sealed) == (None, first.sealed)
    assert verdicts[1] is not None


def test_from_a_stored_photo_the_exact_signed_bytes_can_be_made_again(park: Store, gate: Unit) -> None:
    image = a_webp(200, 150)
    signed = gate.preview(gate.sighting(), image=image)
    tell(park, signed)
    row = one(park, tables.Message)
    assert len(row.sealed) < len(signed.sealed) - len(image) + 1
    again = restored(row.sealed, row.image_at, image)
    assert again == signed.sealed
    assert unseal(again, signed.topic, gate.key.public) == signed.message.encode()


def test_a_status_is_not_kept_as_a_message(park: Store, gate: Unit) -> None:
    tell(park, gate.status(Presence.HERE))
    assert len(rows(park, tables.Message)) == 0


# Sightings


def test_of_several_revisions_the_highest_wins_in_whatever_order_they_come(park: Store, gate: Unit) -> None:
    first = gate.sighting()
    second = gate.sighting(of=opening(first), revision=2, labels=("person", "person"))
    third = gate.sighting(of=opening(first), revision=3, labels=("person",) * 3, state=State.CLOSED)
    tell(park, third)
    tell(park, first, second)
    row = one(park, tables.Sighting)
    assert (row.revision, row.counts, row.closed) == (3, {"person": 3}, True)


def test_a_later_start_of_the_camera_closes_what_the_earlier_left_open(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting())
    gate.reboot()
    tell(park, gate.health())
    assert one(park, tables.Sighting).closed


def test_a_sighting_of_an_earlier_start_that_comes_late_is_closed_at_once(park: Store, gate: Unit) -> None:
    old = gate.sighting()
    gate.reboot()
    tell(park, gate.health())
    tell(park, old)
    assert one(park, tables.Sighting).closed


def test_a_sighting_with_a_good_clock_keeps_its_own_times(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(NOON, seen_for=3 * SECOND), at=NOON + MINUTE)
    row = one(park, tables.Sighting)
    assert (row.opened_at, row.seen_at) == (NOON, NOON + 3 * SECOND)


def test_a_sighting_with_an_unset_clock_happened_as_it_came_and_both_times_are_kept(park: Store, gate: Unit) -> None:
    gate.clock = ClockQuality.UNSET
    long_ago = datetime(1970, 1, 1, 0, 5, tzinfo=NOON.tzinfo)
    tell(park, gate.sighting(long_ago, seen_for=3 * SECOND), at=NOON)
    row = one(park, tables.Sighting)
    assert (row.opened_at, row.seen_at, row.said["opened_at"]) == (NOON - 3 * SECOND, NOON, 300_000)


def test_a_clock_far_ahead_of_ours_is_not_believed(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(NOON + 10 * MINUTE), at=NOON)
    assert one(park, tables.Sighting).opened_at == NOON


@pytest.mark.parametrize(("minutes", "late"), [(4, False), (6, True)])
def test_a_sighting_is_late_after_five_minutes(park: Store, gate: Unit, minutes: int, late: bool) -> None:
    tell(park, gate.sighting(NOON), at=NOON + minutes * MINUTE)
    assert one(park, tables.Sighting).late is late


# Cameras


def test_a_heartbeat_is_kept_with_its_promise(park: Store, gate: Unit) -> None:
    tell(park, gate.health(next_within=15 * MINUTE, frames=42), at=NOON)
    row = camera(park)
    assert row.health is not None
    assert (row.health["frames"], row.heard_at, row.promised_by) == (42, NOON, NOON + 15 * MINUTE)


def test_an_older_heartbeat_that_comes_later_changes_nothing(park: Store, gate: Unit) -> None:
    older, newer = gate.health(frames=1), gate.health(frames=2)
    tell(park, newer)
    tell(park, older)
    health = camera(park).health
    assert health is not None
    assert health["frames"] == 2


def test_a_will_ends_its_own_connection(park: Store, gate: Unit) -> None:
    tell(park, gate.status(Presence.HERE))
    tell(park, gate.status(Presence.GONE))
    assert camera(park).presence == Presence.GONE


def test_a_will_of_an_earlier_connection_says_nothing(park: Store, gate: Unit) -> None:
    tell(park, gate.status(Presence.HERE, connection=2))
    tell(park, gate.status(Presence.GONE, connection=1))
    assert camera(park).presence == Presence.HERE


def test_an_old_status_that_is_played_again_does_not_bring_a_camera_back(park: Store, gate: Unit) -> None:
    here = gate.status(Presence.HERE)
    tell(park, here)
    tell(park, gate.status(Presence.GONE))
    tell(park, here)
    assert camera(park).presence == Presence.GONE


def test_a_will_is_not_a_word_from_the_camera(park: Store, gate: Unit) -> None:
    tell(park, gate.status(Presence.GONE), at=NOON)
    assert camera(park).heard_at is None


def test_what_the_broker_kept_from_before_is_no_sign_of_life(park: Store, gate: Unit) -> None:
    tell(park, gate.status(Presence.HERE), at=NOON, retained=True)
    row = camera(park)
    assert (row.presence, row.heard_at) == (Presence.HERE, None)


# Incursions


def test_a_person_opens_an_incursion_with_a_delivery_that_waits_for_the_photo(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(), at=NOON + SECOND)
    incursion, delivery = one(park, tables.Incursion), one(park, tables.Delivery)
    assert (incursion.number, incursion.revision, incursion.counts) == (1, 1, {"person": 1})
    assert (delivery.person, delivery.channel, delivery.due_at) == ("somchai", "web", NOON + 4 * SECOND)


def test_the_photo_makes_the_waiting_delivery_due_at_once(park: Store, gate: Unit) -> None:
    sighting = gate.sighting()
    tell(park, sighting, at=NOON + SECOND)
    tell(park, gate.preview(sighting), at=NOON + 2 * SECOND)
    assert (one(park, tables.Delivery).due_at, one(park, tables.Incursion).revision) == (NOON + 2 * SECOND, 2)


def test_a_preview_that_comes_before_its_sighting_is_in_the_first_telling(park: Store, gate: Unit) -> None:
    sighting = gate.sighting()
    tell(park, gate.preview(sighting), at=NOON + SECOND)
    tell(park, sighting, at=NOON + 2 * SECOND)
    incursion = one(park, tables.Incursion)
    assert incursion.photo is not None
    assert (incursion.revision, one(park, tables.Delivery).due_at) == (1, NOON + 2 * SECOND)


def test_an_animal_opens_no_incursion(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(labels=("elephant",)))
    assert (one(park, tables.Sighting).incursion, len(rows(park, tables.Delivery))) == (None, 0)


def test_a_sighting_in_which_a_person_is_seen_later_opens_one_then(park: Store, gate: Unit) -> None:
    animal = gate.sighting(labels=("dog",))
    tell(park, animal)
    tell(park, gate.sighting(of=opening(animal), revision=2, labels=("dog", "person")))
    assert one(park, tables.Sighting).incursion == 1


def test_the_same_camera_soon_after_is_the_same_incursion(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(NOON))
    tell(park, gate.sighting(NOON + 5 * MINUTE), at=NOON + 5 * MINUTE)
    second = rows(park, tables.Sighting)[1]
    assert (second.incursion, second.grouped_because) == (1, "same camera, 5 min later")
    assert one(park, tables.Incursion).last_at == NOON + 5 * MINUTE


def test_the_same_camera_in_one_group_of_messages_is_the_same_incursion(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(NOON), gate.sighting(NOON + MINUTE), at=NOON + 2 * MINUTE)
    assert {row.incursion for row in rows(park, tables.Sighting)} == {1}


def test_another_camera_that_the_party_reaches_joins_and_there_is_more_to_tell(
    park: Store, gate: Unit, ridge: Unit
) -> None:
    tell(park, gate.sighting(NOON))
    tell(park, ridge.sighting(NOON + 8 * MINUTE), at=NOON + 8 * MINUTE)
    incursion = one(park, tables.Incursion)
    assert (incursion.cameras, incursion.revision) == (["gate", "ridge"], 2)


def test_hours_later_it_is_another_incursion(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting(NOON))
    tell(park, gate.sighting(NOON + 180 * MINUTE), at=NOON + 180 * MINUTE)
    assert [row.number for row in rows(park, tables.Incursion)] == [1, 2]


def test_a_sighting_that_carries_another_on_is_its_incursion_whatever_the_time(park: Store, gate: Unit) -> None:
    first = gate.sighting(NOON)
    tell(park, first)
    later = NOON + 180 * MINUTE
    tell(park, gate.sighting(later, previous=opening(first)), at=later)
    assert {row.incursion for row in rows(park, tables.Sighting)} == {1}


def test_more_people_are_more_to_tell_and_the_same_again_is_not(park: Store, gate: Unit) -> None:
    first = gate.sighting()
    tell(park, first)
    revisions: list[int] = []
    for revision, labels in ((2, ("person",)), (3, ("person", "person"))):
        tell(park, gate.sighting(of=opening(first), revision=revision, labels=labels))
        revisions.append(one(park, tables.Incursion).revision)
    assert revisions == [1, 2]


def test_the_surest_photo_is_shown(park: Store, gate: Unit) -> None:
    first = gate.sighting(score=0.6, original=b"far")
    second = gate.sighting(NOON + MINUTE, score=0.8, original=b"near")
    tell(park, first, gate.preview(first, original=b"far"))
    far = one(park, tables.Incursion).photo
    tell(park, second, gate.preview(second, original=b"near"), at=NOON + MINUTE)
    incursion = one(park, tables.Incursion)
    assert incursion.photo != far
    assert incursion.photo_score == pytest.approx(0.8)


def test_what_was_told_is_due_again_when_there_is_more(park: Store, gate: Unit) -> None:
    first = gate.sighting()
    tell(park, first)
    with park.writing() as session:
        delivery = session.scalars(select(tables.Delivery)).one()
        delivery.told_revision, delivery.accepted_at, delivery.due_at = 1, NOON + 4 * SECOND, None
    tell(park, gate.preview(first), at=NOON + 20 * SECOND)
    delivery = one(park, tables.Delivery)
    assert (delivery.due_at, delivery.reason) == (NOON + 20 * SECOND, "photo came")


def test_parks_never_mix(store: Store) -> None:
    here, there = Unit("gate", "khao-yai"), Unit("gate", "thap-lan")
    lay_out_park(store, here, there)
    tell(store, here.sighting(), there.sighting())
    assert [(row.park, row.number) for row in rows(store, tables.Incursion)] == [("khao-yai", 1), ("thap-lan", 1)]


def test_pages_see_that_something_changed(park: Store, gate: Unit) -> None:
    tell(park, gate.sighting())
    tell(park, gate.health())
    assert one(park, tables.Park).change == 2


def test_two_inboxes_that_store_at_once_open_one_incursion(park: Store, gate: Unit) -> None:
    ready = threading.Barrier(2)

    def store_all(signed: list[Signed]) -> None:
        ready.wait(timeout=10)
        for each in signed:
            tell(park, each)

    work = [[unit.sighting(NOON + second * SECOND) for second in range(10)] for unit in (gate, gate)]
    threads = [threading.Thread(target=store_all, args=(signed,)) for signed in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with park.reading() as session:
        assert session.scalar(select(func.count()).select_from(tables.Incursion)) == 1
        assert session.scalar(select(func.count()).select_from(tables.Sighting)) == 20
