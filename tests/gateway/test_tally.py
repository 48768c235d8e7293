from collections.abc import Iterator
from datetime import timedelta

import pytest

from alerts.delivery import Answer
from alerts.mute import MuteKind
from gateway.store import muting
from gateway.store.muting import Wish
from gateway.tally import Tally, tally
from tests.fixtures.scripted import NOON
from tests.gateway.field import PARK, Field


@pytest.fixture
def field(store_url: str) -> Iterator[Field]:
    field = Field(store_url)
    yield field
    field.store.close()


def counted(field: Field, person: str) -> Tally:
    with field.store.reading() as session:
        return next(each for each in tally(session, PARK, NOON - timedelta(days=1)) if each.person == person)


def test_what_a_person_was_told_saw_and_said_is_counted(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.clock.pass_by(timedelta(seconds=20))
    field.says("malee", Answer.FALSE_ALARM)
    found = counted(field, "malee")
    assert (found.told, found.seen, found.to_seen) == (1, 1, timedelta(seconds=20))
    assert (found.false_alarm, found.our_patrol, found.ready) == (1, 0, 0)


def test_whoever_saw_nothing_has_no_time(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    found = counted(field, "malee")
    assert (found.told, found.seen, found.to_seen) == (1, 0, None)


def test_mutes_count_for_their_author_and_for_whoever_agreed(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    made = muting.mute(
        field.store, PARK, Wish(MuteKind.SILENCE, "malee", "a wedding", NOON, ends, cameras=("gate",)), NOON
    )
    muting.agree(field.store, PARK, made.number, "somchai", NOON)
    assert (counted(field, "malee").mutes, counted(field, "malee").agreed) == (1, 0)
    assert (counted(field, "somchai").mutes, counted(field, "somchai").agreed) == (0, 1)
