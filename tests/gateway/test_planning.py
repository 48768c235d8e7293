"""Who is told when, as time passes: the whole way through the store, with a driven clock."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.delivery import Answer
from alerts.mute import MuteKind
from alerts.reply_words import ReplyWords
from gateway.conductor import Conductor
from gateway.store import muting, tables
from gateway.store.muting import BadMute, Wish
from tests.fixtures.scripted import NOON
from tests.gateway.field import PARK, Field


@pytest.fixture
def field(store_url: str) -> Iterator[Field]:
    field = Field(store_url)
    yield field
    field.store.close()


def test_whoever_is_on_shift_is_told_first_on_the_preferred_channel(field: Field) -> None:
    field.passes(field.gate)
    assert field.told() == {"malee": ["web"], "desk": ["web"]}


def test_without_an_answer_it_goes_up_the_line_at_the_parks_times(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.after(seconds=88)
    assert "somchai" in field.told()
    assert "chai" not in field.told()
    field.after(seconds=210)
    assert "chai" in field.told()
    field.after(seconds=300)
    assert "director" in field.told()


def test_an_answer_stops_the_escalation(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.says("malee", Answer.SEEN)
    field.after(hours=1)
    assert field.told().keys() == {"malee", "desk"}


def test_one_rangers_false_alarm_stops_nothing(field: Field) -> None:
    field.passes(field.gate)
    field.says("malee", Answer.FALSE_ALARM)
    field.after(seconds=91)
    assert "somchai" in field.told()


def test_the_timers_survive_a_new_conductor(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.conductor = Conductor(field.store, field.clock)
    field.after(seconds=88)
    assert "somchai" in field.told()


@pytest.mark.parametrize("trouble", ["refuses", "does not answer", "takes it and never shows it"])
def test_the_second_channel_has_it_within_a_minute(field: Field, trouble: str) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    if trouble == "refuses":
        for delivery in field.ledger.claim("web", field.clock.now(), timedelta(minutes=2), 100):
            field.ledger.refused(delivery, "blocked", field.clock.now())
    elif trouble == "takes it and never shows it":
        field.takes("web", shows=False)
    for _ in range(57):
        field.after(seconds=1)
    assert field.told()["malee"] == ["web", "telegram"]
    assert field.rows()["malee", "telegram"].decided_at <= NOON + timedelta(seconds=60)


def test_a_refusal_brings_the_second_channel_at_once(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    for delivery in field.ledger.claim("web", field.clock.now(), timedelta(minutes=2), 100):
        field.ledger.refused(delivery, "blocked", field.clock.now())
    field.after(seconds=1)
    assert field.told()["malee"] == ["web", "telegram"]


def test_what_the_phone_shows_needs_no_second_channel(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.after(seconds=50)
    assert field.told()["malee"] == ["web"]


def test_a_party_needs_two_and_the_officers_word(field: Field) -> None:
    field.passes(field.gate)
    assert field.says("malee", Answer.READY) is ReplyWords.MORE_WANTED
    assert field.says("desk", Answer.APPROVE) is ReplyWords.MORE_WANTED
    assert field.says("somchai", Answer.READY) is ReplyWords.READY
    assert field.rows()["desk", "web"].alarm == "approval-wanted"
    assert field.says("malee", Answer.APPROVE) is ReplyWords.NOT_ALLOWED
    assert field.says("desk", Answer.APPROVE) is ReplyWords.APPROVED
    assert field.says("desk", Answer.APPROVE) is ReplyWords.SOMEBODY_QUICKER
    assert field.rows()["malee", "web"].alarm == "approved"


def test_a_party_that_says_no_word_is_missed_and_everybody_who_can_help_is_told(field: Field) -> None:
    field.passes(field.gate)
    for person, said in (
        ("malee", Answer.READY), ("somchai", Answer.READY), ("desk", Answer.APPROVE), ("malee", Answer.ON_THE_WAY),
    ):  # fmt: skip
        field.says(person, said)
    field.after(seconds=800)
    field.says("malee", Answer.CHECK_IN)
    field.after(seconds=899)
    assert field.rows()["desk", "web"].alarm == "approved" or field.rows()["desk", "web"].alarm is None
    field.conductor = Conductor(field.store, field.clock)  # as after a kill
    field.after(seconds=2)
    assert {row.alarm for (person, _), row in field.rows().items() if person in {"desk", "chai"}} == {"overdue"}


def test_whoever_goes_alone_raises_the_alarm_at_once(field: Field) -> None:
    field.passes(field.gate)
    field.says("malee", Answer.ON_THE_WAY)
    assert field.rows()["desk", "web"].alarm == "overdue"
    assert field.rows()["chai", "web"].alarm == "overdue"


def test_a_call_for_help_reaches_everyone_who_can(field: Field) -> None:
    field.passes(field.gate)
    field.says("malee", Answer.HELP)
    assert field.told().keys() >= {"desk", "somchai", "chai"}
    assert {row.alarm for (person, _), row in field.rows().items() if person != "malee"} == {"help"}


def test_one_persons_silence_of_people_changes_nothing_until_a_second_agrees(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.SILENCE, "malee", "a wedding", field.clock.now(), ends, cameras=("gate",))
    made = muting.mute(field.store, PARK, wish, field.clock.now())
    field.passes(field.gate)
    assert field.rows()["malee", "web"].held is None
    with pytest.raises(BadMute, match="expected a second person"):
        muting.agree(field.store, PARK, made.number, "malee", field.clock.now())


def test_an_agreed_silence_holds_the_alert_back_and_shows_why_and_its_end_lets_it_go(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.SILENCE, "malee", "a wedding", field.clock.now(), ends, cameras=("gate",))
    made = muting.mute(field.store, PARK, wish, field.clock.now())
    muting.agree(field.store, PARK, made.number, "somchai", field.clock.now())
    field.passes(field.gate)
    row = field.rows()["malee", "web"]
    assert (row.held, row.due_at) == ("silence 1 of malee, agreed by somchai: a wedding", None)
    field.after(hours=2, seconds=1)
    assert field.rows()["malee", "web"].due_at is not None


def test_the_areas_chief_hears_of_each_mute(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.SILENCE, "malee", "a wedding", field.clock.now(), ends, cameras=("gate",))
    muting.mute(field.store, PARK, wish, field.clock.now())
    with field.store.reading() as session:
        rows = session.scalars(select(tables.Delivery).where(tables.Delivery.notice.is_not(None))).all()
    assert [row.person for row in rows] == ["chai"]


def test_a_planned_patrol_makes_alerts_quiet_and_marks_them(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.PATROL, "malee", "night walk", field.clock.now(), ends, cameras=("gate",))
    muting.mute(field.store, PARK, wish, field.clock.now())
    field.passes(field.gate)
    row = field.rows()["malee", "web"]
    assert row.quiet
    assert row.due_at is not None
    with field.store.reading() as session:
        assert session.scalars(select(tables.Incursion)).one().possibly_ours


def test_a_camera_that_misses_its_word_is_told_as_silent_once_and_as_back(field: Field) -> None:
    with field.store.writing() as session:
        camera = session.get_one(tables.Camera, (PARK, "gate"))
        camera.heard_at, camera.promised_by = NOON, NOON + timedelta(minutes=10)
    field.after(minutes=10)
    field.after(seconds=61)
    field.after(seconds=61)
    with field.store.reading() as session:
        kinds = [(row.kind, row.subject) for row in session.scalars(select(tables.Notice))]
    assert kinds == [("camera-silent", "gate")]
    with field.store.writing() as session:
        session.get_one(tables.Camera, (PARK, "gate")).promised_by = field.clock.now() + timedelta(minutes=10)
    field.after(seconds=1)
    with field.store.reading() as session:
        kinds = [row.kind for row in session.scalars(select(tables.Notice).order_by(tables.Notice.number))]
    assert kinds == ["camera-silent", "camera-back"]


def test_a_person_whom_a_channel_refuses_is_told_to_an_operator_once(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    for delivery in field.ledger.claim("web", field.clock.now(), timedelta(minutes=2), 100):
        if delivery.person == "malee":
            field.ledger.refused(delivery, "blocked", field.clock.now())
    field.after(seconds=1)
    field.after(seconds=1)
    with field.store.reading() as session:
        notices = session.scalars(select(tables.Notice)).all()
        assert [(row.kind, row.subject) for row in notices] == [("trouble", "web to malee")]
        people = session.scalars(select(tables.Delivery.person).where(tables.Delivery.notice.is_not(None))).all()
    assert people == ["desk"]


def test_pursuers_four_minutes_behind_suspects_are_kept_apart_and_marked(field: Field) -> None:
    """Suspects pass the gate and then the hill; an approved party of ours passes both four minutes after them."""
    field.passes(field.gate)
    for person, said in (("malee", Answer.READY), ("somchai", Answer.READY), ("desk", Answer.APPROVE)):
        field.says(person, said)
    field.clock.pass_by(timedelta(minutes=4))
    field.passes(field.gate, original=b"ours at the gate")
    field.clock.pass_by(timedelta(minutes=4))
    field.passes(field.hill, original=b"theirs on the hill")
    field.clock.pass_by(timedelta(minutes=4))
    field.passes(field.hill, original=b"ours on the hill")
    with field.store.reading() as session:
        sightings = session.scalars(select(tables.Sighting).order_by(tables.Sighting.opened_at)).all()
        suspects, ours = session.scalars(select(tables.Incursion).order_by(tables.Incursion.number)).all()
    assert [(row.camera, row.incursion) for row in sightings] == [("gate", 1), ("gate", 2), ("hill", 1), ("hill", 2)]
    assert (ours.possibly_ours, ours.follows) == (True, 1)
    assert suspects.cameras == ["gate", "hill"]


def due(field: Field, person: str) -> tuple[str, bool] | None:
    """Why and how this person's web delivery is due now; None when it is not."""
    row = field.rows()[person, "web"]
    return (row.reason, row.quiet) if row.due_at is not None and row.due_at <= field.clock.now() else None


def test_a_party_that_is_missed_a_second_time_rings_a_second_time(field: Field) -> None:
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    for person, said in (
        ("malee", Answer.READY), ("somchai", Answer.READY), ("desk", Answer.APPROVE), ("malee", Answer.ON_THE_WAY),
    ):  # fmt: skip
        field.says(person, said)
    field.takes("web")
    field.after(seconds=900)
    assert due(field, "desk") == ("overdue", False)
    field.takes("web")
    field.says("malee", Answer.CHECK_IN)
    field.after(seconds=30)
    field.takes("web")
    field.after(seconds=870)
    assert due(field, "desk") == ("overdue", False)


def test_a_call_for_help_is_loud_where_a_patrol_made_all_quiet(field: Field) -> None:
    wish = Wish(MuteKind.PATROL, "malee", "night walk", field.clock.now(), field.clock.now() + timedelta(hours=2))
    muting.mute(field.store, PARK, wish, field.clock.now())
    field.passes(field.gate)
    field.after(seconds=3)
    field.takes("web")
    field.says("malee", Answer.HELP)
    assert due(field, "desk") == ("help", False)


def test_what_a_mute_held_back_comes_out_by_one_channel_and_wakes_nobody_else_yet(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.SILENCE, "malee", "a wedding", field.clock.now(), ends, cameras=("gate",))
    made = muting.mute(field.store, PARK, wish, field.clock.now())
    muting.agree(field.store, PARK, made.number, "somchai", field.clock.now())
    field.passes(field.gate)
    field.after(hours=2, seconds=1)
    field.says("somchai", Answer.FALSE_ALARM)
    assert field.told() == {"malee": ["web"], "desk": ["web"]}


def test_a_notice_that_maintenance_held_back_comes_out_when_the_work_ends(field: Field) -> None:
    ends = field.clock.now() + timedelta(hours=2)
    wish = Wish(MuteKind.MAINTENANCE, "malee", "new battery", field.clock.now(), ends, cameras=("gate",))
    muting.mute(field.store, PARK, wish, field.clock.now())
    with field.store.writing() as session:
        camera = session.get_one(tables.Camera, (PARK, "gate"))
        camera.heard_at, camera.promised_by = NOON, NOON + timedelta(minutes=10)
    field.after(minutes=15)
    silent = tables.Delivery.notice == 2
    with field.store.reading() as session:
        assert all(row.held for row in session.scalars(select(tables.Delivery).where(silent)))
    field.after(hours=2)
    with field.store.reading() as session:
        rows = session.scalars(select(tables.Delivery).where(silent)).all()
        assert rows
        assert all(row.held is None and row.due_at is not None for row in rows)


def test_whoever_comes_after_it_was_declared_over_begins_another_incursion(field: Field) -> None:
    field.passes(field.gate)
    field.says("desk", Answer.FALSE_ALARM)
    field.after(minutes=3)
    field.passes(field.gate)
    with field.store.reading() as session:
        assert session.scalars(select(tables.Incursion.number)).all() == [1, 2]


def test_what_came_late_is_told_as_late(field: Field) -> None:
    at = field.clock.now()
    field.clock.pass_by(timedelta(hours=2))
    field.passes(field.gate, at=at)
    assert field.rows()["malee", "web"].reason == "first notification, late"


def test_no_village_hears_of_an_animal_beside_which_people_walk(field: Field) -> None:
    people = [
        {"name": "malee", "title": "Malee", "channels": [{"channel": "web", "address": "malee"}]},
        {"name": "ban", "title": "Ban", "role": "villager", "channels": [{"channel": "sms", "address": "+66810000"}]},
    ]  # fmt: skip
    field.lay_out(
        park={"name": PARK, "title": "Khao Yai", "zone": "Asia/Bangkok", "tell": ["animal"]},
        area=[{"name": "north", "title": "North", "team": "north"}],
        team=[{"name": "north", "title": "North", "members": ["malee"]}],
        person=people,
        route=[{"name": "village", "kinds": ["animal"], "people": ["ban"], "goes_on": True}],
    )
    field.passes(field.gate, labels=("elephant",))
    assert "ban" in field.told()
    field.clock.pass_by(timedelta(hours=1))
    field.passes(field.gate, labels=("elephant", "person"), original=b"another")
    with field.store.reading() as session:
        told = {(row.incursion, row.person) for row in session.scalars(select(tables.Delivery)) if row.held is None}
    assert (2, "malee") in told
    assert (2, "ban") not in told
