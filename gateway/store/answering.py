"""What people answer to an incursion: kept, folded into its state, and told on at once."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from alerts.decide import Pace
from alerts.delivery import Answer
from alerts.reply_words import ReplyWords
from alerts.response import Answered, State, refusal
from gateway.store import Store, tables
from gateway.store.planning import Planning, locked_park


class NoSuchIncursion(LookupError):
    """The park has none of this number."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer."""

    taken: bool
    words: ReplyWords
    values: dict[str, str | int | Answer | datetime] = field(default_factory=dict[str, "str | int | Answer | datetime"])


def answer(
    store: Store,
    park: str,
    incursion: int,
    person: str,
    said: Answer,
    *,
    now: datetime,
    channel: str,
    note: str = "",
    pace: Pace | None = None,
) -> Outcome:
    """Keep it and plan anew, in one transaction. Raises NoSuchIncursion.

    The park's lock is held: of two who claim at once one is first, and the other is told so.
    """
    with store.writing() as session:
        row = locked_park(session, park)
        incursion_row = session.get(tables.Incursion, (park, incursion))
        if incursion_row is None:
            raise NoSuchIncursion(f"incursion {incursion} of park {park!r}")
        planning = Planning(session, row, now, pace or Pace())
        state = planning.state(incursion_row)
        may_decide = planning.may_decide(person, incursion_row)
        answered = Answered(person, said, now, may_decide, note)
        _mark_seen(session, park, person, incursion, now)
        row.change += 1
        refused = refusal(state, answered, planning.standing.rules)
        if refused is not None:
            return Outcome(False, refused.sentence, dict(refused.values))
        session.add(
            tables.Answer(
                park=park, incursion=incursion, person=person, answer=said, at=now, may_decide=may_decide,
                channel=channel, note=note[:1000],
            )
        )  # fmt: skip
        session.flush()
        incursion_row.revision += 1
        after = planning.renew(incursion_row).state
        return _outcome(said, after, planning.standing.rules.least)


def _mark_seen(session: Session, park: str, person: str, incursion: int, now: datetime) -> None:
    """Whoever answers has seen it: a human act."""
    of = tables.Delivery
    mine = (of.park == park, of.person == person, of.incursion == incursion)
    session.execute(update(of).where(*mine, of.seen_at.is_(None), of.accepted_at.is_not(None)).values(seen_at=now))


def _outcome(said: Answer, state: State, least: int) -> Outcome:
    match said:
        case Answer.SEEN:
            return Outcome(True, ReplyWords.SEEN)
        case Answer.READY if state.approved_at is None and len(state.ready) < least:
            return Outcome(True, ReplyWords.MORE_WANTED, {"ready": len(state.ready), "party": least})
        case Answer.READY if state.approved_at is None:
            return Outcome(True, ReplyWords.READY)
        case Answer.READY | Answer.APPROVE:
            return Outcome(True, ReplyWords.APPROVED)
        case Answer.CHECK_IN if state.overdue_at is not None:
            return Outcome(True, ReplyWords.CHECKED_IN, {"time": state.overdue_at})
        case Answer.HELP:
            return Outcome(True, ReplyWords.HELP_CALLED)
        case _:
            return Outcome(True, ReplyWords.NOTED, {"answer": said})
