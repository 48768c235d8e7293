from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alerts.decide import Due, Known, Pace, Said, due

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
