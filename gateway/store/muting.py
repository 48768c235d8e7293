"""Mutes: made by one, agreed to by a second where they could hide people, and seen by the area's chief."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alerts.decide import Pace
from alerts.delivery import Kind
from alerts.mute import Mute, MuteKind
from alerts.route import ANALYST
from gateway.store import Store, tables
from gateway.store.directory import mute_of
from gateway.store.notices import menders, open_notice
from gateway.store.planning import Planning, locked_park

LONGEST = timedelta(days=14)
"""Of any mute: what should last longer is a setting of the park."""
FRESH = timedelta(hours=12)
"""Incursions last seen so long ago are planned anew when a mute changes."""


class BadMute(ValueError):
    """One sentence: the thing, its value, what was expected."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A mute that somebody wants."""

    kind: MuteKind
    author: str
    reason: str
    begins: datetime
    ends: datetime
    cameras: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def mute(store: Store, park: str, wish: Wish, now: datetime) -> Mute:
    """Raises BadMute."""
    if not wish.reason.strip():
        raise BadMute("reason: is empty; expected why, for whoever asks tomorrow")
    if not wish.begins < wish.ends or wish.ends <= now:
        raise BadMute(f"ends: {wish.ends:%Y-%m-%d %H:%M}; expected a moment after its beginning and after now")
    if wish.ends - max(now, wish.begins) > LONGEST:
        raise BadMute(f"ends: {wish.ends:%Y-%m-%d %H:%M}; expected at most {LONGEST.days} days")
    with store.writing() as session:
        row = locked_park(session, park)
        _known(session, park, wish)
        row.last_mute += 1
        made = tables.Mute(
            park=park, number=row.last_mute, kind=wish.kind, author=wish.author, reason=wish.reason.strip()[:300],
            made_at=now, begins=wish.begins, ends=wish.ends, cameras=list(wish.cameras), areas=list(wish.areas),
            kinds=list(wish.kinds), agreed_by=None, lifted_by=None,
        )  # fmt: skip
        author = session.get(tables.Person, (park, wish.author))
        if author is not None and author.role == ANALYST:
            made.agreed_by = wish.author  # an analyst's word is enough
        session.add(made)
        _changed(session, row, made, now)
        return mute_of(made)


def agree(store: Store, park: str, number: int, person: str, now: datetime) -> Mute:
    """The second person's word. Raises BadMute."""
    with store.writing() as session:
        row = locked_park(session, park)
        made = _mute(session, park, number, now)
        if made.author == person:
            raise BadMute(f"mute {number}: is {person}'s own; expected a second person")
        if made.agreed_by is None:
            made.agreed_by = person
            _changed(session, row, made, now)
        return mute_of(made)


def lift(store: Store, park: str, number: int, person: str, now: datetime) -> Mute:
    """End it now. Anybody of the park may: to hear more is no danger. Raises BadMute."""
    with store.writing() as session:
        row = locked_park(session, park)
        made = _mute(session, park, number, now)
        made.ends, made.lifted_by = now, person
        _changed(session, row, made, now)
        return mute_of(made)


def _mute(session: Session, park: str, number: int, now: datetime) -> tables.Mute:
    made = session.get(tables.Mute, (park, number))
    if made is None or made.ends <= now:
        raise BadMute(f"mute {number}: there is none, or it has ended; expected the number of one that runs")
    return made


def _known(session: Session, park: str, wish: Wish) -> None:
    for kind, names, table, column in (
        ("cameras", wish.cameras, tables.Camera, tables.Camera.camera),
        ("areas", wish.areas, tables.Area, tables.Area.area),
    ):
        there: Collection[str] = set(session.scalars(select(column).where(table.park == park)))
        for name in names:
            if name not in there:
                raise BadMute(f"{kind}: {name!r}; expected one of: {', '.join(sorted(there)) or 'none is there'}")


def _changed(session: Session, park: tables.Park, made: tables.Mute, now: datetime) -> None:
    """The chiefs hear of it, and what is going on is planned anew."""
    park.change += 1
    session.flush()
    of = tables.Incursion
    session.execute(
        update(of)
        .where(of.park == park.park, of.last_at > now - FRESH)
        .values(wake_at=now)
        .execution_options(synchronize_session=False)
    )
    chiefs = _chiefs(session, park.park, made)
    facts = {
        "kind": made.kind,
        "by": made.author,
        "until": made.ends.isoformat(),
        "reason": made.reason,
        "where": ", ".join([*made.cameras, *made.areas]) or "the whole park",
        "agreed": made.agreed_by or "",
    }
    open_notice(
        session,
        Planning(session, park, now, Pace()),
        park,
        Kind.MUTED,
        f"mute {made.number}",
        facts,
        since=made.made_at,
        now=now,
        camera=made.cameras[0] if made.cameras else None,
        people=chiefs,
    )


def _chiefs(session: Session, park: str, made: tables.Mute) -> list[str]:
    areas = set(made.areas)
    if made.cameras:
        of = tables.Camera
        areas |= set(session.scalars(select(of.area).where(of.park == park, of.camera.in_(made.cameras))))
    found = session.scalars(select(tables.Area).where(tables.Area.park == park))
    chiefs = {row.chief for row in found if row.chief is not None and (not areas or row.area in areas)}
    return sorted(chiefs) or menders(session, park)
