from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.decide import Due, Known, Pace, Said, due
from alerts.delivery import Alarm

PACE = Pace(photo_wait=timedelta(seconds=3), photo_interval=timedelta(seconds=1), edit_interval=timedelta(seconds=10))
STORED = datetime(2026, 3, 4, 20, 40, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return STORED + timedelta(seconds=seconds)


FIRST = "first notification"


def test_with_its_photo_it_is_told_at_once() -> None:
    assert due(Known(1, STORED, has_photo=True), None, after(0.4), PACE) == Due(after(0.4), FIRST, anew=True)


def test_without_a_photo_it_waits_for_one_from_the_commit_of_the_text() -> None:
    assert due(Known(1, STORED, has_photo=False), None, after(0.4), PACE) == Due(after(3), FIRST, anew=True)


def test_once_the_wait_for_the_photo_is_over_it_is_told_at_once() -> None:
    assert due(Known(1, STORED, has_photo=False), None, after(60), PACE) == Due(after(60), FIRST, anew=True)


def test_what_has_been_told_is_not_told_again() -> None:
    assert due(Known(2, STORED, has_photo=True), Said(2, True, after(1)), after(60), PACE) is None


def test_the_first_photo_follows_its_text_quickly() -> None:
    said = Said(1, False, after(3))
    assert due(Known(2, STORED, has_photo=True), said, after(3.1), PACE) == Due(after(4), "photo came")


def test_growth_is_told_when_the_last_edit_is_long_enough_ago() -> None:
    said = Said(1, True, after(3))
    assert due(Known(2, STORED, has_photo=True), said, after(5), PACE) == Due(after(13), "grew")


def test_growth_after_a_long_quiet_is_told_at_once() -> None:
    said = Said(1, True, after(3))
    assert due(Known(9, STORED, has_photo=True), said, after(50), PACE) == Due(after(50), "grew")


def test_growth_without_a_photo_is_told_as_growth() -> None:
    said = Said(1, False, after(3))
    assert due(Known(2, STORED, has_photo=False), said, after(60), PACE) == Due(after(60), "grew")


@settings(deadline=None)  # a busy machine is no failure
@given(
    arrivals=st.lists(st.floats(0, 120), min_size=1, max_size=60),
    photo_at=st.floats(0, 120),
)
def test_every_revision_is_told_and_edits_keep_their_distance(arrivals: list[float], photo_at: float) -> None:
    """Plays a telling that always succeeds at the moment it is due, against revisions at any moments."""
    changes = sorted({0.0, photo_at, *arrivals})
    said: Said | None = None
    told_at: list[datetime] = []
    for revision, change in enumerate(changes, start=1):
        following = after(changes[revision]) if revision < len(changes) else after(10_000)
        known = Known(revision, STORED, has_photo=change >= photo_at)
        while (
            next_telling := due(known, said, max(after(change), told_at[-1] if told_at else STORED), PACE)
        ) is not None:
            if next_telling.at >= following:
                break
            told_at.append(next_telling.at)
            said = Said(revision, known.has_photo, next_telling.at)
    assert said is not None
    assert said.revision == len(changes)
    assert all(later - earlier >= PACE.photo_interval for earlier, later in pairwise(told_at))
    short = [later - earlier < PACE.edit_interval for earlier, later in pairwise(told_at)]
    assert sum(short) <= 1  # the one that brings the first photo


def seen(revision: int = 2, cameras: int = 1, last: float = 0, **more: Any) -> Known:
    return Known(revision, STORED, has_photo=True, cameras=cameras, last_at=after(last), **more)


def told(revision: int = 1, cameras: int = 1, last: float = 0, at: float = 1, **more: Any) -> Said:
    """By a new message at `at`."""
    plain = Said(revision, True, after(at), after(at), cameras, after(last))
    return replace(plain, **more)


def test_late_news_is_told_as_late() -> None:
    late = Known(1, STORED, has_photo=True, late=True)
    assert due(late, None, after(1), PACE) == Due(after(1), "first notification, late", anew=True)


def test_another_camera_is_told_by_a_message_of_its_own() -> None:
    assert due(seen(cameras=2, last=100), told(), after(101), PACE) == Due(after(101), "new camera", anew=True)


def test_a_message_of_its_own_keeps_its_distance_from_the_last_one() -> None:
    assert due(seen(cameras=2, last=28), told(at=1, revision=2), after(29), PACE) == Due(
        after(31), "new camera", anew=True
    )


def test_what_an_edit_has_told_sooner_still_makes_its_sound() -> None:
    """The edit is due ten seconds after the last word, the message thirty: the first must not swallow the second."""
    known = seen(cameras=2, last=5)
    assert due(known, told(), after(6), PACE) == Due(after(11), "grew")
    edited = told(revision=2, at=11, new_at=after(1))
    assert due(known, edited, after(11), PACE) == Due(after(31), "new camera", anew=True)


def test_several_cameras_in_between_are_told_by_one_message() -> None:
    assert due(seen(9, cameras=6, last=29), told(9), after(30), PACE) == Due(after(31), "new camera", anew=True)
    assert due(seen(9, cameras=6, last=29), told(9, cameras=6, at=31), after(31), PACE) is None


def test_a_party_that_nobody_saw_for_long_has_come_back() -> None:
    assert due(seen(last=700), told(last=0), after(701), PACE) == Due(after(701), "came back", anew=True)


def test_a_party_that_was_just_seen_has_not() -> None:
    found = due(seen(last=500), told(last=0), after(501), PACE)
    assert found == Due(after(501), "grew")


def test_to_a_quiet_phone_news_is_an_edit() -> None:
    assert due(seen(cameras=5, last=700, quiet=True), told(), after(701), PACE) == Due(after(701), "grew")


def test_the_first_notification_comes_to_a_quiet_phone_too() -> None:
    assert due(seen(quiet=True), None, after(1), PACE) == Due(after(1), "first notification", anew=True)


def test_when_the_quiet_ends_what_is_going_on_makes_its_sound() -> None:
    edited = told(revision=2, at=100, new_at=after(1))
    assert due(seen(cameras=2, last=95, quiet=True), edited, after(200), PACE) is None
    assert due(seen(cameras=2, last=95), edited, after(200), PACE) == Due(after(200), "new camera", anew=True)


def test_when_the_quiet_ends_what_is_long_past_makes_none() -> None:
    edited = told(revision=2, at=100, new_at=after(1))
    assert due(seen(cameras=2, last=95), edited, after(5000), PACE) is None


@pytest.mark.parametrize("alarm", list(Alarm))
@pytest.mark.parametrize("quiet", [False, True])
def test_an_alarm_is_told_at_once_by_a_message_of_its_own_even_to_a_quiet_phone(alarm: Alarm, quiet: bool) -> None:
    assert due(seen(1, alarm=alarm, quiet=quiet), told(at=4), after(5), PACE) == Due(after(5), alarm, anew=True)


def test_a_first_notification_with_an_alarm_waits_for_no_photo() -> None:
    alarmed = Known(1, STORED, has_photo=False, alarm=Alarm.HELP)
    assert due(alarmed, None, after(0.1), PACE) == Due(after(0.1), "first notification", anew=True)


def test_an_alarm_that_was_told_is_not_told_again() -> None:
    assert due(seen(1, alarm=Alarm.HELP), told(alarm=Alarm.HELP), after(500), PACE) is None


def test_an_alarm_goes_before_all_else_that_is_due() -> None:
    found = due(seen(5, cameras=3, last=99, alarm=Alarm.OVERDUE), told(), after(100), PACE)
    assert found == Due(after(100), "overdue", anew=True)


def test_another_alarm_is_told_on_its_own() -> None:
    found = due(seen(1, alarm=Alarm.HELP), told(alarm=Alarm.OVERDUE), after(100), PACE)
    assert found == Due(after(100), "help", anew=True)


def test_an_alarm_that_is_over_is_news_and_no_alarm() -> None:
    assert due(seen(2), told(alarm=Alarm.HELP), after(100), PACE) == Due(after(100), "grew")


changes = st.lists(st.tuples(st.floats(0, 3000), st.integers(1, 10), st.booleans()), min_size=1, max_size=40)


@settings(deadline=None)  # a busy machine is no failure
@given(changes)
def test_in_a_storm_nobody_gets_more_than_one_message_per_camera_and_none_too_close(
    changes: list[tuple[float, int, bool]],
) -> None:
    """Cameras join at any moments; the phone is told whenever it is due."""
    said: Said | None = None
    messages: list[tuple[datetime, str]] = []
    cameras, now = 0, STORED
    moments = sorted(changes)
    for revision, (at, more, quiet) in enumerate(moments, start=1):
        cameras = min(10, max(cameras, more))
        known = Known(revision, STORED, has_photo=True, cameras=cameras, last_at=after(at), quiet=quiet)
        following = after(moments[revision][0]) if revision < len(moments) else after(10_000)
        now = max(now, after(at))
        while (found := due(known, said, now, PACE)) is not None and found.at < following:
            now = found.at
            said = Said(
                revision, True, now, now if found.anew else said and said.new_at,
                cameras if found.anew or said is None else said.cameras,
                known.last_at if found.anew or said is None else said.last_at,
            )  # fmt: skip
            if found.anew:
                messages.append((now, found.reason))
    assert all(later - earlier >= PACE.anew_interval for (earlier, _), (later, _) in pairwise(messages))
    assert [reason for _, reason in messages].count("new camera") <= 9
    assert said is not None
    assert said.revision == len(moments)


@settings(deadline=None)  # a busy machine is no failure
@given(changes)
def test_no_camera_that_is_still_news_is_left_without_its_sound(changes: list[tuple[float, int, bool]]) -> None:
    cameras = max(more for _, more, _ in changes)
    last = max(at for at, _, _ in changes)
    known = Known(9, STORED, has_photo=True, cameras=cameras, last_at=after(last))
    found = due(known, told(9, at=last, new_at=after(last)), after(last), PACE)
    assert (found is not None and found.anew) is (cameras > 1 or last >= 600)
