"""The time line of one alert, from the shutter to the phone, with the time between its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.store import tables
from gateway.web.shots import moment
from gateway.web.told import Told
from wire.messages import ClockQuality


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    words: str
    where: str
    """Whose clock: 'camera', 'gateway' or 'phone' (heard at the gateway)."""
    state: str
    """'done', 'waiting', 'unknown', 'failed' or 'held'."""
    at: datetime | None
    after: timedelta | None
    """Since the last step that is known."""
    across: bool
    """Whether `after` compares the camera's clock with the gateway's, and so is only as good as both."""


@dataclass(frozen=True, slots=True)
class Line:
    told: Told
    steps: tuple[Step, ...]
    total: timedelta | None
    """From the shutter to the last step that is known: `reached`."""
    reached: str


CAMERA_STEPS = (
    ("shutter", "the picture was taken", "shutter"),
    ("gated", "motion was found in it", "gated"),
    ("detected", "someone was recognised", "detected"),
    ("sent", "signed and put in the camera's spool", "sent"),
)


def line(told: Told, sighting: tables.Sighting) -> Line:
    """`sighting` is the incursion's first one that became known."""
    raw: list[tuple[str, str, str, str, datetime | None]] = []
    skew = sighting.opened_at - moment(sighting.said["opened_at"])
    for name, words, key in CAMERA_STEPS:
        said = sighting.said.get(key)
        at = None if said is None else moment(said) + skew
        raw.append((name, words, "camera", "unknown" if at is None else "done", at))
    raw.append(("stored", "safe in the gateway's database", "gateway", "done", sighting.stored_at))
    row = told.row
    raw.append(("decided", f"to tell {told.name}", "gateway", "done", row.decided_at))
    meaning = {
        "accepted": f"told: {told.channel} took it",
        "delivered": "the phone showed it",
        "seen": f"{told.name} touched it, or answered",
    }
    for step in told.steps[1:]:
        where = "gateway" if step.name == "accepted" else "phone"
        words = {
            "done": meaning[step.name], "unknown": f"{told.channel} cannot say", "held": f"muted: {told.held}",
        }.get(step.state, "")  # fmt: skip
        raw.append((step.name, words, where, step.state, step.at))
    reached, total = _total(raw)
    return Line(told, _with_distances(raw), total, reached)


def trusted(sighting: tables.Sighting) -> bool:
    """Whether the camera's clock was set by the network or by satellites."""
    return int(sighting.said.get("clock", 0)) >= ClockQuality.NETWORK


def _with_distances(raw: Sequence[tuple[str, str, str, str, datetime | None]]) -> tuple[Step, ...]:
    found: list[Step] = []
    before: tuple[datetime, str] | None = None
    for name, words, where, state, at in raw:
        after = at - before[0] if at is not None and before is not None else None
        across = before is not None and (before[1] == "camera") != (where == "camera")
        found.append(Step(name, words, where, state, at, after, across and after is not None))
        if at is not None:
            before = (at, where)
    return tuple(found)


def _total(raw: Sequence[tuple[str, str, str, str, datetime | None]]) -> tuple[str, timedelta | None]:
    known = [(name, at) for name, *_, at in raw if at is not None]
    if raw[0][4] is None or len(known) < 2:
        return "", None
    return known[-1][0], known[-1][1] - raw[0][4]
