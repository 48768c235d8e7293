"""Whom an incursion is told, over which channel, and from when on: asked at each moment that a plan names."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.delivery import Alarm, Answer
from alerts.mute import Mute, MuteKind
from alerts.plan import Plan, Situation, Timers, Tried, Wanted, plan, superiors
from alerts.response import Answered, Rules, State, fold
from alerts.rota import Rota, Shift
from alerts.route import OPERATOR, Area, Directory, Matter, Person, Reach, Route, may_hear

BEGUN = datetime(2026, 3, 5, 3, 40, tzinfo=ZoneInfo("Asia/Bangkok"))
ALL_DAY = Shift(frozenset(range(7)), time(0), time(0), ("malee",), officer="desk")
RULES = Rules()
TIMERS = Timers()
GROUP = "-1001"


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def person(
    name: str, *channels: str, role: str = "ranger", superior: str | None = None, villager: bool = False
) -> Person:
    """Each channel with its address: the person's name, or what stands behind the colon."""
    ways = [channel.partition(":") for channel in channels or ("telegram", "sms")]
    return Person(name, role, tuple(Reach(way, to or name) for way, _, to in ways), superior, villager)


PEOPLE = (
    person("malee"),
    person("desk", role=OPERATOR),
    person("somchai"),
    person("nok"),
    person("chai", superior="director"),
    person("director", superior="minister"),
    person("minister", superior="director"),  # a loop
    person("desk-2", role=OPERATOR),
)


def directory(*changed: Person, routes: tuple[Route, ...] = (), rota: Rota | None = None) -> Directory:
    """Malee is on shift with the officer Desk; Somchai, then Nok are next in line; Chai is the area's chief."""
    people = {each.name: each for each in (*PEOPLE, *changed)}
    rota = rota or Rota(("malee", "somchai", "nok", "desk"), (ALL_DAY,))
    return Directory({"east": Area("east", "East", "east", "chai")}, {"east": rota}, people, routes)


def matter(*kinds: str, camera: str = "CAM-12", severity: int = 2, area: str = "east") -> Matter:
    return Matter(frozenset(kinds or {"person"}), area, camera, BEGUN, severity)


def mute(kind: MuteKind = MuteKind.SILENCE, *, until: float = 7200, **more: Any) -> Mute:
    return Mute(1, kind, "malee", "a wedding", BEGUN - timedelta(hours=1), after(until), agreed_by="chai", **more)


@dataclass
class Stage:
    """Plays a gateway: plans at each change and each wake, keeps the deliveries, and lets channels behave."""

    directory: Directory = field(default_factory=directory)
    matters: tuple[Matter, ...] = (matter(),)
    mutes: tuple[Mute, ...] = ()
    answers: list[Answered] = field(default_factory=list[Answered])
    channels: frozenset[str] | None = None
    ringing: frozenset[str] = frozenset()
    timers: Timers = TIMERS
    refuses: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    """Channels that never accept."""
    shows: tuple[str, ...] = ("telegram", "sms", "web", "voice")
    """Channels whose phones say that they show it."""
    takes_s: float = 1
    now: datetime = BEGUN
    rows: list[Tried] = field(default_factory=list[Tried])
    log: list[tuple[float, Wanted]] = field(default_factory=list[tuple[float, Wanted]])
    wakes: list[datetime] = field(default_factory=list[datetime])

    def state(self) -> State:
        return fold(self.answers, RULES)

    def situation(self) -> Situation:
        state = self.state()
        alarm = state.alarm(RULES, self.now)
        wanted = alarm if alarm in {Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVAL_WANTED} else None
        tried = tuple(self.rows)
        return Situation(
            self.directory, self.matters, BEGUN, state, self.mutes, tried, self.channels, wanted, self.ringing
        )

    def plan(self) -> Plan:
        planned = plan(self.situation(), self.timers, self.now)
        for each in planned.wanted:
            self.log.append(((self.now - BEGUN).total_seconds(), each))
            held = [row for row in self.rows if row.held and (row.person, row.channel) == (each.person, each.channel)]
            self.rows = [row for row in self.rows if row not in held]
            self.rows.append(
                Tried(
                    each.person, each.channel, each.rank, self.now, held=each.held is not None,
                    group=each.address.startswith("-"), address=each.address,
                )
            )  # fmt: skip
        return planned

    def says(self, name: str, answer: Answer) -> None:
        self.answers.append(Answered(name, answer, self.now, may_decide=name in {"desk", "chai", "desk-2"}))

    def until(self, seconds: float) -> Plan:
        """Plan whenever a plan wants it or a channel has changed something, until then."""
        while True:
            planned = self.plan()
            if self.channels_act():
                continue
            moments = [planned.wake_at, *self.acts_at()]
            following = min((each for each in moments if each is not None and each > self.now), default=None)
            if following is None or following > after(seconds):
                self.now = after(seconds)
                self.channels_act()
                return self.plan()
            self.wakes.append(following)
            self.now = following

    def acts_at(self) -> list[datetime]:
        """When a channel says something. One that does not wakes nobody: the plan's own timers have to."""
        silent = set(self.ignores) - set(self.refuses)
        acting = [row for row in self.rows if row.accepted_at is None and row.channel not in silent]
        return [row.decided_at + timedelta(seconds=self.takes_s) for row in acting]

    def channels_act(self) -> bool:
        """Each takes or refuses what has waited so long; whether anything changed."""
        before, due = self.rows, self.now - timedelta(seconds=self.takes_s)
        self.rows = [
            self.acted(row) if row.accepted_at is None and not row.held and row.decided_at <= due else row
            for row in before
        ]
        return self.rows != before

    def acted(self, row: Tried) -> Tried:
        if row.channel in self.refuses:
            return replace(row, over=True)
        if row.channel in self.ignores:
            return row
        return replace(row, accepted_at=self.now, reached=row.channel in self.shows)

    def told(self) -> dict[str, float]:
        """Person → seconds until the first delivery that is no held one."""
        found: dict[str, float] = {}
        for at, each in self.log:
            if each.held is None:
                found.setdefault(each.person, at)
        return found

    def ways(self, name: str) -> list[tuple[float, str]]:
        return [(at, each.channel) for at, each in self.log if each.person == name and each.held is None]


# Escalation


def test_who_is_on_shift_is_told_at_once_and_nobody_else() -> None:
    stage = Stage()
    stage.until(179)
    assert stage.told() == {"malee": 0, "desk": 0}


def test_without_an_answer_it_goes_to_the_next_in_line_the_chief_and_the_superiors_each_once() -> None:
    stage = Stage()
    stage.until(7200)
    assert stage.told() == {
        "malee": 0, "desk": 0, "somchai": 180, "nok": 360, "chai": 600, "director": 1200, "minister": 2400,
    }  # fmt: skip
    assert len(stage.log) == 7


def test_the_reason_says_for_how_long_nobody_answered_and_whose_turn_it_is() -> None:
    stage = Stage()
    stage.until(7200)
    why = {each.person: each.why for _, each in stage.log}
    assert why["somchai"] == "escalated: nobody answered for 3 min; next in line of team east"
    assert why["chai"] == "escalated: nobody answered for 10 min; the area's chief"
    assert why["director"] == "escalated: nobody answered for 20 min; the chief's superior"


def test_a_plan_names_each_moment_at_which_time_alone_changes_it() -> None:
    stage = Stage(takes_s=0)
    stage.until(3600)
    assert {(wake - BEGUN).total_seconds() for wake in stage.wakes} >= {180, 360, 600, 1200, 2400}


def test_a_long_line_does_not_keep_the_chief_waiting() -> None:
    rota = Rota(("malee", *(f"r{n}" for n in range(12)), "chai"), (ALL_DAY,))
    stage = Stage(directory(*(person(f"r{n}") for n in range(12)), rota=rota))
    stage.until(3600)
    assert stage.told()["chai"] == 600


@pytest.mark.parametrize("answer", [Answer.SEEN, Answer.READY])
def test_an_answer_stops_the_escalation(answer: Answer) -> None:
    stage = Stage()
    stage.until(100)
    stage.says("malee", answer)
    stage.until(7200)
    assert stage.told().keys() == {"malee", "desk"}


def test_a_lone_false_alarm_does_not_stop_it_and_a_second_one_does() -> None:
    stage = Stage()
    stage.until(100)
    stage.says("malee", Answer.FALSE_ALARM)
    stage.until(300)
    assert "somchai" in stage.told()
    stage.says("somchai", Answer.FALSE_ALARM)
    stage.until(7200)
    assert stage.told().keys() == {"malee", "desk", "somchai"}


def test_things_of_our_own_are_told_and_never_escalated() -> None:
    stage = Stage(matters=(matter("low-battery", severity=0),))
    stage.until(7200)
    assert stage.told() == {"malee": 0, "desk": 0}


def test_a_chief_without_a_channel_is_passed_over_and_every_operator_is_told_in_the_chiefs_place() -> None:
    stage = Stage(directory(replace(person("chai", superior="director"), reaches=())))
    stage.until(1300)
    assert stage.told() == {"malee": 0, "desk": 0, "somchai": 180, "nok": 360, "desk-2": 600, "director": 1200}


def test_an_area_without_a_chief_is_escalated_to_the_operators() -> None:
    known = directory()
    stage = Stage(replace(known, areas={"east": Area("east", "East", "east")}))
    stage.until(7200)
    assert stage.told()["desk-2"] == 600


@pytest.mark.parametrize("chain", [["chai"], ["director", "chai"], ["director", "director"]])
def test_a_loop_in_the_chain_of_command_ends(chain: list[str]) -> None:
    people = [person(name, superior=above) for name, above in zip(["chai", "director"], chain, strict=False)]
    found = list(superiors(directory(*people), "chai"))
    assert len(found) == len(set(found)) <= 1
    stage = Stage(directory(*people))
    stage.until(7200)
    assert len(stage.log) == len(stage.told())


def test_a_party_that_crosses_two_areas_is_told_to_both_teams() -> None:
    known = directory()
    both = replace(
        known,
        areas=dict(known.areas) | {"west": Area("west", "West", "west")},
        teams=dict(known.teams) | {"west": Rota(("nok",))},
    )
    stage = Stage(both, matters=(matter(), matter(camera="CAM-20", area="west")))
    stage.until(10)
    assert stage.told() == {"malee": 0, "desk": 0, "nok": 0}


def test_whom_one_camera_calls_quietly_and_another_aloud_is_told_aloud() -> None:
    quiet = Route("gate", people=("malee",), quiet=True)
    known = directory(routes=(replace(quiet, when=replace(quiet.when, cameras=frozenset({"gate"}))),))
    stage = Stage(known, matters=(matter(camera="gate"), matter()))
    stage.until(1)
    assert {each.person: each.quiet for _, each in stage.log} == {"malee": False, "desk": False}


# Fall-back


TROUBLES: dict[str, dict[str, Any]] = {
    "refuses": {"refuses": ("telegram",)},
    "does not accept": {"ignores": ("telegram",)},
    "accepts at once and never delivers": {"shows": ("sms",), "takes_s": 0},
    "accepts late and never delivers": {"shows": ("sms",), "takes_s": 19.9},
    "is not set up": {"channels": frozenset({"sms"})},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_the_second_channel_is_tried_within_a_minute(trouble: dict[str, Any]) -> None:
    stage = Stage(**trouble)
    stage.until(170)
    ways = stage.ways("malee")
    assert [channel for _, channel in ways][-1] == "sms"
    assert ways[-1][0] <= 60


def test_there_is_time_left_in_the_minute_to_send_by_the_second_channel() -> None:
    assert TIMERS.accepted + TIMERS.delivered <= timedelta(seconds=55)


@pytest.mark.parametrize("trouble", ["refuses", "does not accept"])
def test_a_group_that_does_not_take_it_is_fallen_back_from_for_everybody_in_it(trouble: str) -> None:
    known = directory(person("malee", f"telegram:{GROUP}", "sms"), person("desk", f"telegram:{GROUP}", "web"))
    stage = Stage(known, **TROUBLES[trouble])
    stage.until(60)
    assert stage.ways("malee")[-1][1] == "sms"
    assert stage.ways("desk")[-1][1] == "web"


def test_a_groups_chat_is_told_once() -> None:
    known = directory(*(person(name, f"telegram:{GROUP}", "sms") for name in ("malee", "desk", "somchai")))
    stage = Stage(known, shows=())
    stage.until(500)
    assert [each.person for _, each in stage.log if each.address == GROUP] == ["malee"]


def test_what_a_phone_shows_needs_no_second_channel() -> None:
    stage = Stage()
    stage.until(170)
    assert stage.ways("malee") == [(0, "telegram")]


def test_whoever_answered_needs_no_second_channel() -> None:
    stage = Stage(shows=())
    stage.until(10)
    stage.says("malee", Answer.SEEN)
    stage.until(170)
    assert stage.ways("malee") == [(0, "telegram")]


def test_when_somebody_answered_whoever_has_it_is_left_in_peace_and_whoever_has_not_is_still_told() -> None:
    stage = Stage(shows=())
    stage.until(10)
    stage.says("malee", Answer.SEEN)
    stage.until(170)
    assert stage.ways("desk") == [(0, "telegram")]
    unheard = Stage(shows=(), ignores=("telegram",))
    unheard.until(10)
    unheard.says("malee", Answer.SEEN)
    unheard.until(170)
    assert unheard.ways("desk") == [(0, "telegram"), (20, "sms")]


def test_each_channel_is_tried_in_the_persons_order() -> None:
    known = directory(person("malee", "web", "telegram", "sms"))
    stage = Stage(known, ignores=("web", "telegram", "sms"))
    stage.until(170)
    assert stage.ways("malee") == [(0, "web"), (20, "telegram"), (40, "sms")]


def test_the_reason_says_what_became_of_the_channel_before() -> None:
    stage = Stage(ignores=("telegram",))
    stage.until(170)
    (why,) = [each.why for _, each in stage.log if (each.person, each.channel) == ("malee", "sms")]
    assert why == "on shift in team east, by route root; telegram has not taken it for 20 s"


def test_two_addresses_on_one_channel_are_one_way() -> None:
    stage = Stage(directory(person("malee", "telegram:1", "telegram:2", "sms")), ignores=("telegram",))
    stage.until(170)
    assert stage.ways("malee") == [(0, "telegram"), (20, "sms")]


# Nobody is reached


def test_a_person_with_no_channel_left_is_unreachable_and_blocks_nobody() -> None:
    stage = Stage(directory(person("malee", "telegram")), refuses=("telegram",))
    planned = stage.until(2)
    assert planned.unreachable == ("malee",)
    assert stage.ways("desk") == [(0, "telegram"), (1, "sms")]


def test_a_person_without_any_channel_is_passed_over() -> None:
    stage = Stage(directory(replace(person("malee"), reaches=())))
    stage.until(1)
    assert stage.told() == {"desk": 0}


def test_when_nobody_on_shift_is_reached_the_next_in_line_is_told_without_waiting() -> None:
    lost = (person("malee", "telegram"), person("desk", "telegram", role=OPERATOR))
    stage = Stage(directory(*lost), refuses=("telegram",))
    stage.until(2)
    assert stage.told()["somchai"] == 1
    (why, *_) = [each.why for _, each in stage.log if each.person == "somchai"]
    assert why.startswith("nobody before is reached; ")
    assert "chai" not in stage.told()


def test_when_nobody_in_the_line_is_reached_everybody_else_is_told() -> None:
    only = [person(each.name, "telegram", superior=each.superior) for each in PEOPLE if each.name != "desk-2"]
    stage = Stage(directory(*only), refuses=("telegram",))
    stage.until(20)
    assert "desk-2" in stage.told()


def test_a_channel_that_is_not_set_up_reaches_nobody() -> None:
    only = [person(each.name, "signal") for each in PEOPLE if each.name != "nok"]
    stage = Stage(directory(*only), channels=frozenset({"sms"}))
    stage.until(1)
    assert stage.told() == {"nok": 0}


def test_a_channel_that_is_taken_out_of_the_settings_is_fallen_back_from() -> None:
    stage = Stage(ignores=("telegram",))
    stage.until(1)
    stage.channels = frozenset({"sms"})
    stage.until(2)
    assert stage.ways("malee") == [(0, "telegram"), (1, "sms")]


# Mutes


def test_a_held_alert_is_recorded_with_its_reason_and_comes_out_when_the_mute_ends() -> None:
    stage = Stage(mutes=(mute(until=3600),))
    stage.until(3599)
    assert stage.told() == {}
    assert [(each.person, each.held) for _, each in stage.log] == [
        ("malee", "silence 1 of malee, agreed by chai: a wedding"),
        ("desk", "silence 1 of malee, agreed by chai: a wedding"),
    ]
    stage.until(3700)
    assert stage.told() == {"malee": 3600, "desk": 3600}


def test_what_comes_out_late_wakes_the_chain_from_then_on_and_not_all_at_once() -> None:
    stage = Stage(mutes=(mute(until=7200),))
    stage.until(7200 + 1300)
    told = stage.told()
    assert (told["somchai"], told["chai"], told["director"]) == (7200 + 180, 7200 + 600, 7200 + 1200)


def test_what_comes_out_is_not_tried_by_two_channels_at_once() -> None:
    stage = Stage(mutes=(mute(until=3600),))
    stage.until(3700)
    assert stage.ways("malee") == [(3600, "telegram")]


def test_of_two_cameras_one_that_is_not_muted_makes_the_whole_heard() -> None:
    silenced = mute(cameras=frozenset({"CAM-12"}))
    stage = Stage(mutes=(silenced,), matters=(matter(), matter(camera="CAM-13")))
    stage.until(1)
    assert stage.told() == {"malee": 0, "desk": 0}


def test_a_planned_patrol_is_told_quietly_and_says_so() -> None:
    stage = Stage(mutes=(mute(MuteKind.PATROL),))
    stage.until(1)
    assert all(each.quiet for _, each in stage.log)
    assert stage.log[0][1].why.endswith("; quiet: patrol 1 of malee, agreed by chai: a wedding")


def test_quiet_hours_are_one_persons_alone() -> None:
    stage = Stage(mutes=(mute(MuteKind.QUIET_HOURS, person="malee"),))
    stage.until(1)
    assert {each.person: each.quiet for _, each in stage.log} == {"malee": True, "desk": False}


def test_a_quiet_alert_does_not_go_where_it_would_ring() -> None:
    known = directory(person("malee", "voice", "sms"), person("desk", "voice", role=OPERATOR))
    stage = Stage(known, mutes=(mute(MuteKind.PATROL, until=600),), ringing=frozenset({"voice"}))
    stage.until(1)
    assert stage.ways("malee") == [(0, "sms")]
    (held,) = [each.held for _, each in stage.log if each.person == "desk"]
    assert held is not None
    assert held.endswith("; voice always rings")
    stage.until(601)
    assert stage.ways("desk") == [(600, "voice")]


# Alarms


def test_the_officer_is_asked_for_the_approval_and_whoever_else_may_when_the_officer_says_nothing() -> None:
    stage = Stage(
        directory(rota=Rota(("malee", "somchai", "nok", "desk"), (replace(ALL_DAY, members=("malee", "somchai")),)))
    )
    stage.until(10)
    stage.says("malee", Answer.READY)
    stage.says("somchai", Answer.READY)
    stage.until(189)
    assert stage.told().keys() == {"malee", "somchai", "desk"}
    stage.until(191)
    assert stage.told() == {"malee": 0, "somchai": 0, "desk": 0, "chai": 190, "desk-2": 190}


def test_without_an_officer_who_can_be_reached_the_others_are_asked_at_once() -> None:
    stage = Stage(directory(replace(person("desk", role=OPERATOR), reaches=())))
    stage.until(10)
    stage.says("malee", Answer.READY)
    stage.says("somchai", Answer.READY)
    stage.until(11)
    assert stage.told()["chai"] == stage.told()["desk-2"] == 10


def test_the_officer_is_asked_through_a_silence_and_nobody_else_is_woken_by_that() -> None:
    stage = Stage(mutes=(mute(),))
    stage.until(10)
    stage.says("nok", Answer.READY)
    stage.says("somchai", Answer.READY)
    stage.until(20)
    assert stage.told() == {"desk": 10}


def answered_and_out(stage: Stage) -> None:
    stage.until(10)
    for name, answer in (
        ("malee", Answer.READY), ("somchai", Answer.READY), ("desk", Answer.APPROVE), ("malee", Answer.ON_THE_WAY),
    ):  # fmt: skip
        stage.says(name, answer)


CAN_HELP = {"malee", "somchai", "nok", "desk", "desk-2", "chai"}


def test_a_call_for_help_goes_to_everyone_who_can_by_every_channel_at_once() -> None:
    stage = Stage()
    answered_and_out(stage)
    stage.until(100)
    stage.says("malee", Answer.HELP)
    stage.until(101)
    assert stage.told().keys() >= CAN_HELP
    assert all({channel for _, channel in stage.ways(name)} == {"telegram", "sms"} for name in CAN_HELP - {"malee"})


@pytest.mark.parametrize("alarm", ["help", "overdue"])
@pytest.mark.parametrize(
    "mutes",
    [
        (mute(until=100_000),),
        (mute(MuteKind.PATROL, until=100_000),),
        (mute(MuteKind.QUIET_HOURS, until=100_000, person="nok"),),
    ],
    ids=["a silence", "a patrol", "quiet hours"],
)
def test_a_call_for_help_and_a_missed_party_go_through_mutes_aloud(alarm: str, mutes: tuple[Mute, ...]) -> None:
    stage = Stage(mutes=mutes)
    answered_and_out(stage)
    stage.until(100)
    if alarm == "help":
        stage.says("malee", Answer.HELP)
    stage.until(2000)
    aloud = {each.person for at, each in stage.log if at >= 100 and each.held is None and not each.quiet}
    assert aloud >= CAN_HELP - {"malee"}


def test_a_quiet_route_does_not_make_a_call_for_help_quiet() -> None:
    stage = Stage(directory(routes=(Route("all", people=("nok",), quiet=True),)))
    stage.until(10)
    stage.says("malee", Answer.HELP)
    stage.until(11)
    assert [each.quiet for _, each in stage.log if (each.person, each.channel) == ("nok", "sms")] == [False]


def test_a_missed_party_goes_to_everyone_who_can_help_when_its_time_is_up() -> None:
    stage = Stage()
    answered_and_out(stage)
    stage.until(10 + 1799)
    assert stage.told().keys() == {"malee", "desk"}
    stage.until(10 + 1800)
    assert stage.told().keys() >= CAN_HELP


def test_whoever_goes_alone_is_told_to_everyone_who_can_help_at_once() -> None:
    stage = Stage()
    stage.until(10)
    stage.says("malee", Answer.ON_THE_WAY)
    stage.until(11)
    assert stage.told().keys() >= CAN_HELP


def test_nothing_new_rings_in_a_party_in_place_not_even_a_call_for_help() -> None:
    stage = Stage(shows=())
    answered_and_out(stage)
    stage.says("malee", Answer.IN_PLACE)
    stage.says("malee", Answer.HELP)
    stage.until(4000)
    assert [at for name in ("malee", "somchai") for at, _ in stage.ways(name)] == [0]


def test_a_village_that_was_told_of_an_elephant_is_not_called_to_help() -> None:
    village = Route("village", people=("headman",), goes_on=True)
    known = directory(person("headman", "telegram", "sms", villager=True), routes=(village,))
    stage = Stage(known, matters=(matter("animal", severity=1),))
    stage.until(10)
    stage.says("malee", Answer.HELP)
    stage.until(11)
    assert stage.ways("headman") == [(0, "telegram")]
    assert stage.told().keys() >= CAN_HELP - {"malee"}


def test_when_it_is_over_nobody_is_looked_for_by_another_channel() -> None:
    stage = Stage(shows=())
    stage.until(5)
    stage.says("desk", Answer.FALSE_ALARM)
    stage.until(7200)
    assert [at for at, _ in stage.log] == [0, 0]


# Any park, any hour


names = ["malee", "somchai", "nok", "desk", "chai", "headman"]
ways = st.lists(st.sampled_from(["telegram", "sms", "web", f"telegram:{GROUP}"]), max_size=3, unique=True)


def reaches(ways: list[str], name: str) -> tuple[Reach, ...]:
    return person(name, *ways).reaches if ways else ()


def anybody(name: str) -> st.SearchStrategy[Person]:
    superior, role = st.none() | st.sampled_from(names), st.sampled_from(["ranger", OPERATOR])
    return st.builds(Person, st.just(name), role, ways.map(lambda ways: reaches(ways, name)), superior, st.booleans())


people = st.fixed_dictionaries({name: anybody(name) for name in names})
answers = st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(names), st.sampled_from(Answer)), max_size=5)
SET_UP = frozenset({"telegram", "sms"})


def a_stage(people: dict[str, Person], kinds: frozenset[str], silenced: bool, **more: Any) -> Stage:
    known = Directory(
        {"east": Area("east", "East", "east", "chai")}, {"east": Rota(tuple(names[:3]), (ALL_DAY,))}, people
    )
    return Stage(known, (matter(*kinds),), (mute(until=1000),) if silenced else (), channels=SET_UP, **more)


kinds = st.sampled_from([frozenset({"person"}), frozenset({"animal"}), frozenset({"animal", "person"})])
behaviours = st.fixed_dictionaries({
    name: st.lists(st.sampled_from(["telegram", "sms"]), max_size=2, unique=True).map(tuple)
    for name in ("refuses", "ignores", "shows")
})  # fmt: skip


@settings(deadline=None)  # a busy machine is no failure
@given(people, kinds, behaviours)
def test_whoever_can_be_told_by_a_channel_that_works_somebody_is(
    people: dict[str, Person], kinds: frozenset[str], behaviour: dict[str, Any]
) -> None:
    stage = a_stage(people, kinds, silenced=False, **behaviour)
    stage.until(100)
    works = SET_UP - set(stage.refuses)
    able = {
        each.name
        for each in people.values()
        if may_hear(each, stage.matters[0]) and any(reach.channel in works for reach in each.reaches)
    }
    told = {each.person for _, each in stage.log if each.channel in works}
    # Several on one chat are told by one of them, and of two addresses on a channel the first is used.
    assert bool(told) is bool(able)


@settings(deadline=None)  # a busy machine is no failure
@given(people, kinds, st.booleans(), behaviours, answers)
def test_whatever_happens_no_plan_tells_a_village_of_people_or_anybody_twice_by_one_way(
    people: dict[str, Person],
    kinds: frozenset[str],
    silenced: bool,
    behaviour: dict[str, Any],
    answers: list[tuple[int, str, Answer]],
) -> None:
    stage = a_stage(people, kinds, silenced, **behaviour)
    for at, name, answer in sorted(answers):
        stage.until(max(at, (stage.now - BEGUN).total_seconds()))
        stage.says(name, answer)
    stage.until(6000)
    loud = [(each.channel, each.address) for _, each in stage.log if each.held is None]
    assert len(loud) == len(set(loud))
    assert len({(each.person, each.channel) for _, each in stage.log if each.held is None}) == len(loud)
    if "person" in kinds:
        assert not any(people[each.person].villager for _, each in stage.log)
    assert all(each.why for _, each in stage.log)


@settings(deadline=None)  # a busy machine is no failure
@given(people, kinds, st.booleans(), behaviours, st.lists(st.integers(0, 6000), max_size=20))
def test_between_the_moments_it_names_a_plan_does_not_change(
    people: dict[str, Person],
    kinds: frozenset[str],
    silenced: bool,
    behaviour: dict[str, Any],
    looks: list[int],
) -> None:
    """A gateway that sleeps until `wake_at` does what one that looks all the time does."""
    sleeping = a_stage(people, kinds, silenced, **behaviour)
    sleeping.until(6000)
    looking = a_stage(people, kinds, silenced, **behaviour)
    for at in sorted(looks):
        looking.until(at)
    looking.until(6000)
    assert looking.log == sleeping.log
