"""What a ranger's phone shows: the alerts and notices that were told to this person on the phone page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from alerts.caption import Caption, caption
from alerts.channels.web import WebChannel
from alerts.delivery import Alarm, Answer, Delivery, Kind, Movement
from alerts.incursion import Place, Visit
from alerts.movement import movement
from gateway.store import tables
from gateway.store.telling import telling_of
from gateway.web.access import Visitor
from gateway.web.incursions import Card, Places, cards
from gateway.web.responses import Response, Responses

AFTER_ALERTS = 2
"""Unseen notices that stand above the newest alert, at most; the rest come after it."""

SURE = frozenset({
    Answer.HELP, Answer.FALSE_ALARM, Answer.OUR_PATROL, Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT,
    Answer.NOTHING_FOUND,
})  # fmt: skip
"""Answers that want a second tap: what they set off is hard to take back."""
ENDS = (Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT, Answer.NOTHING_FOUND)
ESCALATED = "escalated"
"""How the reason begins for which somebody further up is told: alerts/plan.py."""
CALLS = frozenset({Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVAL_WANTED, Alarm.APPROVED})
"""Alarms that bring an alert above the others."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The buttons of an alert, by how they are drawn."""

    main: Answer | None
    others: tuple[Answer, ...]
    ends: tuple[Answer, ...]
    """Outcomes."""
    help: bool
    note: bool
    """Whether a note may go with the answer."""


@dataclass(frozen=True, slots=True)
class Alert:
    delivery: tables.Delivery
    card: Card
    response: Response
    person: str
    movement: Movement | None

    @property
    def alarm(self) -> Alarm | None:
        """The one for this person, as long as it stands."""
        if self.response.calls is None and not self.response.state.answered and self.delivery.why.startswith(ESCALATED):
            return Alarm.UNANSWERED
        return self.response.calls

    @property
    def calls(self) -> bool:
        """Whether it goes above newer ones."""
        return self.alarm in CALLS or self.goes

    @property
    def goes(self) -> bool:
        """Whether the person is of the party that is out."""
        return self.person in self.response.state.members and not self.response.state.over

    @property
    def dark(self) -> bool:
        return self.person in self.response.state.dark

    @property
    def choices(self) -> Choices:
        offered = self.response.offered
        ends = tuple(each for each in offered if each in ENDS)
        rest = [each for each in offered if each not in ends and each is not Answer.HELP]
        return Choices(
            main=rest[0] if rest else None,
            others=tuple(rest[1:]),
            ends=ends,
            help=Answer.HELP in offered,
            note=self.goes or bool(rest),
        )


@dataclass(frozen=True, slots=True)
class Note:
    """A notice: what is told and is no incursion."""

    delivery: tables.Delivery
    kind: Kind
    caption: Caption
    over: bool
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """The page in its order."""

    above: tuple[Note, ...]
    alerts: tuple[Alert, ...]
    below: tuple[Note, ...]

    @property
    def dark(self) -> bool:
        """Whether the person is in place somewhere: then the phone gives no light that it need not give."""
        return any(alert.dark for alert in self.alerts)


def shown(session: Session, visitor: Visitor, most: int, now: datetime) -> Shown:
    """The person's last `most` alerts, those that call for the person first, then the newest; and as many notices."""
    row = tables.Delivery
    mine = (
        select(row)
        .where(
            row.park == visitor.park,
            row.person == visitor.person,
            row.channel == WebChannel.name,
            row.accepted_at.is_not(None),
        )
        .order_by(row.number.desc())
        .limit(most)
    )
    alerts = _alerts(session, visitor, session.scalars(mine.where(row.incursion.is_not(None))).all(), now)
    notices = [_note(session, each, now) for each in session.scalars(mine.where(row.notice.is_not(None)))]
    above = [note for note in notices if note.delivery.seen_at is None and not note.over][:AFTER_ALERTS]
    return Shown(
        tuple(above),
        tuple(sorted(alerts, key=lambda alert: not alert.calls)),
        tuple(note for note in notices if note not in above),
    )


def delivery_of(session: Session, visitor: Visitor, number: int) -> tables.Delivery | None:
    """The delivery, when it is the person's own on this page."""
    row = session.get(tables.Delivery, number)
    if row is None or (row.park, row.person, row.channel) != (visitor.park, visitor.person, WebChannel.name):
        return None
    return row


def may_see_photo(session: Session, visitor: Visitor, photo: tables.Photo) -> bool:
    """An operator any of the park's; a ranger those of incursions that the ranger was told of, on any channel."""
    if photo.park != visitor.park:
        return False
    if visitor.operates:
        return True
    sighting, delivery = tables.Sighting, tables.Delivery
    return bool(
        session.scalar(
            select(
                exists().where(
                    sighting.park == photo.park,
                    sighting.camera == photo.camera,
                    sighting.boot == photo.boot,
                    sighting.sequence == photo.sequence,
                    delivery.park == sighting.park,
                    delivery.incursion == sighting.incursion,
                    delivery.person == visitor.person,
                )
            )
        )
    )


def _alerts(session: Session, visitor: Visitor, told: Sequence[tables.Delivery], now: datetime) -> list[Alert]:
    of = tables.Incursion
    numbers = [each.incursion for each in told]
    rows = session.scalars(select(of).where(of.park == visitor.park, of.number.in_(numbers))).all()
    places = Places.read(session, visitor.park)
    shown = {card.number: card for card in cards(session, visitor.park, rows)}
    responses = Responses(session, visitor.park, visitor.person, now).of(rows)
    return [
        Alert(
            delivery=each,
            card=shown[each.incursion],
            response=responses[each.incursion],
            person=visitor.person,
            movement=movement([_visit(sighting, places) for sighting in shown[each.incursion].sightings]),
        )
        for each in told
        if each.incursion is not None
    ]


def _visit(sighting: tables.Sighting, places: Places) -> Visit:
    camera = places.cameras.get(sighting.camera)
    place = None
    if camera is not None and camera.latitude is not None and camera.longitude is not None:
        place = Place(camera.latitude, camera.longitude)
    return Visit(sighting.camera, place, sighting.opened_at, sighting.seen_at)


def _note(session: Session, row: tables.Delivery, now: datetime) -> Note:
    notice = session.get_one(tables.Notice, (row.park, row.notice))
    telling, _ = telling_of(session, _carried(row), None, now)
    return Note(row, Kind(notice.kind), caption(telling, now), notice.over_at is not None, notice.stored_at)


def _carried(row: tables.Delivery) -> Delivery:
    """The row as the dispatcher would hold it: for its telling."""
    return Delivery(
        number=row.number, park=row.park, incursion=row.incursion, person=row.person, channel=row.channel,
        address=row.address, reason=row.reason, attempts=row.attempts, earlier=None, held_until=row.decided_at,
    )  # fmt: skip
