"""What people answered, folded into the state of a response: pure, so that a restart changes nothing.

Nobody is sent alone: a party of at least `least` is approved by the duty officer (a park may leave the approval out,
never the number), and checks in. One person's 'false alarm' or 'our patrol' ends nothing: it takes two, or one whose
office it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.delivery import Alarm, Answer, Progress
from alerts.reply_words import ReplyWords

OUTCOMES = frozenset({Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT, Answer.NOTHING_FOUND})
JUDGEMENTS = frozenset({Answer.FALSE_ALARM, Answer.OUR_PATROL})
ON_DUTY = (Answer.ON_THE_WAY, Answer.IN_PLACE, Answer.CHECK_IN)
"""A member's words from outside: each starts the check-in timer anew."""
TO_ANSWER = (Answer.SEEN, Answer.READY, Answer.FALSE_ALARM, Answer.OUR_PATROL)


@dataclass(frozen=True, slots=True)
class Rules:
    """A park's settings."""

    least: int = 2
    """Persons in a party."""
    approval: bool = True
    """Whether an officer approves it."""
    check_in: timedelta = timedelta(minutes=30)


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
    """Who goes: the ready at the approval, and who became ready later."""
    out: tuple[str, ...] = ()
    """Who said that they are on the way or in place, and has not come to an end."""
    out_at: datetime | None = None
    """When the first party was approved, or somebody went without: from then on ours may pass the cameras."""
    stage: Answer | None = None
    last_word: datetime | None = None
    """Of the party, since its approval."""
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
    def dark(self) -> frozenset[str]:
        """Whose phones stay dark and silent: the party in place."""
        return frozenset(self.party) if self.stage is Answer.IN_PLACE and not self.over else frozenset()

    def alarm(self, rules: Rules, now: datetime) -> Alarm | None:
        if self.help and not self.over:
            return Alarm.HELP
        if self.over:
            return None
        if self.lone or (self.overdue_at is not None and now >= self.overdue_at):
            return Alarm.OVERDUE
        if self.approved_at is not None:
            return Alarm.APPROVED
        return Alarm.APPROVAL_WANTED if rules.approval and len(self.ready) >= rules.least else None

    @property
    def lone(self) -> bool:
        """Somebody went out alone, whatever was approved."""
        return len(self.out) == 1 and len(self.party) < 2

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
    if answer is Answer.APPROVE:
        if not answered.may_decide:
            return Refusal(ReplyWords.NOT_ALLOWED, {})
        if state.approved_at is not None:
            return Refusal(ReplyWords.SOMEBODY_QUICKER, {"answer": answer})
        if len(state.ready) < rules.least:
            return Refusal(
                ReplyWords.MORE_WANTED, {"ready": len(state.ready), "party": rules.least}
            )
    return None


def offered(state: State, person: str, rules: Rules, *, may_decide: bool) -> tuple[Answer, ...]:
    """The buttons that make sense for this person now."""
    if state.over:
        return ()
    if person in state.party:
        steps = (Answer.IN_PLACE,) if state.stage is Answer.ON_THE_WAY else (Answer.ON_THE_WAY,)
        if state.stage is Answer.IN_PLACE:
            steps = (Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT, Answer.NOTHING_FOUND)
        return (*steps, Answer.CHECK_IN, Answer.HELP)
    approve = may_decide and rules.approval and state.approved_at is None and len(state.ready) >= rules.least
    mine = {
        Answer.SEEN: person in state.seen,
        Answer.READY: person in state.ready,
        Answer.FALSE_ALARM: person in state.false_alarm,
        Answer.OUR_PATROL: person in state.our_patrol,
    }
    return (*((Answer.APPROVE,) if approve else ()), *(answer for answer in TO_ANSWER if not mine[answer]))


def _after(state: State, answered: Answered, rules: Rules) -> State:
    person, answer, at = answered.person, answered.answer, answered.at
    changes: dict[str, Any] = {"seen": _with(state.seen, person)}
    match answer:
        case Answer.READY:
            changes["ready"] = _with(state.ready, person)
            if state.approved_at is not None:
                changes["party"] = _with(state.party, person)
            elif not rules.approval and len(_with(state.ready, person)) >= rules.least:
                changes |= _approved(state, None, at) | {"party": _with(state.ready, person)}
        case Answer.APPROVE:
            changes |= _approved(state, person, at)
        case Answer.ON_THE_WAY | Answer.IN_PLACE:
            changes |= {"stage": answer, "out": _with(state.out, person), "out_at": state.out_at or at, "last_word": at}
        case Answer.CHECK_IN:
            changes["last_word"] = at
        case Answer.HELP:
            changes["help"] = _with(state.help, person)
        case Answer.FALSE_ALARM | Answer.OUR_PATROL:
            field = "false_alarm" if answer is Answer.FALSE_ALARM else "our_patrol"
            marked = _with(getattr(state, field), person)
            changes[field] = marked
            if answered.may_decide or len(marked) >= 2:
                changes |= _closed(answered)
        case Answer.CAUGHT | Answer.TURNED_BACK | Answer.LEFT | Answer.NOTHING_FOUND:
            changes |= _closed(answered)
        case Answer.SEEN:
            pass
    after = replace(state, **changes)
    return replace(after, overdue_at=_overdue_at(after, rules))


def _approved(state: State, by: str | None, at: datetime) -> dict[str, Any]:
    return {"approved_by": by, "approved_at": at, "party": state.ready, "out_at": state.out_at or at, "last_word": at}


def _closed(answered: Answered) -> dict[str, Any]:
    return {"outcome": answered.answer, "closed_by": answered.person, "closed_at": answered.at, "out": (), "help": ()}


def _overdue_at(state: State, rules: Rules) -> datetime | None:
    waits = not state.over and (state.approved_at is not None or state.out) and state.last_word is not None
    return state.last_word + rules.check_in if waits and state.last_word is not None else None


def _with(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(names) if name in names else (*names, name)
