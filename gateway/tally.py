"""What each person made quiet and called false: one alone can blind nothing, and nobody does so unseen."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.delivery import Answer
from gateway.store import tables


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one person, over a time."""

    person: str
    name: str
    told: int
    """Incursions."""
    seen: int
    """Of these, how many the person saw or answered."""
    to_seen: timedelta | None
    """Half of them were seen within this time of being told."""
    ready: int
    false_alarm: int
    our_patrol: int
    mutes: int
    agreed: int
    """To mutes of others."""


def tally(session: Session, park: str, since: datetime) -> tuple[Tally, ...]:
    """Everyone of the park, by name."""
    answer, delivery, mute = tables.Answer, tables.Delivery, tables.Mute
    said: Counter[tuple[str, str]] = Counter()
    for row in session.scalars(select(answer).where(answer.park == park, answer.at >= since)):
        said[row.person, row.answer] += 1
    told: dict[str, set[int]] = {}
    seen: dict[tuple[str, int], timedelta] = {}
    of_incursions = (delivery.park == park, delivery.incursion.is_not(None), delivery.accepted_at >= since)
    for row in session.scalars(select(delivery).where(*of_incursions)):
        if row.incursion is None or row.accepted_at is None:
            continue
        told.setdefault(row.person, set()).add(row.incursion)
        if row.seen_at is not None:
            key = (row.person, row.incursion)
            seen[key] = min(seen.get(key, timedelta.max), row.seen_at - row.accepted_at)
    made, agreed = Counter[str](), Counter[str]()
    for row in session.scalars(select(mute).where(mute.park == park, mute.made_at >= since)):
        made[row.author] += 1
        if row.agreed_by is not None and row.agreed_by != row.author:
            agreed[row.agreed_by] += 1
    people = session.scalars(select(tables.Person).where(tables.Person.park == park).order_by(tables.Person.person))
    return tuple(
        Tally(
            person=row.person,
            name=row.name,
            told=len(told.get(row.person, ())),
            seen=len(times := [took for (person, _), took in seen.items() if person == row.person]),
            to_seen=median_low(times) if times else None,
            ready=said[row.person, Answer.READY],
            false_alarm=said[row.person, Answer.FALSE_ALARM],
            our_patrol=said[row.person, Answer.OUR_PATROL],
            mutes=made[row.person],
            agreed=agreed[row.person],
        )
        for row in people
    )
