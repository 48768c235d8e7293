"""Notices: opened once per subject, told by the plan, brought up to date in place, and ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.delivery import Kind
from alerts.route import ADMINISTRATOR, OPERATOR
from gateway.store import tables
from gateway.store.planning import Planning


def opened(session: Session, park: str, kind: Kind, subject: str) -> tables.Notice | None:
    """The one about this subject that is not over."""
    of = tables.Notice
    wanted = select(of).where(of.park == park, of.kind == kind, of.subject == subject, of.over_at.is_(None))
    return session.scalars(wanted).one_or_none()


def open_notice(  # noqa: PLR0917 - what a notice is
    session: Session,
    planning: Planning,
    park: tables.Park,
    kind: Kind,
    subject: str,
    facts: Mapping[str, str | float],
    *,
    since: datetime,
    now: datetime,
    camera: str | None = None,
    people: Sequence[str] | None = None,
    over: bool = False,
    photo: str | None = None,
) -> tables.Notice:
    """Tell it; when it is open already, bring its facts up to date. `over`: it tells of something that has ended."""
    row = None if over else opened(session, park.park, kind, subject)
    if row is None:
        park.last_notice += 1
        row = tables.Notice(
            park=park.park,
            number=park.last_notice,
            kind=kind,
            subject=subject,
            camera=camera,
            since=since,
            stored_at=now,
            revision=1,
            facts=dict(facts),
            people=list(people) if people is not None else None,
            photo=photo,
            wake_at=None,
            over_at=now if over else None,
        )
        session.add(row)
        session.flush()
    elif row.facts != dict(facts):
        row.facts = dict(facts)
        row.revision += 1
    else:
        return row
    park.change += 1
    planning.renew_notice(row)
    return row


def end_notice(row: tables.Notice, now: datetime) -> None:
    """What it told of is no more."""
    row.over_at, row.wake_at = now, None


def menders(session: Session, park: str) -> list[str]:
    """Who is told of our own trouble: administrators, or else operators."""
    of = tables.Person
    found: list[Any] = list(session.scalars(select(of).where(of.park == park)))
    able = [row for row in found if row.channels]
    chosen = [row for row in able if row.role == ADMINISTRATOR] or [row for row in able if row.role == OPERATOR]
    return [row.person for row in chosen]
