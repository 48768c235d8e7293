"""Each camera's state at a glance: decided from what it last said and what it promised."""

from dataclasses import dataclass
from datetime import datetime

from gateway.store import tables
from wire.messages import Presence


@dataclass(frozen=True, slots=True)
class State:
    """`word` names the colour, too: 'watching', 'blind', 'away', 'silent', 'off', 'new' or 'revoked'."""

    word: str
    words: str
    """The whole of it, for people."""
    since: datetime | None
    """Of 'silent': when its promise ran out. Else when it was last heard, or revoked."""


@dataclass(frozen=True, slots=True)
class Unit:
    camera: str
    place: str
    area: str
    heard_at: datetime | None
    state: State


ORDER = ("silent", "blind", "away", "off", "watching", "new", "revoked")
"""What needs a look comes first."""


def state(row: tables.Camera, now: datetime) -> State:
    """What is known of a camera at `now`."""
    if row.revoked_at is not None:
        return State("revoked", "revoked: nothing it says is believed", row.revoked_at)
    if row.heard_at is None:
        return State("new", "never heard yet", None)
    if row.presence == Presence.LEAVING:
        return State("off", "switched off in good order", row.heard_at)
    if row.promised_by is not None and now > row.promised_by:
        return State("silent", "silent: it promised to be heard", row.promised_by)
    if row.presence == Presence.GONE:
        return State("away", "its connection broke", row.heard_at)
    fault = (row.health or {}).get("camera_fault")
    if fault:
        return State("blind", f"no picture: {fault}", row.heard_at)
    return State("watching", "watching", row.heard_at)


def unit(row: tables.Camera, area: str, now: datetime) -> Unit:
    return Unit(row.camera, row.place, area, row.heard_at, state(row, now))


def by_need(units: list[Unit]) -> list[Unit]:
    return sorted(units, key=lambda each: (ORDER.index(each.state.word), each.place, each.camera))
