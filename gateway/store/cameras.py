"""What was last heard of each camera."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from gateway.store import tables
from gateway.taken import Taken
from wire.messages import Health, Presence, Status

Cameras = dict[tuple[str, str], tables.Camera]
"""By (park, camera)."""


def load(session: Session, names: Iterable[tuple[str, str]]) -> Cameras:
    """The rows of these cameras."""
    of = tuple_(tables.Camera.park, tables.Camera.camera)
    rows = session.scalars(select(tables.Camera).where(of.in_(list(names))))
    return {(row.park, row.camera): row for row in rows}


def heard(session: Session, known: Cameras, taken: Taken) -> None:
    """A message of a camera came: keep what it says of the camera itself."""
    row = known.get((taken.topic.park, taken.topic.camera))
    if row is None:  # taken out of the park since its signature was checked
        return
    message = taken.message
    if isinstance(message, Status):
        _status(row, message)
        if message.presence is Presence.GONE:  # the broker's word, written when the connection began
            return
    if not taken.retained:
        row.heard_at = max(row.heard_at or taken.received_at, taken.received_at)
    if row.boot is None or message.boot > row.boot:
        row.boot = message.boot
        _close_earlier(session, row, message.boot)
    if isinstance(message, Health) and message.boot >= row.boot:
        _health(row, message, taken.received_at)


def _status(row: tables.Camera, status: Status) -> None:
    """A will speaks only of its own connection; an old word that comes again says nothing."""
    last = (row.presence_boot or 0, row.presence_connection or 0) if row.presence is not None else (-1, -1)
    this = (status.boot, status.connection)
    ends_it = this == last and row.presence == Presence.HERE and status.presence is not Presence.HERE
    if this > last or ends_it:
        row.presence = int(status.presence)
        row.presence_boot, row.presence_connection = this


def _health(row: tables.Camera, health: Health, received_at: datetime) -> None:
    said: dict[str, Any] = health.model_dump(
        exclude={"boot", "sequence", "at", "clock", "uptime_ms"}, exclude_none=True
    )
    before = row.health or {}
    order = (health.boot, health.sequence)
    if (before.get("boot", -1), before.get("sequence", -1)) >= order:  # an older one, late from the spool
        return
    row.health = said | {"boot": health.boot, "sequence": health.sequence, "clock": int(health.clock)}
    row.promised_by = received_at + timedelta(seconds=health.next_within_s)


def _close_earlier(session: Session, row: tables.Camera, boot: int) -> None:
    """What an earlier start of the program left open will never be closed by it."""
    of = tables.Sighting
    session.execute(
        update(of)
        .where(of.park == row.park, of.camera == row.camera, of.boot < boot, ~of.closed)
        .values(closed=True)
        .execution_options(synchronize_session=False)
    )
