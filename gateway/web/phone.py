"""What a ranger's phone shows: the alerts that were told to this person on the phone page, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from alerts.channels.web import WebChannel
from gateway.store import tables
from gateway.web.access import Visitor
from gateway.web.incursions import Card, cards


@dataclass(frozen=True, slots=True)
class Alert:
    delivery: tables.Delivery
    card: Card


def alerts(session: Session, visitor: Visitor, most: int) -> tuple[Alert, ...]:
    """The person's last `most`, newest first."""
    row = tables.Delivery
    told = session.scalars(
        select(row)
        .where(
            row.park == visitor.park,
            row.person == visitor.person,
            row.channel == WebChannel.name,
            row.accepted_at.is_not(None),
            row.incursion.is_not(None),
        )
        .order_by(row.number.desc())
        .limit(most)
    ).all()
    shown = {card.number: card for card in cards(session, visitor.park, _incursions(session, visitor.park, told))}
    return tuple(Alert(each, shown[each.incursion]) for each in told if each.incursion is not None)


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


def _incursions(session: Session, park: str, told: Sequence[tables.Delivery]) -> Sequence[tables.Incursion]:
    numbers = [each.incursion for each in told]
    return session.scalars(
        select(tables.Incursion).where(tables.Incursion.park == park, tables.Incursion.number.in_(numbers))
    ).all()
