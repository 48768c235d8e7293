"""What people answered, and what it makes of the response: nobody goes alone, and nobody is forgotten out there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.delivery import Alarm, Answer, Progress
from alerts.reply_words import ReplyWords
from alerts.response import Answered, Refusal, Rules, State, fold, offered, refusal

BEGUN = datetime(2026, 3, 4, 20, 40, tzinfo=UTC)
RULES = Rules(check_in=timedelta(minutes=30))
FREELY = Rules(approval=False, check_in=timedelta(minutes=30))
OFFICERS = {"desk", "chai"}


def after(minutes: float) -> datetime:
    return BEGUN + timedelta(minutes=minutes)


def answered(words: str, at: datetime) -> Answered:
    person, answer = words.split()
    return Answered(person, Answer(answer), at, may_decide=person in OFFICERS)


def state(*said: str, rules: Rules = RULES) -> State:
    """Each 'person answer', a minute apart, from minute 0 on."""
    return fold([answered(words, after(minute)) for minute, words in enumerate(said)], rules)


APPROVED = ("malee ready", "somchai ready", "desk approve")
"""At minute 2."""


def refused(words: str, *said: str, rules: Rules = RULES) -> Refusal | None:
    return refusal(state(*said, rules=rules), answered(words, after(len(said))), rules)


# An answer, and who need not be woken any more


@pytest.mark.parametrize("said", [["malee seen"], ["malee ready"], ["malee on-the-way"], ["malee help"]])
def test_whoever_takes_it_up_answers_it(said: list[str]) -> None:
    assert state(*said).answered


@pytest.mark.parametrize("judgement", ["false-alarm", "our-patrol"])
def test_a_lone_judgement_answers_nothing_and_ends_nothing(judgement: str) -> None:
    alone = state(f"malee {judgement}", f"malee {judgement}")
    assert not alone.answered
    assert not alone.over


def test_a_lone_judgement_takes_back_nobody_elses_answer() -> None:
    assert state("somchai seen", "malee false-alarm").answered


def test_whoever_judged_and_then_is_ready_has_taken_it_up() -> None:
    changed = state("malee false-alarm", "malee ready")
    assert changed.answered
    assert changed.false_alarm == ()


def test_whoever_is_ready_and_then_judges_does_not_go() -> None:
    changed = state("malee ready", "malee false-alarm", "somchai ready")
    assert changed.ready == ("somchai",)
    assert refused("desk approve", "malee ready", "malee false-alarm", "somchai ready") is not None


# Judgements


@pytest.mark.parametrize("judgement", ["false-alarm", "our-patrol"])
def test_two_persons_judgement_ends_it(judgement: str) -> None:
    ended = state(f"malee {judgement}", f"somchai {judgement}")
    assert (ended.outcome, ended.closed_by, ended.closed_at) == (Answer(judgement), "somchai", after(1))


def test_two_different_judgements_of_two_persons_end_nothing() -> None:
    assert not state("malee false-alarm", "somchai our-patrol").over


@pytest.mark.parametrize("judgement", ["false-alarm", "our-patrol"])
def test_one_whose_office_it_is_ends_it_alone(judgement: str) -> None:
    assert state(f"desk {judgement}").outcome is Answer(judgement)


def test_while_somebody_is_out_there_nobody_else_judges_it_away() -> None:
    """Else nobody would miss them any more."""
    judged = state("malee on-the-way", "desk false-alarm", "chai false-alarm", "somchai false-alarm")
    assert not judged.over
    assert judged.alarm(RULES, after(4)) is Alarm.OVERDUE


def test_a_call_for_help_is_not_judged_away_either() -> None:
    assert state("malee help", "desk false-alarm").alarm(RULES, after(2)) is Alarm.HELP


def test_those_out_there_may_judge_it_themselves() -> None:
    assert state(*APPROVED, "malee in-place", "malee our-patrol", "somchai our-patrol").outcome is Answer.OUR_PATROL


# Nobody goes alone


@pytest.mark.parametrize("least", [1, 0, -1])
def test_no_park_can_send_one_person(least: int) -> None:
    with pytest.raises(ValueError, match=f"least: {least}; expected 2 or more: nobody goes alone"):
        Rules(least=least)


def test_one_ready_is_never_approved_however_often_they_say_so() -> None:
    said = ("malee ready", "malee ready", "desk approve")
    assert state(*said).approved_at is None
    assert refused("desk approve", *said) == Refusal(ReplyWords.MORE_WANTED, {"ready": 1, "party": 2})


def test_an_officer_who_is_ready_alone_does_not_approve_themselves() -> None:
    assert state("desk ready", "desk approve").approved_at is None


def test_enough_are_ready_and_the_officer_is_asked() -> None:
    ready = state("malee ready", "somchai ready")
    assert ready.alarm(RULES, after(2)) is Alarm.APPROVAL_WANTED
    assert ready.ready_at == after(1)
    assert ready.party == ()


def test_only_one_whose_office_it_is_approves() -> None:
    assert refused("malee approve", "malee ready", "somchai ready") == Refusal(ReplyWords.NOT_ALLOWED, {})


def test_the_officers_word_makes_the_party_of_those_who_are_ready() -> None:
    approved = state(*APPROVED)
    assert (approved.party, approved.approved_by, approved.approved_at) == (("malee", "somchai"), "desk", after(2))
    assert approved.alarm(RULES, after(3)) is Alarm.APPROVED


def test_of_two_approvals_the_second_is_told_that_somebody_was_quicker_and_changes_nothing() -> None:
    assert refused("chai approve", *APPROVED) == Refusal(ReplyWords.SOMEBODY_QUICKER, {"answer": Answer.APPROVE})
    twice = state(*APPROVED, "chai approve")
    assert (twice.approved_by, twice.approved_at) == ("desk", after(2))


def test_whoever_is_ready_after_the_approval_joins_the_party() -> None:
    assert state(*APPROVED, "nok ready").party == ("malee", "somchai", "nok")


def test_whoever_sets_out_after_the_approval_is_of_the_party_and_not_alone() -> None:
    joined = state(*APPROVED, "nok on-the-way")
    assert joined.party == ("malee", "somchai", "nok")
    assert not joined.lone


def test_where_no_officer_approves_the_number_does_and_one_never_is_enough() -> None:
    assert state("malee ready", rules=FREELY).approved_at is None
    gone = state("malee ready", "somchai ready", rules=FREELY)
    assert (gone.party, gone.approved_by, gone.approved_at) == (("malee", "somchai"), None, after(1))


def test_whoever_sets_out_alone_raises_the_alarm_at_once() -> None:
    assert state("malee on-the-way").alarm(RULES, after(0)) is Alarm.OVERDUE


def test_a_second_one_who_sets_out_ends_the_alarm_and_both_are_still_missed_in_time() -> None:
    two = state("malee on-the-way", "somchai on-the-way")
    assert not two.lone
    assert two.overdue_at == after(31)


def test_an_approved_party_takes_in_whoever_set_out_alone_before() -> None:
    assert state("nok on-the-way", *APPROVED).party == ("malee", "somchai", "nok")
    assert state("nok on-the-way", "malee ready", "desk approve").party == ("malee", "nok")


# Check-ins


def test_a_party_that_says_no_word_is_missed() -> None:
    out = state(*APPROVED, "malee on-the-way")
    assert out.overdue_at == after(33)
    assert out.alarm(RULES, after(32.99)) is None
    assert out.alarm(RULES, after(33)) is Alarm.OVERDUE


def test_a_party_that_is_approved_and_never_says_that_it_goes_is_missed_too() -> None:
    assert state(*APPROVED).alarm(RULES, after(32)) is Alarm.OVERDUE


@pytest.mark.parametrize("word", ["check-in", "in-place", "on-the-way"])
def test_a_members_word_starts_the_timer_anew_and_ends_the_alarm(word: str) -> None:
    out = [answered(words, after(minute)) for minute, words in enumerate(APPROVED)]
    heard = fold([*out, answered(f"somchai {word}", after(40))], RULES)
    assert heard.overdue_at == after(70)
    assert heard.alarm(RULES, after(41)) is None


@pytest.mark.parametrize("who", ["desk", "nok"])
def test_nobody_says_for_a_party_that_it_is_well_but_the_party(who: str) -> None:
    assert state(*APPROVED, "malee on-the-way", f"{who} check-in").overdue_at == after(33)


def test_the_approval_is_not_announced_again_after_a_check_in() -> None:
    assert state(*APPROVED, "malee check-in").alarm(RULES, after(4)) is None


def test_a_restart_keeps_the_timers() -> None:
    said = (*APPROVED, "malee on-the-way", "malee check-in")
    assert state(*said) == state(*said)
    assert state(*said).overdue_at == after(34)


# Help


def test_a_call_for_help_goes_before_any_other_alarm() -> None:
    assert state("malee on-the-way", "malee help").alarm(RULES, after(50)) is Alarm.HELP


def test_the_word_of_whoever_called_for_help_that_they_are_well_ends_the_alarm() -> None:
    assert state(*APPROVED, "malee help", "malee check-in").alarm(RULES, after(5)) is None


def test_nobody_else_is_well_for_them() -> None:
    assert state(*APPROVED, "malee help", "somchai check-in", "desk check-in").alarm(RULES, after(6)) is Alarm.HELP


def test_an_outcome_ends_a_call_for_help() -> None:
    assert state(*APPROVED, "malee help", "malee turned-back").alarm(RULES, after(5)) is None


def test_a_call_for_help_after_the_end_is_heard_and_begins_the_response_anew() -> None:
    again = state(*APPROVED, "malee caught", "malee help")
    assert again.alarm(RULES, after(5)) is Alarm.HELP
    assert not again.over
    assert again.party == ("malee", "somchai")
    assert again.overdue_at == after(34)
    assert refused("malee left", *APPROVED, "malee caught", "malee help") is None


def test_a_call_for_help_after_a_judgement_is_not_ended_by_the_judgement_that_was() -> None:
    said = ("malee false-alarm", "somchai false-alarm", "nok help", "somchai false-alarm")
    assert state(*said).alarm(RULES, after(5)) is Alarm.HELP


# The end


@pytest.mark.parametrize("outcome", ["caught", "turned-back", "left", "nothing-found"])
def test_an_outcome_of_the_party_ends_it(outcome: str) -> None:
    ended = state(*APPROVED, "somchai in-place", f"malee {outcome}")
    assert (ended.outcome, ended.closed_by) == (Answer(outcome), "malee")
    assert (ended.alarm(RULES, after(500)), ended.overdue_at, ended.dark) == (None, None, frozenset())


@pytest.mark.parametrize("outcome", ["caught", "turned-back", "left", "nothing-found"])
def test_whoever_was_not_there_cannot_say_how_it_ended(outcome: str) -> None:
    assert refused(f"nok {outcome}", *APPROVED) == Refusal(ReplyWords.NOT_ALLOWED, {})
    assert not state(f"nok {outcome}").over


def test_one_whose_office_it_is_can_end_what_a_lost_phone_left_open() -> None:
    assert state("malee on-the-way", "desk turned-back").outcome is Answer.TURNED_BACK


@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.HELP])
def test_after_the_end_every_answer_but_help_is_told_that_it_is_over(answer: Answer) -> None:
    said = (*APPROVED, "malee caught")
    assert refused(f"desk {answer}", *said) == Refusal(ReplyWords.OVER, {"outcome": Answer.CAUGHT})
    assert state(*said, f"desk {answer}") == state(*said)


# Dark and silent


def test_a_party_in_place_is_dark_every_one_of_them() -> None:
    assert state(*APPROVED, "malee in-place").dark == {"malee", "somchai"}


def test_one_who_is_still_on_the_way_lights_up_nobody_who_is_in_place() -> None:
    both = state(*APPROVED, "malee in-place", "somchai on-the-way")
    assert both.stage is Answer.IN_PLACE
    assert both.dark == {"malee", "somchai"}


def test_whoever_is_in_place_without_any_approval_is_dark_too() -> None:
    assert state("malee in-place").dark == {"malee"}


@pytest.mark.parametrize("said", [[], ["malee ready"], [*APPROVED], [*APPROVED, "malee on-the-way"]])
def test_nobody_is_dark_before_they_are_in_place(said: list[str]) -> None:
    assert state(*said).dark == frozenset()


# Whose phone rings


def rings(*said: str, at: float = 10, people: str = "malee somchai nok desk") -> set[str]:
    now = state(*said)
    return {name for name in people.split() if now.alarm_for(name, RULES, after(at), may_decide=name in OFFICERS)}


def test_the_officers_are_asked_for_their_approval_and_nobody_else() -> None:
    assert rings("malee ready", "somchai ready") == {"desk"}


def test_the_party_hears_that_it_may_go_and_nobody_else() -> None:
    assert rings(*APPROVED) == {"malee", "somchai"}


def test_everybody_hears_of_a_missed_party() -> None:
    assert rings(*APPROVED, at=40) == {"malee", "somchai", "nok", "desk"}


def test_everybody_hears_a_call_for_help_but_who_made_it() -> None:
    assert rings(*APPROVED, "malee on-the-way", "malee help") == {"somchai", "nok", "desk"}


def test_nothing_rings_in_a_party_in_place() -> None:
    assert rings(*APPROVED, "malee in-place", "malee help") == {"nok", "desk"}
    assert rings(*APPROVED, "malee in-place", at=100) == {"nok", "desk"}


# Buttons


@pytest.mark.parametrize(
    ("said", "person", "buttons"),
    [
        pytest.param([], "malee", "seen ready false-alarm our-patrol", id="first"),
        pytest.param(["malee seen"], "malee", "ready false-alarm our-patrol", id="after seen"),
        pytest.param(["malee ready"], "desk", "seen ready false-alarm our-patrol", id="one is no party"),
        pytest.param(APPROVED[:2], "desk", "approve seen ready false-alarm our-patrol", id="two are"),
        pytest.param(APPROVED[:2], "nok", "seen ready false-alarm our-patrol", id="not an officer"),
        pytest.param(APPROVED, "malee", "on-the-way check-in help", id="may go"),
        pytest.param(APPROVED, "desk", "ready false-alarm our-patrol", id="has approved"),
        pytest.param([*APPROVED, "malee on-the-way"], "somchai", "in-place check-in help", id="on the way"),
        pytest.param(
            [*APPROVED, "malee in-place"], "malee", "caught turned-back left nothing-found check-in help", id="in place"
        ),
        pytest.param(["malee on-the-way"], "malee", "in-place check-in help", id="alone out there"),
        pytest.param(["malee help"], "malee", "on-the-way check-in help", id="called for help"),
        pytest.param(
            ["malee on-the-way"], "desk", "seen ready caught turned-back left nothing-found", id="officer, one is out"
        ),
        pytest.param([*APPROVED, "malee caught"], "malee", "help", id="on the way home"),
        pytest.param([*APPROVED, "malee caught"], "nok", "", id="over"),
    ],
)  # fmt: skip
def test_the_buttons_are_those_that_make_sense_now(said: list[str], person: str, buttons: str) -> None:
    found = offered(state(*said), person, RULES, may_decide=person in OFFICERS)
    assert " ".join(found) == buttons


def test_where_no_approval_is_asked_for_no_button_is() -> None:
    assert Answer.APPROVE not in offered(state("malee ready", rules=FREELY), "desk", FREELY, may_decide=True)


def test_progress_is_counts_and_never_names() -> None:
    assert state(*APPROVED, "malee in-place").progress() == Progress(
        seen=3, ready=2, approved=True, stage=Answer.IN_PLACE
    )


people = st.sampled_from(["malee", "somchai", "nok", "desk", "chai"])
said_by_anybody = st.lists(st.tuples(people, st.sampled_from(Answer)).map(" ".join), max_size=14)
rules = st.builds(Rules, least=st.integers(2, 4), approval=st.booleans(), check_in=st.just(timedelta(minutes=30)))


@settings(deadline=None)  # a busy machine is no failure
@given(said_by_anybody, rules)
def test_no_party_is_ever_approved_that_is_too_small_or_by_nobodys_office(said: list[str], rules: Rules) -> None:
    now = state(*said, rules=rules)
    assert now.approved_at is None or len(now.party) >= rules.least
    assert now.approved_at is None or (now.approved_by in OFFICERS if rules.approval else True)


@settings(deadline=None)  # a busy machine is no failure
@given(said_by_anybody, rules)
def test_whoever_is_out_there_is_watched_until_it_is_over(said: list[str], rules: Rules) -> None:
    now = state(*said, rules=rules)
    if (now.out or now.approved_at is not None) and not now.over:
        assert now.overdue_at is not None
        assert now.alarm(rules, now.overdue_at) in {Alarm.OVERDUE, Alarm.HELP}


@settings(deadline=None)  # a busy machine is no failure
@given(said_by_anybody, rules)
def test_no_call_for_help_is_ever_lost(said: list[str], rules: Rules) -> None:
    called = state(*said, "nok help", rules=rules)
    assert called.alarm(rules, after(20)) is Alarm.HELP


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.sampled_from(Answer), max_size=10))
def test_no_ranger_alone_ends_an_incursion_that_others_may_be_in(answers: list[Answer]) -> None:
    """One who says that they went can say how it ended, and has raised the alarm by going alone."""
    alone = state(*(f"malee {answer}" for answer in answers))
    if alone.over:
        assert {Answer.ON_THE_WAY, Answer.IN_PLACE, Answer.HELP} & set(answers)


@settings(deadline=None)  # a busy machine is no failure
@given(said_by_anybody)
def test_every_button_that_is_offered_is_taken(said: list[str]) -> None:
    now = state(*said)
    for person in ("malee", "somchai", "desk"):
        for answer in offered(now, person, RULES, may_decide=person in OFFICERS):
            assert refusal(now, answered(f"{person} {answer}", after(30)), RULES) is None


def test_the_first_who_comes_back_does_not_end_the_watch_over_those_still_out() -> None:
    def said(person: str, answer: Answer, minute: int, *, may_decide: bool = False) -> Answered:
        return Answered(person, answer, datetime(2026, 3, 4, 20, minute, tzinfo=UTC), may_decide)

    went = [
        said("malee", Answer.READY, 0),
        said("somchai", Answer.READY, 1),
        said("desk", Answer.APPROVE, 2, may_decide=True),
        said("malee", Answer.ON_THE_WAY, 3),
        said("somchai", Answer.ON_THE_WAY, 4),
        said("malee", Answer.TURNED_BACK, 10),
    ]
    state = fold(went, Rules())
    assert (state.over, state.out) == (False, ("somchai",))
    assert state.overdue_at is not None
    after = fold([*went, said("somchai", Answer.TURNED_BACK, 20)], Rules())
    assert (after.outcome, after.overdue_at) == (Answer.TURNED_BACK, None)
    assert fold([*went, said("desk", Answer.TURNED_BACK, 20, may_decide=True)], Rules()).over
