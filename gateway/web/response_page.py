"""The response on the operations pages: its standing on each card, and the whole of it on an incursion's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.channels.relay import script
from alerts.delivery import Alarm, Answer, Delivery
from alerts.response import OUTCOMES
from gateway.store import tables
from gateway.store.telling import telling_of
from gateway.web.incursions import Card
from gateway.web.responses import Response, Responses
from gateway.web.standings import Standing, standing
from gateway.web.told import BY_OPERATOR, Told

WATCHED = timedelta(hours=6)
"""So long is it said who is told next; escalation is over by then."""
CALLED_FOR = timedelta(days=3)
"""An incursion about which nobody has said a word for so long calls no more."""
CALLS = frozenset({Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVAL_WANTED})
JUDGEMENTS = (Answer.FALSE_ALARM, Answer.OUR_PATROL)


@dataclass(frozen=True, slots=True)
class Relay:
    """A task: to read the alert out over a radio or a satellite phone."""

    told: Told
    call: str
    """What to call."""
    script: tuple[str, ...]
    """A sentence each."""


@dataclass(frozen=True, slots=True)
class ResponsePage:
    response: Response
    standing: Standing | None
    first: tuple[Answer, ...]
    """What the response needs: approval, and the operator's own word."""
    ends: tuple[Answer, ...]
    """How it may end."""
    relays: tuple[Relay, ...]
    followed_by: tuple[int, ...]
    """Incursions that may be parties of ours that go after this one."""


def standings(reading: Responses, cards: Sequence[Card]) -> dict[int, Standing | None]:
    """Incursion → where its answer stands; None where nobody was told and nobody answered."""
    responses = reading.of([card.row for card in cards])
    return {card.number: _standing(reading, card, responses[card.number]) for card in cards}


def calls(session: Session, reading: Responses, park: str) -> tuple[tuple[int, Standing], ...]:
    """Incursions that want a hand now, wherever on the timeline they stand, with their standing; the newest first."""
    of, answer = tables.Incursion, tables.Answer
    fresh = select(answer.incursion).where(answer.park == park, answer.at > reading.now - CALLED_FOR)
    rows = session.scalars(select(of).where(of.park == park, of.number.in_(fresh)).order_by(of.number.desc())).all()
    responses = reading.of(rows)
    calling = [row for row in rows if responses[row.number].alarm in CALLS]
    return tuple((row.number, standing(row, responses[row.number], None)) for row in calling)


def read(session: Session, reading: Responses, card: Card, now: datetime) -> ResponsePage:
    response = reading.of([card.row])[card.number]
    over = response.state.over
    of = tables.Incursion
    followers = select(of.number).where(of.park == card.row.park, of.follows == card.number).order_by(of.number)
    own = tuple(each for each in response.offered if each not in (*OUTCOMES, *JUDGEMENTS))
    return ResponsePage(
        response=response,
        standing=_standing(reading, card, response),
        first=(*own, *(() if Answer.HELP in own or over else (Answer.HELP,))),
        ends=() if over else (*OUTCOMES, *JUDGEMENTS),
        relays=tuple(_relay(session, told, now) for told in card.told if _to_read_out(told) and not over),
        followed_by=tuple(session.scalars(followers)),
    )


def _standing(reading: Responses, card: Card, response: Response) -> Standing | None:
    if not card.told and not response.given:
        return None
    fresh = reading.now - card.stored_at < WATCHED
    told = [each.row for each in card.told]
    return standing(card.row, response, reading.next_told(card.row, response, told) if fresh else None)


def _to_read_out(told: Told) -> bool:
    row = told.row
    return row.channel == BY_OPERATOR and row.accepted_at is not None and row.delivered_at is None and not row.over


def _relay(session: Session, told: Told, now: datetime) -> Relay:
    row = told.row
    carried = Delivery(
        number=row.number, park=row.park, incursion=row.incursion, person=row.person, channel=row.channel,
        address=row.address, reason=row.reason, attempts=row.attempts, earlier=None, held_until=row.decided_at,
    )  # fmt: skip
    telling, _ = telling_of(session, carried, None, now)
    return Relay(told, row.address, script(telling, now))
