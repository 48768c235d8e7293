"""Open notices, as the operations page lists them: in the words in which every channel tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.caption import Caption, caption
from alerts.delivery import Kind, NoticeTelling
from gateway.store import tables
from gateway.web.incursions import Park, Places
from gateway.web.told import Told, told

PASSING = frozenset({Kind.CANARY, Kind.CAMERA_BACK, Kind.TEST})
"""Good news, and tests: told, and not listed."""
MOST = 20


@dataclass(frozen=True, slots=True)
class Open:
    number: int
    kind: Kind
    caption: Caption
    since: datetime
    told: tuple[Told, ...]


def open_notices(session: Session, park: Park, names: Mapping[str, str], now: datetime) -> tuple[Open, ...]:
    """Newest first."""
    of, delivery = tables.Notice, tables.Delivery
    rows = session.scalars(
        select(of).where(of.park == park.park, of.over_at.is_(None), of.kind.not_in(PASSING)).order_by(of.number.desc())
    ).all()
    rows = [row for row in rows if not _ended(row, now)][:MOST]
    wanted = (delivery.park == park.park, delivery.notice.in_([row.number for row in rows]))
    deliveries = session.scalars(select(delivery).where(*wanted).order_by(delivery.number)).all()
    places = Places.read(session, park.park)
    return tuple(
        Open(
            number=row.number,
            kind=Kind(row.kind),
            caption=caption(_telling(row, park, places), now),
            since=row.since,
            told=tuple(told(each, names) for each in deliveries if each.notice == row.number),
        )
        for row in rows
    )


def _ended(row: tables.Notice, now: datetime) -> bool:
    """A mute's notice stands as long as the mute."""
    return row.kind == Kind.MUTED and datetime.fromisoformat(str(row.facts["until"])) <= now


def _telling(row: tables.Notice, park: Park, places: Places) -> NoticeTelling:
    camera = row.camera or ""
    return NoticeTelling(
        delivery=0,
        revision=row.revision,
        park=park.name,
        area=places.area(camera),
        place=places.place(camera),
        camera=camera,
        zone=park.zone.key,
        language="en",
        notice=row.number,
        kind=Kind(row.kind),
        since=row.since,
        facts=row.facts,
    )
