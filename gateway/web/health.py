"""How the gateway is, for whoever watches it from outside. Nothing in it is a secret."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from gateway.store import tables


@dataclass(frozen=True, slots=True)
class Health:
    heard_s: float | None
    """Seconds since the last message from any camera; None when none ever came."""
    waiting: int
    """Deliveries that are due, or were tried in vain, and whose person has not been told."""
    oldest_s: float
    """How long the longest of them has waited; 0 without any."""


def health(session: Session, now: datetime) -> Health:
    heard = session.scalar(select(func.max(tables.Camera.heard_at)))
    row = tables.Delivery
    untold = row.told_revision.is_(None)
    since = case((untold, row.decided_at), else_=row.due_at)
    waiting, oldest = session.execute(
        select(func.count(), func.min(since)).where(
            row.due_at.is_not(None),
            row.over.is_(False),
            or_(untold, row.anew),
            or_(row.due_at <= now, row.attempts > 0),
        )
    ).one()
    return Health(
        heard_s=None if heard is None else max(0.0, (now - heard).total_seconds()),
        waiting=waiting,
        oldest_s=0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()),
    )
