"""What people answered, folded into the state of a response: pure, so that a restart changes nothing.

Nobody is sent alone: a party of at least `least` is approved by the duty officer (a park may leave the approval out,
never the number), and checks in. One person's 'false alarm' or 'our patrol' ends nothing: it takes two, or one whose
office it is; and while somebody is out there, only their own word, or an outcome by one whose office it is. A call for
help is always heard: after the end it begins the response anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.delivery import Alarm, Answer, Progress
from alerts.reply_words import ReplyWords

OUTCOMES = (Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT, Answer.NOTHING_FOUND)
JUDGEMENTS = frozenset({Answer.FALSE_ALARM, Answer.OUR_PATROL})
FROM_OUTSIDE = frozenset({Answer.ON_THE_WAY, Answer.IN_PLACE, Answer.CHECK_IN, Answer.HELP})
"""A member's words: each starts the check-in timer anew."""
TO_ANSWER = (Answer.SEEN, Answer.READY, Answer.FALSE_ALARM, Answer.OUR_PATROL)


@dataclass(frozen=True, slots=True)
class Rules:
    """A park's settings."""

    least: int = 2
    """Persons in a party."""
    approval: bool = True
    """Whether an officer approves it."""
    check_in: timedelta = timedelta(minutes=30)

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError(f"least: {self.least}; expected 2 or more: nobody goes alone")


@dataclass(frozen=True, slots=True)
class Answered:
    person: str
    answer: Answer
    at: datetime
    may_decide: bool
    """Whether it is this person's office to approve and to judge: duty officer, operator, analyst, chief."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class State:
    seen: tuple[str, ...] = ()
    """Everyone who answered anything, in order."""
    ready: tuple[str, ...] = ()
    approved_by: str | None = None
    approved_at: datetime | None = None
    party: tuple[str, ...] = ()
    """Who goes: the ready and the out at the approval, and who became either later."""
    out: tuple[str, ...] = ()
    """Who said that they are on the way or in place, and has not come to an end."""
    out_at: datetime | None = None
    """When the first party was approved, or somebody went without: from then on ours may pass the cameras."""
    stage: Answer | None = None
    """ON_THE_WAY or IN_PLACE: the furthest of anybody."""
    ready_at: datetime | None = None
    """When enough were ready."""
    last_word: datetime | None = None
    """Of the party; at first, its approval."""
    help: tuple[str, ...] = ()
    """Who asked for it."""
    false_alarm: tuple[str, ...] = ()
    our_patrol: tuple[str, ...] = ()
    closed_by: str | None = None
    closed_at: datetime | None = None
    outcome: Answer | None = None
    overdue_at: datetime | None = None
    """When the party is missed, unless it says a word before."""

    @property
    def over(self) -> bool:
        return self.outcome is not None

    @property
    def answered(self) -> bool:
        """Whether somebody has taken it up, and nobody further up needs to be woken. A lone judgement is not that."""
        return bool(set(self.seen) - set(self.false_alarm) - set(self.our_patrol)) or self.over

    @property
    def gathered(self) -> tuple[str, ...]:
        """Of whom a party can be made."""
        return tuple(dict.fromkeys((*self.ready, *self.out)))

    @property
    def members(self) -> frozenset[str]:
        """Who speaks for those out there."""
        return frozenset((*self.party, *self.out, *self.help))

    @property
    def dark(self) -> frozenset[str]:
        """Whose phones stay dark and silent: the party in place."""
        return frozenset((*self.party, *self.out)) if self.stage is Answer.IN_PLACE and not self.over else frozenset()

    @property
    def lone(self) -> bool:
        """Somebody went out alone, and belongs to no party."""
        return self.approved_at is None and len(self.out) == 1

    def alarm(self, rules: Rules, now: datetime) -> Alarm | None:
        if self.over:
            return None
        if self.help:
            return Alarm.HELP
        if self.lone or (self.overdue_at is not None and now >= self.overdue_at):
            return Alarm.OVERDUE
        if self.approved_at is not None:
            return Alarm.APPROVED if self.stage is None and self.last_word == self.approved_at else None
        return Alarm.APPROVAL_WANTED if rules.approval and len(self.gathered) >= rules.least else None

    def alarm_for(self, person: str, rules: Rules, now: datetime, *, may_decide: bool) -> Alarm | None:
        """What of it makes this person's phone ring. Nothing rings in a party in place: it reads the news."""
        alarm = self.alarm(rules, now)
        match alarm:
            case Alarm.HELP:
                concerned = person not in self.help
            case Alarm.APPROVED:
                concerned = person in self.party
            case Alarm.APPROVAL_WANTED:
                concerned = may_decide
            case _:
                concerned = True
        return alarm if concerned and person not in self.dark else None

    def progress(self) -> Progress:
        return Progress(
            seen=len(self.seen),
            ready=len(self.ready),
            approved=self.approved_at is not None,
            stage=self.stage,
            closed_by=self.outcome,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer changes nothing: for `Words.reply`. A value that is an Answer wants its own word first."""

    sentence: ReplyWords
    values: dict[str, str | int]


def fold(answers: Iterable[Answered], rules: Rules) -> State:
    """The state after all answers, in their order."""
    state = State()
    for answered in answers:
        if refusal(state, answered, rules) is None:
            state = _after(state, answered, rules)
    return state


def refusal(state: State, answered: Answered, rules: Rules) -> Refusal | None:
    """Why this answer is not taken now, or None."""
    answer = answered.answer
    if state.over and answer is not Answer.HELP:
        return Refusal(ReplyWords.OVER, {"outcome": state.outcome or ""})
    if answer in OUTCOMES and not (answered.may_decide or answered.person in state.members):
        return Refusal(ReplyWords.NOT_ALLOWED, {})  # who was not there cannot say how it ended
    if answer is Answer.APPROVE:
        if not answered.may_decide:
            return Refusal(ReplyWords.NOT_ALLOWED, {})
        if state.approved_at is not None:
            return Refusal(ReplyWords.SOMEBODY_QUICKER, {"answer": answer})
        if len(state.gathered) < rules.least:
            return Refusal(ReplyWords.MORE_WANTED, {"ready": len(state.gathered), "party": rules.least})
    return None


def offered(state: State, person: str, rules: Rules, *, may_decide: bool) -> tuple[Answer, ...]:
    """The buttons that make sense for this person now."""
    if state.over:
        return (Answer.HELP,) if person in state.party else ()  # the way home is long
    if person in state.members:
        steps = (Answer.IN_PLACE,) if state.stage is Answer.ON_THE_WAY else (Answer.ON_THE_WAY,)
        if state.stage is Answer.IN_PLACE:
            steps = OUTCOMES
        return (*steps, Answer.CHECK_IN, Answer.HELP)
    approve = may_decide and rules.approval and state.approved_at is None and len(state.gathered) >= rules.least
    mine = {
        Answer.SEEN: person in state.seen,
        Answer.READY: person in state.ready,
        Answer.FALSE_ALARM: person in state.false_alarm,
        Answer.OUR_PATROL: person in state.our_patrol,
    }
    left = tuple(answer for answer in TO_ANSWER if not mine[answer])
    if state.out and may_decide:
        left = (*(answer for answer in left if answer not in JUDGEMENTS), *OUTCOMES)
    return (*((Answer.APPROVE,) if approve else ()), *left)


def _after(state: State, answered: Answered, rules: Rules) -> State:
    person, answer, at = answered.person, answered.answer, answered.at
    changes: dict[str, Any] = {"seen": _with(state.seen, person)}
    if answer is Answer.READY or answer in FROM_OUTSIDE:
        changes |= {
            "false_alarm": _without(state.false_alarm, person),
            "our_patrol": _without(state.our_patrol, person),
        }
    match answer:
        case Answer.READY:
            changes["ready"] = _with(state.ready, person)
        case Answer.APPROVE:
            changes |= _approved(state, person, at)
        case Answer.ON_THE_WAY | Answer.IN_PLACE:
            stage = Answer.IN_PLACE if state.stage is Answer.IN_PLACE else answer
            changes |= {"stage": stage, "out": _with(state.out, person), "out_at": state.out_at or at}
        case Answer.CHECK_IN:
            changes["help"] = _without(state.help, person)
        case Answer.HELP:
            changes["help"] = _with(state.help, person)
            if state.over:
                changes |= {"outcome": None, "closed_by": None, "closed_at": None, "false_alarm": (), "our_patrol": ()}
        case Answer.FALSE_ALARM | Answer.OUR_PATROL:
            changes |= _judged(state, answered)
        case Answer.CAUGHT | Answer.TURNED_BACK | Answer.LEFT | Answer.NOTHING_FOUND:
            # Of several who each spoke from outside, the first who comes back does not end the watch over the rest.
            others = _without(state.out, person) if person in state.out else ()
            changes |= _closed(answered) if answered.may_decide or not others else {"out": others}
        case Answer.SEEN:
            pass
    after = _gathered(replace(state, **changes), answered, rules)
    if answer in FROM_OUTSIDE and person in after.members | state.members:
        after = replace(after, last_word=at)
    return replace(after, overdue_at=_overdue_at(after, rules))


def _judged(state: State, answered: Answered) -> dict[str, Any]:
    person = answered.person
    field = "false_alarm" if answered.answer is Answer.FALSE_ALARM else "our_patrol"
    marked = _with(getattr(state, field), person)
    changes: dict[str, Any] = {field: marked}
    if state.approved_at is None:
        changes["ready"] = _without(state.ready, person)
    enough = answered.may_decide or len(marked) >= 2
    if enough and (person in state.members or not (state.out or state.help)):
        changes |= _closed(answered)
    return changes


def _gathered(state: State, answered: Answered, rules: Rules) -> State:
    """What it makes of the party that somebody more is ready, or out."""
    if state.approved_at is not None:
        joins = answered.person in state.gathered and answered.person not in state.party
        return replace(state, party=_with(state.party, answered.person)) if joins else state
    if len(state.gathered) < rules.least:
        return replace(state, ready_at=None)
    if not rules.approval and answered.answer is Answer.READY:
        return replace(state, **_approved(state, None, answered.at))
    return replace(state, ready_at=state.ready_at or answered.at)


def _approved(state: State, by: str | None, at: datetime) -> dict[str, Any]:
    return {
        "approved_by": by, "approved_at": at, "party": state.gathered, "out_at": state.out_at or at, "last_word": at,
    }  # fmt: skip


def _closed(answered: Answered) -> dict[str, Any]:
    return {"outcome": answered.answer, "closed_by": answered.person, "closed_at": answered.at, "out": (), "help": ()}


def _overdue_at(state: State, rules: Rules) -> datetime | None:
    waits = not state.over and (state.approved_at is not None or state.out) and state.last_word is not None
    return state.last_word + rules.check_in if waits and state.last_word is not None else None


def _with(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(names) if name in names else (*names, name)


def _without(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)
