"""What a ranger's phone shows: the alerts and notices that were told to this person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
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

CHANNELS = 3
"""By which a person is told of one incursion, at most, as a rule."""
SURE = frozenset({
    Answer.HELP, Answer.FALSE_ALARM, Answer.OUR_PATROL, Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT,
    Answer.NOTHING_FOUND,
})  # fmt: skip
"""Answers that want a second tap: what they set off is hard to take back."""
ENDS = (Answer.CAUGHT, Answer.TURNED_BACK, Answer.LEFT, Answer.NOTHING_FOUND)
JUDGEMENTS = frozenset({Answer.FALSE_ALARM, Answer.OUR_PATROL})
"""Never the large button, which a thumb finds by itself."""
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
    def of_this_page(self) -> bool:
        """Whether it was told on this page, which then says when it shows it."""
        return self.delivery.channel == WebChannel.name

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
    def only_seen(self) -> tuple[str, ...]:
        """Others who have answered, and do not go."""
        state = self.response.state
        return tuple(each for each in state.seen if each != self.person and each not in (*state.gathered, *state.party))

    @property
    def choices(self) -> Choices:
        offered = self.response.offered
        ends = tuple(each for each in offered if each in ENDS)
        rest = [each for each in offered if each not in ends and each is not Answer.HELP]
        main = rest[0] if rest and rest[0] not in JUDGEMENTS else None
        return Choices(
            main=main,
            others=tuple(each for each in rest if each is not main),
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
    """The person's last `most` alerts, those that call for the person first, then the newest; and as many notices.

    Told on whatever channel: a message's link leads here. Where this page was told, too, its own delivery counts.
    """
    row = tables.Delivery
    mine = select(row).where(theirs(session, visitor), row.accepted_at.is_not(None)).order_by(row.number.desc())
    told = session.scalars(mine.where(row.incursion.is_not(None)).limit(most * CHANNELS)).all()
    alerts = _alerts(session, visitor, _each_once(told)[:most], now)
    of_page = mine.where(row.notice.is_not(None), row.channel == WebChannel.name).limit(most)
    notices = [_note(session, each, now) for each in session.scalars(of_page)]
    above = [note for note in notices if note.delivery.seen_at is None and not note.over][:AFTER_ALERTS]
    return Shown(
        tuple(above),
        tuple(sorted(alerts, key=lambda alert: not alert.calls)),
        tuple(note for note in notices if note not in above),
    )


def theirs(session: Session, visitor: Visitor) -> ColumnElement[bool]:
    """Deliveries to the person, by name or at an address of theirs: a group's chat is told once for all in it."""
    row, person = tables.Delivery, session.get(tables.Person, (visitor.park, visitor.person))
    shared = [
        and_(row.channel == each["channel"], row.address == each["address"])
        for each in (person.channels if person is not None else [])
    ]
    return and_(row.park == visitor.park, or_(row.person == visitor.person, *shared))


def delivery_of(session: Session, visitor: Visitor, number: int) -> tables.Delivery | None:
    """The delivery, when it is the person's own."""
    row = tables.Delivery
    return session.scalars(select(row).where(row.number == number, theirs(session, visitor))).one_or_none()


def was_told(session: Session, visitor: Visitor, incursion: int) -> int | None:
    """The delivery under which the person's page shows the incursion."""
    row = tables.Delivery
    mine = select(row).where(theirs(session, visitor), row.incursion == incursion, row.accepted_at.is_not(None))
    found = _each_once(session.scalars(mine.order_by(row.number.desc())).all())
    return found[0].number if found else None


def may_see_photo(session: Session, visitor: Visitor, photo: tables.Photo) -> bool:
    """An operator any of the park's; a ranger those of incursions that the ranger was told of, on any channel."""
    if photo.park != visitor.park:
        return False
    if visitor.operates:
        return True
    sighting, delivery = tables.Sighting, tables.Delivery
    told = exists().where(
        sighting.park == photo.park,
        sighting.camera == photo.camera,
        sighting.boot == photo.boot,
        sighting.sequence == photo.sequence,
        delivery.park == sighting.park,
        delivery.incursion == sighting.incursion,
        theirs(session, visitor),
    )
    return bool(session.scalar(select(told)))


def _each_once(told: Sequence[tables.Delivery]) -> list[tables.Delivery]:
    """One for each incursion, in their order: this page's own where there is one."""
    chosen: dict[int | None, tables.Delivery] = {}
    for row in told:
        if row.incursion not in chosen or row.channel == WebChannel.name:
            chosen[row.incursion] = row
    return list(chosen.values())


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
