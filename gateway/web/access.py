"""Who is there: a person's secret link, the cookie that it is exchanged for, and what the person may see.

Only SHA-256 hashes of links and cookies are stored: who reads the database cannot come in by what stands there. They
are random and long, so that a plain hash is enough.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alerts.route import OPERATOR
from gateway.store import Store, tables

TOKEN_BYTES = 24
"""192 bits: nobody guesses one."""


class NoSuchPerson(LookupError):
    """A link is wanted for somebody whom the park does not know: one sentence."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, as the park's settings say at this moment."""

    park: str
    person: str
    name: str
    role: str
    """'operator', 'ranger', …: as tables.Person has it."""
    language: str
    """A BCP 47 tag."""

    @property
    def operates(self) -> bool:
        return self.role == OPERATOR


@dataclass(frozen=True, slots=True)
class Entered:
    """A link that was good."""

    visitor: Visitor
    cookie: str
    expires_at: datetime


def make_link(store: Store, park: str, person: str, lifetime: timedelta, now: datetime) -> str:
    """A new token for `/enter/TOKEN`; earlier ones stay good until they expire. Raises NoSuchPerson."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with store.writing() as session:
        if session.get(tables.Person, (park, person)) is None:
            known = sorted(session.scalars(select(tables.Person.person).where(tables.Person.park == park)))
            raise NoSuchPerson(f"person {person!r} of park {park!r}; expected one of: {', '.join(known) or 'nobody'}")
        session.add(tables.Link(token=_hash(token), park=park, person=person, made_at=now, expires_at=now + lifetime))
    return token


def shut_out(store: Store, park: str, person: str) -> int:
    """End every link and session of a person, as when a phone is lost. How many there were.

    The phone is not called any more either.
    """
    of = tables.Subscription
    with store.writing() as session:
        session.execute(delete(of).where(of.park == park, of.person == person))
        links = delete(tables.Link).where(tables.Link.park == park, tables.Link.person == person)
        sessions = delete(tables.Session).where(tables.Session.park == park, tables.Session.person == person)
        return len(
            [
                *session.scalars(links.returning(tables.Link.token)),
                *session.scalars(sessions.returning(tables.Session.cookie)),
            ]
        )


def enter(store: Store, token: str, lifetime: timedelta, now: datetime) -> Entered | None:
    """Begin a session by a link, or None for a link that is unknown or has expired."""
    cookie = secrets.token_urlsafe(TOKEN_BYTES)
    with store.writing() as session:
        link = session.get(tables.Link, _hash(token))
        if link is None or link.expires_at <= now:
            return None
        visitor = _visitor(session, link.park, link.person)
        if visitor is None:
            return None
        session.execute(delete(tables.Session).where(tables.Session.expires_at <= now))
        session.add(
            tables.Session(
                cookie=_hash(cookie), park=link.park, person=link.person, made_at=now, expires_at=now + lifetime
            )
        )
        return Entered(visitor, cookie, now + lifetime)


def who(store: Store, cookie: str, now: datetime) -> Visitor | None:
    """Whose cookie it is, or None when it is nobody's any more."""
    with store.reading() as session:
        row = session.get(tables.Session, _hash(cookie))
        if row is None or row.expires_at <= now:
            return None
        return _visitor(session, row.park, row.person)


def leave(store: Store, cookie: str) -> None:
    """End one session."""
    with store.writing() as session:
        session.execute(delete(tables.Session).where(tables.Session.cookie == _hash(cookie)))


def _visitor(session: Session, park: str, person: str) -> Visitor | None:
    row = session.get(tables.Person, (park, person))
    return None if row is None else Visitor(park, person, row.name, row.role, row.language)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
