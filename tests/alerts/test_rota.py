"""Who of a team is on duty, by the park's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rota import Exchange, OnDuty, Rota, Shift, holes, on_duty, within

BANGKOK = ZoneInfo("Asia/Bangkok")
BERLIN = ZoneInfo("Europe/Berlin")
"""Puts its clocks forward at 02:00 on Sunday 29 March 2026, and back at 03:00 on Sunday 25 October."""

EVERY_DAY = frozenset(range(7))
MONDAY = date(2026, 3, 2)
DAY = Shift(EVERY_DAY, time(6), time(18), ("malee",), officer="desk")
NIGHT = Shift(EVERY_DAY, time(18), time(6), ("somchai",))
TEAM = ("malee", "somchai", "chai", "desk")


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = BANGKOK) -> datetime:
    """Of March 2026, whose 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=zone)


def test_the_shift_that_runs_is_on_duty_with_its_officer_and_the_rest_is_next_in_line() -> None:
    assert on_duty(Rota(TEAM, (DAY, NIGHT)), at(2, 12)) == OnDuty(
        members=("malee", "desk"), officers=("desk",), reserve=("somchai", "chai"), reason="on shift"
    )


@pytest.mark.parametrize(
    ("hour", "minute", "who"),
    [
        (5, 59, ("somchai",)),
        (6, 0, ("malee", "desk")),
        (17, 59, ("malee", "desk")),
        (18, 0, ("somchai",)),
        (0, 0, ("somchai",)),
    ],
)
def test_a_shift_begins_on_its_minute_and_ends_before_its_end(hour: int, minute: int, who: tuple[str, ...]) -> None:
    assert on_duty(Rota(TEAM, (DAY, NIGHT)), at(3, hour, minute)).members == who


@pytest.mark.parametrize(
    ("day", "hour", "runs"),
    [
        pytest.param(6, 17, False, id="Friday before it begins"),
        pytest.param(6, 23, True, id="Friday night"),
        pytest.param(7, 5, True, id="Saturday morning, begun on Friday"),
        pytest.param(7, 7, False, id="Saturday after its end"),
        pytest.param(7, 23, False, id="Saturday night"),
        pytest.param(6, 5, False, id="Friday morning, not begun on Thursday"),
    ],
)
def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins(day: int, hour: int, runs: bool) -> None:
    friday_night = Shift(frozenset({4}), time(18), time(6), ("malee",))
    assert (on_duty(Rota(TEAM, (friday_night,)), at(day, hour)).reason == "on shift") is runs


@pytest.mark.parametrize(("day", "hour", "runs"), [(2, 6, True), (3, 5, True), (3, 6, False), (2, 5, False)])
def test_a_shift_that_ends_when_it_begins_lasts_a_whole_day(day: int, hour: int, runs: bool) -> None:
    mondays = Shift(frozenset({0}), time(6), time(6), ("malee",))
    assert (on_duty(Rota(TEAM, (mondays,)), at(day, hour)).reason == "on shift") is runs


def test_a_shift_from_midnight_to_midnight_is_that_day_alone() -> None:
    mondays = Rota(TEAM, (Shift(frozenset({0}), time(0), time(0), ("malee",)),))
    hours = [at(2, 0) + timedelta(hours=hour) for hour in range(-1, 25)]
    assert [on_duty(mondays, hour).reason == "on shift" for hour in hours] == [False] + [True] * 24 + [False]


def test_two_shifts_that_overlap_are_both_on_duty_and_nobody_twice() -> None:
    both = Rota(TEAM, (DAY, Shift(EVERY_DAY, time(12), time(20), ("malee", "chai"), officer="desk")))
    assert on_duty(both, at(2, 13)).members == ("malee", "chai", "desk")


def test_a_hole_in_the_rota_is_the_whole_team() -> None:
    duty = on_duty(Rota(TEAM, (DAY,)), at(2, 3))
    assert (duty.members, duty.reserve, duty.reason) == (TEAM, (), "its rota has a hole now: the whole team")


def test_a_team_without_a_rota_is_all_on_duty() -> None:
    assert on_duty(Rota(TEAM), at(2, 3)).reason == "it has no rota: the whole team"


def test_whoever_only_a_shift_names_is_of_the_team_too() -> None:
    """A park may write its shifts and no list of members: then a hole must not be nobody."""
    assert on_duty(Rota((), (DAY,)), at(2, 3)).members == ("malee", "desk")
    assert on_duty(Rota((), (DAY, NIGHT)), at(2, 3)).reserve == ("malee", "desk")


def test_a_shift_that_names_nobody_is_a_hole() -> None:
    assert on_duty(Rota(TEAM, (Shift(EVERY_DAY, time(0), time(0), ()),)), at(2, 3)).members == TEAM


def test_an_exchange_takes_the_place_of_the_shift_that_would_run() -> None:
    exchange = Exchange(at(2, 12), at(2, 15), ("chai",), officer="malee")
    rota = Rota(TEAM, (DAY, NIGHT), (exchange,))
    assert [on_duty(rota, at(2, hour)).members for hour in (11, 12, 14, 15)] == [
        ("malee", "desk"), ("chai", "malee"), ("chai", "malee"), ("malee", "desk"),
    ]  # fmt: skip
    assert on_duty(rota, at(2, 12)).reason == "an exchange of shifts"


def test_an_exchange_that_names_nobody_is_a_hole_rather_than_silence() -> None:
    rota = Rota(TEAM, (DAY, NIGHT), (Exchange(at(2, 0), at(3, 0), ()),))
    assert on_duty(rota, at(2, 12)).members == TEAM


def test_shifts_go_by_the_parks_clock_and_not_by_utc() -> None:
    moment = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 06:30 on Monday in Bangkok, 00:30 in Berlin
    rota = Rota(TEAM, (DAY, NIGHT))
    assert on_duty(rota, moment.astimezone(BANGKOK)).members == ("malee", "desk")
    assert on_duty(rota, moment.astimezone(BERLIN)).members == ("somchai",)


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)])
def test_on_the_days_when_clocks_change_somebody_is_on_shift_every_minute(day: datetime) -> None:
    rota = Rota(TEAM, (DAY, NIGHT))
    minutes = [(day + timedelta(minutes=minute)).astimezone(BERLIN) for minute in range(36 * 60)]
    assert {on_duty(rota, minute).reason for minute in minutes} == {"on shift"}
    assert all((on_duty(rota, each).members == ("somchai",)) is (each.hour >= 18 or each.hour < 6) for each in minutes)


def test_in_the_hour_that_comes_twice_the_shift_runs_twice() -> None:
    early = Rota(TEAM, (Shift(EVERY_DAY, time(2), time(3), ("malee",)),))
    begins = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 in Berlin, for the first time
    runs = [
        on_duty(early, (begins + timedelta(minutes=minute)).astimezone(BERLIN)).reason == "on shift"
        for minute in range(-1, 121)
    ]
    assert runs == [False] + [True] * 120 + [False]


def test_the_holes_of_a_week_are_found_to_the_minute() -> None:
    weekdays = Shift(frozenset(range(5)), time(6), time(18), ("malee",))
    nights = Shift(frozenset(range(6)), time(18), time(6, 30), ("somchai",))
    found = [(begins.isoformat(" ", "minutes"), ends.isoformat(" ", "minutes"))
             for begins, ends in holes(Rota(TEAM, (weekdays, nights)), MONDAY)]  # fmt: skip
    assert found == [
        ("2026-03-02 00:00", "2026-03-02 06:00"),
        ("2026-03-07 06:30", "2026-03-07 18:00"),
        ("2026-03-08 06:30", "2026-03-09 00:00"),
    ]


def test_a_rota_without_a_gap_has_no_hole_and_neither_has_a_team_without_a_rota() -> None:
    assert holes(Rota(TEAM, (DAY, NIGHT)), MONDAY) == ()
    assert holes(Rota(TEAM), MONDAY) == ()


def test_equal_ends_are_the_whole_day() -> None:
    assert all(within(time(7), time(7), time(hour)) for hour in range(24))


times = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
names = st.sampled_from(["malee", "somchai", "chai", "desk"])
shifts = st.builds(
    Shift,
    days=st.frozensets(st.integers(0, 6)),
    begins=times,
    ends=times,
    members=st.lists(names, max_size=3).map(tuple),
    officer=st.none() | names,
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.sampled_from([BANGKOK, BERLIN]))  # noqa: DTZ001 - hypothesis adds the zone


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(names, unique=True).map(tuple), st.lists(shifts, max_size=4).map(tuple), moments)
def test_a_team_of_anybody_always_has_somebody_on_duty_and_leaves_nobody_out(
    members: tuple[str, ...], shifts: tuple[Shift, ...], moment: datetime
) -> None:
    rota = Rota(members, shifts)
    duty = on_duty(rota, moment)
    assert bool(duty.members) is bool(rota.team)
    assert set(duty.members) | set(duty.reserve) == set(rota.team)
    assert not set(duty.members) & set(duty.reserve)
    assert set(duty.officers) <= set(duty.members)
    assert len(set(duty.members)) == len(duty.members)


@settings(deadline=None)  # a busy machine is no failure
@given(times, times, times)
def test_a_span_and_the_rest_of_the_day_are_a_whole_day(begins: time, ends: time, at: time) -> None:
    assert begins == ends or within(begins, ends, at) is not within(ends, begins, at)
