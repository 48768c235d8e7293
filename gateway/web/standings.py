"""Where the answer to an incursion stands, in one line for a card of the timeline: what needs a hand comes first."""

from dataclasses import dataclass
from datetime import datetime

from alerts.delivery import Alarm, Answer
from alerts.terms import ANSWERS
from gateway.store import tables
from gateway.web.responses import Next, Response


@dataclass(frozen=True, slots=True)
class Standing:
    word: str
    """For the colour: 'help', 'overdue', 'unanswered', 'wanted', 'ready', 'seen', 'approved', 'out' or 'over'."""
    words: str
    who: str = ""
    since: datetime | None = None
    next: Next | None = None
    """Of 'unanswered'."""


def standing(row: tables.Incursion, response: Response, next_told: Next | None) -> Standing:
    state, alarm = response.state, response.alarm
    if state.outcome is not None:
        by = response.who([state.closed_by]) if state.closed_by is not None else ""
        return Standing("over", f"Closed: {ANSWERS[state.outcome].lower()}", by, state.closed_at)
    if alarm is Alarm.HELP:
        return Standing("help", "Needs help", response.who(state.help), response.since(Answer.HELP))
    if alarm is Alarm.OVERDUE and state.lone:
        return Standing("overdue", "Out alone", response.who(state.out), state.out_at)
    if alarm is Alarm.OVERDUE:
        return Standing("overdue", "Overdue: check-in missed", response.who(state.party or state.out), state.overdue_at)
    if state.stage is not None:
        who = response.who(state.party or state.out)
        return Standing("out", ANSWERS[state.stage], who, response.since(state.stage))
    if state.approved_at is not None:
        by = f"Approved by {response.who([state.approved_by])}" if state.approved_by else "May go"
        return Standing("approved", by, response.who(state.party), state.approved_at)
    if alarm is Alarm.APPROVAL_WANTED:
        return Standing("wanted", "Waits for approval", response.who(state.gathered), state.ready_at)
    if state.gathered:
        words = f"{len(state.gathered)} of {response.rules.least} ready"
        return Standing("ready", words, response.who(state.gathered), response.since(Answer.READY))
    if state.answered:
        return Standing("seen", "Seen", response.who(state.seen), response.since(Answer.SEEN))
    return Standing("unanswered", "Unanswered", response.who(state.seen), row.stored_at, next_told)
