"""When not to tell aloud, and what nobody can hide alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.delivery import Kind
from alerts.mute import Effect, Mute, Muted, MuteKind, ends_next, muted
from alerts.route import TECHNICAL, Matter

NOW = datetime(2026, 3, 4, 20, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


def mute(kind: MuteKind = MuteKind.SILENCE, number: int = 1, *, by: str | None = None, **more: Any) -> Mute:
    """From an hour ago to in an hour, by Malee."""
    plain = Mute(number, kind, "malee", "a wedding", NOW - HOUR, NOW + HOUR, agreed_by=by)
    return replace(plain, **more)


def matter(*kinds: str, camera: str = "CAM-12", area: str = "east") -> Matter:
    return Matter(frozenset(kinds or {"person"}), area, camera, NOW, 2)


def effect(of: Matter, *mutes: Mute, person: str = "somchai", now: datetime = NOW) -> Effect | None:
    found = muted(of, person, mutes, now)
    return None if found is None else found.effect


def test_without_a_mute_all_is_heard() -> None:
    assert muted(matter(), "somchai", [], NOW) is None


def test_one_persons_silence_of_people_has_no_effect() -> None:
    assert effect(matter(), mute()) is None


def test_a_silence_that_a_second_person_agreed_to_holds_and_says_whose_it_is_and_why() -> None:
    assert muted(matter(), "somchai", [mute(by="desk")], NOW) == Muted(
        Effect.HELD, "silence 1 of malee, agreed by desk: a wedding"
    )


@pytest.mark.parametrize("kind", sorted(TECHNICAL))
def test_one_person_may_silence_a_thing_of_ours(kind: str) -> None:
    assert effect(matter(kind), mute(kinds=frozenset({kind}))) is Effect.HELD


@pytest.mark.parametrize(
    "kinds",
    [frozenset[str](), frozenset({"person"}), frozenset({"animal"}), frozenset({"tamper", "person"})],
    ids=["of all", "of people", "of animals", "of tampering and people"],
)
def test_a_silence_of_more_than_our_own_things_waits_for_a_second_person(kinds: frozenset[str]) -> None:
    waiting = mute(kinds=kinds)
    assert waiting.needs_agreement()
    assert all(effect(matter(kind), waiting) is None for kind in ("person", "animal", "tamper"))


def test_a_silence_of_animals_does_not_hide_the_people_who_lead_them() -> None:
    agreed = mute(kinds=frozenset({"animal"}), by="desk")
    assert effect(matter("animal"), agreed) is Effect.HELD
    assert effect(matter("animal", "person"), agreed) is None


def test_a_silence_of_our_own_things_hides_no_people_beside_them() -> None:
    assert effect(matter("tamper", "person"), mute(kinds=frozenset({"tamper"}))) is None


@pytest.mark.parametrize("kind", [kind for kind in MuteKind if kind is not MuteKind.SILENCE])
def test_only_a_silence_needs_a_second_person(kind: MuteKind) -> None:
    assert not mute(kind).needs_agreement()


@pytest.mark.parametrize("of", ["person", "vehicle", "animal", "poacher", *(str(kind) for kind in Kind)])
def test_a_patrol_only_ever_makes_quiet(of: str) -> None:
    found = muted(matter(of), "somchai", [mute(MuteKind.PATROL)], NOW)
    assert found is not None
    assert (found.effect, found.ours) == (Effect.QUIET, True)


@pytest.mark.parametrize("of", ["person", "vehicle", "animal", "poacher", *(str(kind) for kind in Kind)])
def test_maintenance_hides_what_the_work_causes_and_no_people(of: str) -> None:
    expected = Effect.HELD if of in TECHNICAL else None
    assert effect(matter(of), mute(MuteKind.MAINTENANCE)) is expected


def test_maintenance_hides_nothing_of_which_nobody_knows_what_it_is() -> None:
    assert effect(replace(matter(), kinds=frozenset()), mute(MuteKind.MAINTENANCE)) is None


def test_quiet_hours_are_their_own_persons_alone() -> None:
    mine = mute(MuteKind.QUIET_HOURS, person="malee")
    assert effect(matter(), mine, person="malee") is Effect.QUIET
    assert effect(matter(), mine, person="somchai") is None


@pytest.mark.parametrize(
    ("seconds", "holds"), [(-3601, False), (-3600, True), (0, True), (3599, True), (3600, False), (86_400, False)]
)
def test_a_mute_holds_from_its_beginning_until_just_before_its_end(seconds: int, holds: bool) -> None:
    found = effect(matter(), mute(by="desk"), now=NOW + timedelta(seconds=seconds))
    assert found is (Effect.HELD if holds else None)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        pytest.param({}, True, id="the whole park"),
        pytest.param({"cameras": frozenset({"CAM-12"})}, True, id="its camera"),
        pytest.param({"cameras": frozenset({"CAM-13"})}, False, id="another camera"),
        pytest.param({"areas": frozenset({"east"})}, True, id="its area"),
        pytest.param({"areas": frozenset({"west"})}, False, id="another area"),
        pytest.param({"cameras": frozenset({"CAM-13"}), "areas": frozenset({"east"})}, True, id="a camera, or an area"),
    ],
)
def test_a_mute_covers_its_cameras_and_its_areas(where: dict[str, Any], holds: bool) -> None:
    assert effect(matter(), mute(by="desk", **where)) is (Effect.HELD if holds else None)


def test_of_several_mutes_the_strongest_wins_in_any_order() -> None:
    quiet, held = mute(MuteKind.PATROL, 1, ends=NOW + 5 * HOUR), mute(number=2, by="desk")
    assert effect(matter(), quiet, held) is effect(matter(), held, quiet) is Effect.HELD


def test_a_silence_where_a_patrol_is_still_says_that_people_of_ours_are_there() -> None:
    found = muted(matter(), "somchai", [mute(MuteKind.PATROL), mute(number=2, by="desk")], NOW)
    assert found is not None
    assert found.ours


def test_of_two_as_strong_the_one_that_ends_last_is_named() -> None:
    found = muted(matter(), "somchai", [mute(by="desk"), mute(number=2, by="desk", ends=NOW + 2 * HOUR)], NOW)
    assert found is not None
    assert found.reason.startswith("silence 2 ")


def test_the_answer_may_change_at_the_next_beginning_or_end() -> None:
    mutes = [mute(), mute(begins=NOW + timedelta(minutes=5)), mute(ends=NOW - timedelta(minutes=5))]
    assert ends_next(mutes, NOW) == NOW + timedelta(minutes=5)
    assert ends_next(mutes, NOW + HOUR) is None


mutes = st.builds(
    Mute,
    st.integers(1, 9),
    st.sampled_from(MuteKind),
    st.sampled_from(["malee", "desk"]),
    st.just("why"),
    st.integers(-60, 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.integers(-60, 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.frozensets(st.sampled_from(["CAM-12", "CAM-13"])),
    st.frozensets(st.sampled_from(["east", "west"])),
    st.frozensets(st.sampled_from(["person", "animal", "tamper", "low-battery"])),
    st.sampled_from([None, "somchai"]),
    st.none() | st.just("chai"),
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(mutes, max_size=6), st.frozensets(st.sampled_from(["person", "animal", "tamper"])))
def test_no_heap_of_mutes_of_one_person_each_ever_hides_more_than_our_own_things(
    heap: list[Mute], kinds: frozenset[str]
) -> None:
    alone = [replace(each, agreed_by=None) for each in heap]
    if effect(replace(matter(), kinds=kinds), *alone) is Effect.HELD:
        assert kinds
        assert kinds <= TECHNICAL


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(mutes, max_size=6), st.integers(-90, 90))
def test_between_two_of_the_moments_that_are_named_nothing_changes(heap: list[Mute], minute: int) -> None:
    now = NOW + timedelta(minutes=minute)
    until = ends_next(heap, now) or now + timedelta(days=1)
    moments = [now, now + (until - now) / 2, until - timedelta(microseconds=1)]
    assert len({muted(matter(), "somchai", heap, moment) for moment in moments}) == 1
