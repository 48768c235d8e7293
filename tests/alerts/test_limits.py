"""What a service allows in a time is kept, whatever comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels import TRAITS
from alerts.deliver import limits_of
from alerts.limits import Limit, Limits, Window

NOW = datetime(2026, 3, 4, 20, 40, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def crowded(gone: list[datetime], limit: Limit) -> bool:
    """Whether more than `most` lie within any span as long as the limit's."""
    return any(later - earlier < limit.within for earlier, later in zip(gone, gone[limit.most :], strict=False))


a_limit = st.builds(
    Limit, st.integers(1, 20), st.integers(1, 60).map(lambda seconds: timedelta(seconds=seconds)), st.integers(0, 8)
)
limits = st.lists(a_limit, min_size=1, max_size=3)
comings = st.lists(st.tuples(st.floats(0, 120), st.booleans()), min_size=1, max_size=80)


@settings(deadline=None)  # a busy machine is no failure
@given(limits, comings)
def test_never_more_goes_than_is_allowed_in_any_window(limits: list[Limit], comings: list[tuple[float, bool]]) -> None:
    window, gone, now = Window(limits), list[datetime](), NOW
    for seconds, new in sorted(comings):
        now = window.free_at(max(now, after(seconds)), new=new)
        window.went(now)
        gone.append(now)
    assert not any(crowded(gone, limit) for limit in limits)


@settings(deadline=None)  # a busy machine is no failure
@given(limits, st.integers(1, 60))
def test_edits_alone_leave_the_reserve_to_new_messages(limits: list[Limit], edits: int) -> None:
    window, gone, now = Window(limits), list[datetime](), NOW
    for _ in range(edits):
        now = window.free_at(now, new=False)
        window.went(now)
        gone.append(now)
    for limit in limits:
        allowed = max(1, limit.most - limit.reserved)
        assert not crowded(gone, Limit(allowed, limit.within))


def test_a_new_message_goes_at_once_where_edits_have_used_what_is_theirs() -> None:
    window = Window([Limit(20, MINUTE, reserved=8)])
    for _ in range(12):
        window.went(NOW)
    assert window.free_at(NOW, new=False) == after(60)
    assert window.free_at(NOW, new=True) == NOW


def test_what_is_free_is_free_now_and_never_before() -> None:
    assert Window([Limit(1, SECOND)]).free_at(NOW, new=True) == NOW


def test_a_limit_is_free_again_when_its_time_has_passed() -> None:
    window = Window([Limit(2, MINUTE)])
    window.went(NOW)
    window.went(after(10))
    assert window.free_at(after(20), new=True) == after(60)
    assert window.free_at(after(61), new=True) == after(61)


@pytest.fixture
def ours() -> Limits:
    """As Telegram's: so many overall, one a second to each chat, and fewer to a group."""
    return Limits(
        overall=(Limit(30, SECOND),),
        each=(Limit(1, SECOND),),
        in_group=(Limit(20, MINUTE, reserved=8),),
        group_mark="-",
    )


def test_an_address_that_was_just_told_rests_and_holds_no_other_up(ours: Limits) -> None:
    ours.went("malee", NOW)
    assert ours.resting(after(0.5)).all == {"malee"}
    assert ours.free_at(after(0.5)) == after(0.5)
    assert ours.resting(after(1)).all == frozenset()


def test_a_paused_address_rests_until_then_and_holds_no_other_up(ours: Limits) -> None:
    ours.pause("malee", after(30))
    assert ours.resting(after(29)).all == ours.resting(after(29)).edits == {"malee"}
    assert ours.free_at(after(1)) == after(1)
    assert ours.next_free(after(1)) == after(30)
    assert ours.resting(after(30)).all == frozenset()


def test_what_waited_for_a_pause_goes_one_by_one_even_where_no_limit_was_known() -> None:
    unknown = Limits()
    unknown.pause("malee", after(30))
    unknown.went("malee", after(30))
    assert unknown.resting(after(30.5)).all == {"malee"}
    assert unknown.resting(after(31)).all == frozenset()


def test_a_group_has_its_own_limit_beside(ours: Limits) -> None:
    for second in range(20):
        ours.went("-7", after(second))
        ours.went("malee", after(second))
    assert ours.resting(after(21)).all == {"-7"}


def test_a_groups_edits_stop_before_its_new_messages(ours: Limits) -> None:
    for second in range(12):
        ours.went("-7", after(second))
    assert ours.resting(after(13)).edits == {"-7"}
    assert ours.resting(after(13)).all == frozenset()
    assert ours.next_free(after(13)) == after(60)


def test_the_limit_over_all_addresses_counts_every_one_of_them(ours: Limits) -> None:
    for number in range(30):
        ours.went(f"ranger-{number}", NOW)
    assert ours.free_at(after(0.2)) == after(1)


def test_without_limits_nothing_rests() -> None:
    none = Limits()
    none.went("malee", NOW)
    assert (none.free_at(NOW), none.resting(NOW).all, none.next_free(NOW)) == (NOW, frozenset(), None)


@pytest.mark.parametrize("channel", sorted(TRAITS))
def test_every_channels_limits_are_kept_from_its_traits(channel: str) -> None:
    kept, traits, now, gone = limits_of(channel), TRAITS[channel], NOW, list[datetime]()
    for _ in range(40):
        while "-1" in kept.resting(now).all or kept.free_at(now) > now:
            now = max(kept.free_at(now), kept.next_free(now) or now)
        kept.went("-1", now)
        gone.append(now)
    asked = [*traits.overall, *([Limit(1, traits.apart)] if traits.apart else [])]
    asked += traits.in_group if traits.group_mark == "-" else ()
    assert not any(crowded(gone, limit) for limit in asked)
