"""What people say in a chat: who is obeyed, and what comes of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.delivery import Answer
from alerts.heard import Heard
from gateway.hearing import Hearing
from gateway.store import tables
from tests.gateway.field import PARK, Field, chat


@pytest.fixture
def field(store_url: str) -> Iterator[Field]:
    field = Field(store_url)
    yield field
    field.store.close()


@pytest.fixture
def hearing(field: Field) -> Hearing:
    return Hearing(field.store, field.clock, photo=lambda path, detections: b"jpeg")  # noqa: ARG005 - a PhotoReader


def word(field: Field, text: str, by: str = "malee") -> Heard:
    return Heard("telegram", chat(by), chat(by), field.clock.now(), text=text)


def button(field: Field, answer: Answer, by: str, delivery: int) -> Heard:
    return Heard("telegram", chat(by), chat(by), field.clock.now(), answer=answer, delivery=delivery)


def said(hearing: Hearing, heard: Heard) -> str:
    reply = hearing.heard(heard)
    assert reply is not None
    return reply.text


def by_telegram(field: Field) -> int:
    """malee's delivery on telegram, after her phone page did not show it."""
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web", shows=False)
    field.after(seconds=41)
    field.takes("telegram")
    return field.rows()["malee", "telegram"].number


def test_a_button_in_the_own_chat_is_an_answer(field: Field, hearing: Hearing) -> None:
    number = by_telegram(field)
    assert said(hearing, button(field, Answer.SEEN, "malee", number)) == "Seen. Thank you."
    assert field.rows()["malee", "telegram"].seen_at == field.clock.now()


def test_a_button_of_somebody_elses_alert_is_refused(field: Field, hearing: Hearing) -> None:
    number = by_telegram(field)
    assert said(hearing, button(field, Answer.SEEN, "somchai", number)) == "You may not do that."
    assert answers(field) == []


def test_a_stranger_is_not_obeyed_and_learns_nothing(field: Field, hearing: Hearing) -> None:
    stranger = Heard("telegram", "666", "666", field.clock.now(), text="status")
    assert said(hearing, stranger) == "Only people of this park can answer here."


def test_a_stranger_in_a_group_gets_no_answer_at_all(field: Field, hearing: Hearing) -> None:
    assert hearing.heard(Heard("telegram", "666", "-815", field.clock.now(), text="/status")) is None


def test_a_receipt_of_the_service_marks_the_delivery_as_shown(field: Field, hearing: Hearing) -> None:
    number = by_telegram(field)
    with field.store.writing() as session:
        session.get_one(tables.Delivery, number).delivered_at = None
    hearing.heard(Heard("telegram", chat("malee"), chat("malee"), field.clock.now(), delivered=f"m{number}"))
    assert field.rows()["malee", "telegram"].delivered_at == field.clock.now()
    assert field.rows()["malee", "telegram"].seen_at is None


def test_status_says_which_cameras_are_silent_and_what_was_last(field: Field, hearing: Hearing) -> None:
    field.passes(field.gate)
    assert said(hearing, word(field, "status")).splitlines() == [
        "All cameras are heard.", "1 · 1 person · The gate", "Sun 1 Feb 12:00",
    ]  # fmt: skip


def test_a_silence_by_chat_waits_for_a_second_person_and_then_holds(field: Field, hearing: Hearing) -> None:
    assert said(hearing, word(field, "silence gate 2h a wedding")).startswith("Alerts of gate wait for a second person")
    assert said(hearing, word(field, "agree 1")).endswith("expected a second person")
    assert said(hearing, word(field, "agree 1", by="somchai")).startswith("Quiet until 14:00")
    field.passes(field.gate)
    assert field.rows()["malee", "web"].held is not None


def test_a_patrol_by_chat_makes_quiet_at_once(field: Field, hearing: Hearing) -> None:
    assert said(hearing, word(field, "patrol gate 18:00 we check the fence")).startswith("Quiet until 18:00")
    field.passes(field.gate)
    assert field.rows()["malee", "web"].quiet


def test_anybody_of_the_park_may_lift_a_mute(field: Field, hearing: Hearing) -> None:
    said(hearing, word(field, "patrol gate 18:00"))
    assert said(hearing, word(field, "lift 1", by="somchai")) == "Nothing is muted."
    field.passes(field.gate)
    assert not field.rows()["malee", "web"].quiet


@pytest.mark.parametrize("text", ["silence nowhere 2h x", "photo nowhere"])
def test_a_camera_that_there_is_not_is_named(field: Field, hearing: Hearing, text: str) -> None:
    assert said(hearing, word(field, text)) == "No camera nowhere."


def test_an_unknown_word_is_given_back_with_those_there_are(field: Field, hearing: Hearing) -> None:
    assert said(hearing, word(field, "abracadabra")).startswith("Not known: abracadabra. Try: status")


def test_an_answer_to_a_closed_incursion_says_how_it_ended(field: Field, hearing: Hearing) -> None:
    number = by_telegram(field)
    field.says("desk", Answer.NOTHING_FOUND)
    assert said(hearing, button(field, Answer.READY, "malee", number)).startswith("This incursion is over:")


def test_of_two_who_say_false_alarm_the_second_closes_it(field: Field, hearing: Hearing) -> None:
    number = by_telegram(field)
    said(hearing, button(field, Answer.FALSE_ALARM, "malee", number))
    field.says("somchai", Answer.FALSE_ALARM)
    field.clock.pass_by(timedelta(seconds=1))
    assert said(hearing, button(field, Answer.SEEN, "malee", number)).startswith("This incursion is over:")


def answers(field: Field) -> list[str]:
    with field.store.reading() as session:
        return list(session.scalars(select(tables.Answer.answer).where(tables.Answer.park == PARK)))
