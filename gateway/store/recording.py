"""What became of messages: applied to the tables within one open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from alerts.decide import Pace
from gateway.store import cameras, sightings, tables
from gateway.store.canaries import Canaries
from gateway.store.incursions import Incursions
from gateway.store.planning import Planning
from gateway.taken import Taken
from wire import messages

MessageKey = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Recording:
    """Settings."""

    late_after: timedelta = timedelta(minutes=5)
    """A sighting that is stored so long after it happened is marked, and told as late."""
    pace: Pace = field(default_factory=Pace)
    channels: frozenset[str] | None = None
    """That are set up; None when that is not known: then every channel counts."""


def record(session: Session, group: Sequence[Taken], now: datetime, settings: Recording) -> list[str | None]:
    """For each message None when it is stored (now or before), or why it can never be.

    Takes the lock of each park in the group first: whoever stores for the same park at the same time waits, so that
    two sightings of one party cannot open two incursions.
    """
    parks = _locked(session, {taken.topic.park for taken in group})
    spooled = [taken for taken in group if not isinstance(taken.message, messages.Status)]
    verdicts, new = _told_apart(session, spooled)
    with session.no_autoflush:
        known = cameras.load(session, {(taken.topic.park, taken.topic.camera) for taken in group})
        for taken in group:
            cameras.heard(session, known, taken)
        photos = sightings.store_previews(session, new, now)
        changed = sightings.store(session, new, known, now, settings.late_after)
        planning = partial(Planning, session, now=now, pace=settings.pace, channels=settings.channels)
        Incursions(session, parks, known, now, planning).grow(changed, photos)
        Canaries(session, parks, known, now, pace=settings.pace, planning=planning).come(changed, photos)
        sightings.insert_new(session, changed)
        for park in {taken.topic.park for taken in group} & parks.keys():
            parks[park].change += 1
    session.flush()
    return [verdicts.get(id(taken)) for taken in group]


def sealed_and_cut(taken: Taken) -> tuple[bytes, int | None]:
    """What is kept of the sealed bytes, and where a photo's image was cut out of them."""
    if not isinstance(taken.message, messages.Preview):
        return taken.sealed, None
    image = taken.message.image
    at = taken.sealed.index(image[:32])  # the whole would be searched for with a table that costs more than the search
    if not taken.sealed.startswith(image, at):
        at = taken.sealed.index(image)
    return taken.sealed[:at] + taken.sealed[at + len(image) :], at


def restored(sealed: bytes, image_at: int | None, image: bytes = b"") -> bytes:
    """The inverse of `sealed_and_cut`: what the camera signed."""
    return sealed if image_at is None else sealed[:image_at] + image + sealed[image_at:]


def _locked(session: Session, names: set[str]) -> dict[str, tables.Park]:
    # In the order of their names: two inboxes that lock the same two parks do not wait for each other for ever.
    wanted = select(tables.Park).where(tables.Park.park.in_(names)).order_by(tables.Park.park).with_for_update()
    return {park.park: park for park in session.scalars(wanted)}


def _told_apart(session: Session, group: Sequence[Taken]) -> tuple[dict[int, str], list[Taken]]:
    """Inserts the messages. Gives the refusals by `id` of the message, and those that were not here before.

    Nobody else inserts messages of these parks meanwhile: their locks are held.
    """
    first: dict[MessageKey, Taken] = {}
    for taken in group:
        first.setdefault(taken.key, taken)
    of = tables.Message
    columns = (of.park, of.camera, of.boot, of.sequence)
    known = session.execute(select(*columns, of.digest).where(tuple_(*columns).in_(list(first)))) if first else ()
    digests: dict[MessageKey, bytes] = {(row.park, row.camera, row.boot, row.sequence): row.digest for row in known}
    new = [taken for key, taken in first.items() if key not in digests]
    if new:
        session.execute(insert(of.__table__), [_row(taken) for taken in new])  # pyright: ignore[reportArgumentType] - a Table
    digests |= {taken.key: taken.sha256 for taken in new}
    refused = {
        id(taken): "boot and sequence: another message of this camera already bears them; expected each number once"
        for taken in group
        if taken.sha256 != digests[taken.key]
    }
    return refused, new


def _row(taken: Taken) -> dict[str, Any]:
    park, camera, boot, sequence = taken.key
    kept, image_at = sealed_and_cut(taken)
    return {
        "park": park,
        "camera": camera,
        "boot": boot,
        "sequence": sequence,
        "kind": str(taken.topic.kind),
        "digest": taken.sha256,
        "sealed": kept,
        "image_at": image_at,
        "received_at": taken.received_at,
    }
