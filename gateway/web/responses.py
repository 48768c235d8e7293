"""How far the answer to an incursion has come: who said what, who goes, and what the reader may say now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.decide import Pace
from alerts.delivery import Alarm, Answer
from alerts.line import line, routed_for
from alerts.response import Answered, Rules, State, fold, offered
from alerts.situation import Situation, Tried
from gateway.store import tables
from gateway.store.planning import Planning


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, as it was kept."""

    name: str
    answer: Answer
    at: datetime
    channel: str
    note: str


@dataclass(frozen=True, slots=True)
class Response:
    state: State
    rules: Rules
    alarm: Alarm | None
    """Of the whole incursion, now."""
    calls: Alarm | None
    """What of it makes the reader's phone ring."""
    given: tuple[Given, ...]
    """In their order."""
    offered: tuple[Answer, ...]
    """What makes sense for the reader."""
    may_decide: bool
    """Whether it is the reader's office to approve and to judge."""
    names: Mapping[str, str]
    """Person → the name that people use."""

    def who(self, persons: Iterable[str]) -> str:
        return ", ".join(self.names.get(person, person) for person in persons)

    def since(self, answer: Answer) -> datetime | None:
        """When it was last said."""
        return max((each.at for each in self.given if each.answer is answer), default=None)


@dataclass(frozen=True, slots=True)
class Next:
    """Who is told when nobody answers before."""

    at: datetime
    names: tuple[str, ...]
    why: str


class Responses:
    """Of one park, for one reader and one transaction."""

    def __init__(self, session: Session, park: str, person: str, now: datetime) -> None:
        self._session = session
        self._park = park
        self._person = person
        self.now = now
        self._planning = Planning(session, session.get_one(tables.Park, park), now, Pace())
        people = select(tables.Person.person, tables.Person.name).where(tables.Person.park == park)
        self.names: dict[str, str] = {row.person: row.name for row in session.execute(people)}

    def of(self, rows: Sequence[tables.Incursion]) -> dict[int, Response]:
        """Incursion → its response, by one query for all."""
        answers: defaultdict[int, list[tables.Answer]] = defaultdict(list)
        of = tables.Answer
        wanted = select(of).where(of.park == self._park, of.incursion.in_([row.number for row in rows]))
        for answer in self._session.scalars(wanted.order_by(of.at, of.number)):
            answers[answer.incursion].append(answer)
        return {row.number: self._response(row, answers[row.number]) for row in rows}

    def next_told(
        self, row: tables.Incursion, response: Response, deliveries: Sequence[tables.Delivery]
    ) -> Next | None:
        """A moment that has passed: it is about to be done."""
        if response.state.answered:
            return None
        standing = self._planning.standing
        situation = Situation(
            directory=standing.directory,
            matters=self._planning.matters(row),
            begun_at=row.stored_at,
            state=response.state,
            tried=tuple(
                Tried(each.person, each.channel, each.rank, each.decided_at, held=each.held is not None)
                for each in deliveries
            ),
        )
        there = {each.person for each in deliveries}
        coming = [
            call for call in line(situation, routed_for(situation), standing.timers) if call.called.person not in there
        ]
        if not coming:
            return None
        at = min(call.at for call in coming)
        names = tuple(self.names.get(each.called.person, each.called.person) for each in coming if each.at == at)
        return Next(at, names, next(call.called.why for call in coming if call.at == at))

    def _response(self, row: tables.Incursion, answers: Sequence[tables.Answer]) -> Response:
        rules = self._planning.standing.rules
        state = fold(
            [Answered(each.person, Answer(each.answer), each.at, each.may_decide, each.note) for each in answers], rules
        )
        may_decide = self._planning.may_decide(self._person, row)
        return Response(
            state=state,
            rules=rules,
            alarm=state.alarm(rules, self.now),
            calls=state.alarm_for(self._person, rules, self.now, may_decide=may_decide),
            given=tuple(
                Given(
                    self.names.get(each.person, each.person), Answer(each.answer), each.at, each.channel, each.note
                )
                for each in answers
            ),
            offered=offered(state, self._person, rules, may_decide=may_decide),
            may_decide=may_decide,
            names=self.names,
        )  # fmt: skip
