"""Which incursion a sighting belongs to: a decision of values alone.

Two mistakes are possible. To join two parties hides one behind the other, and nobody is sent; to split one party tells
it twice. The second is the lesser: what cannot be one party by place and time is never joined.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

from alerts.delivery import Kind

EARTH_M = 6_371_000.0
"""Mean radius (IUGG)."""

SLACK_M = 100.0
"""How far two cameras that see the same party at once may be apart: they look along a trail, and places are rough."""

BACK_AFTER = timedelta(minutes=10)
"""A party that nobody saw for so long has come back."""

STILL_HERE = timedelta(seconds=60)
"""Whoever a camera saw so shortly before is still before it: nobody has caught up meanwhile."""

KIND_OF_LABEL = {
    "person": "person",
    "bicycle": "vehicle",
    "car": "vehicle",
    "motorcycle": "vehicle",
    "bus": "vehicle",
    "truck": "vehicle",
    "bird": "animal",
    "cat": "animal",
    "dog": "animal",
    "horse": "animal",
    "sheep": "animal",
    "cow": "animal",
    "elephant": "animal",
    "bear": "animal",
    "zebra": "animal",
    "giraffe": "animal",
}
"""A detector's label → the kind that a park tells or does not. A label that is not here is a kind of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """In degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Grouping:
    """A park's settings for what one party can do."""

    gap: timedelta = timedelta(minutes=15)
    """How long a party may stay out of every camera's sight."""
    reach: float = 3_000.0
    """Metres. Cameras farther apart are never joined directly."""
    speed: float = 4.0
    """Metres a second. The fastest that a party goes from camera to camera."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Something that one camera saw, from its first moment to its last."""

    camera: str
    place: Place | None
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Belonging(Visit):
    """A visit that has its incursion."""

    incursion: int


@dataclass(frozen=True, slots=True)
class Pursuit:
    """A party of ours is out after an incursion."""

    since: datetime
    """From when on it may pass the cameras."""


@dataclass(frozen=True, slots=True)
class Joined:
    incursion: int
    reason: str
    """'same camera, 40 s later'."""
    possibly_ours: bool = False


@dataclass(frozen=True, slots=True)
class Follows:
    """It begins an incursion of its own, though time and place would have joined it to that of those pursued."""

    incursion: int
    reason: str


@dataclass(frozen=True, slots=True)
class Tellable:
    """What an alert about an incursion says and shows. When it changes there is more to tell."""

    counts: Mapping[str, int]
    """Label → how many at most in one frame of one camera."""
    cameras: frozenset[str]
    photo: str | None
    """The best photo's hash, of those that have come."""
    last_at: datetime | None = None
    """When the party was last seen."""


def join(
    new: Visit,
    others: Iterable[Belonging],
    grouping: Grouping,
    carries_on: int | None = None,
    *,
    pursuits: Mapping[int, Pursuit] | None = None,
    follows: Mapping[int, int] | None = None,
    over: Mapping[int, datetime] | None = None,
) -> Joined | Follows | None:
    """The incursion of this visit, and why; None when it begins one.

    `others` are the park's visits around its time, in any order; `carries_on` is the incursion of the sighting that
    it names as its predecessor. Of several, the one on the same camera wins, then the nearest in time, then the
    lower number.

    `pursuits` are incursions after which a party of ours is out; `follows` says of an incursion which one its people,
    perhaps ours, go after. Pursuers come behind: where the pursued have passed already, a visit is not theirs any
    more; where they have not, it is theirs first.

    `over` says of incursions when they were declared over. What comes after that is another: what was judged of one
    party hides no other behind it.
    """
    if carries_on is not None:
        return Joined(carries_on, f"carries on a sighting of {new.camera}")
    earliest, latest = new.first - grouping.gap, new.last + grouping.gap
    around = list(others)
    barred = _barred(new, around, pursuits or {}, follows or {})
    joinable = [
        (rank, apart, other.incursion, other)
        for other in around
        if other.last >= earliest and other.first <= latest  # most are not: the cheap question first
        if (rank := _rank(new, other, apart := apart_in_time(new, other), grouping)) is not None
    ]
    closed = {number for number, at in (over or {}).items() if new.first > at}
    allowed = [each for each in joinable if each[2] not in barred | closed]
    if not allowed:
        pursued = _pursued(new, pursuits or {})
        near = sorted(joinable, key=lambda each: each[:3])
        behind = next((each[2] for each in near if each[2] in barred or each[2] in pursued), None)
        return None if behind is None else Follows(behind, f"a party of ours may be behind incursion {behind} here")
    rank, apart, incursion, other = min(allowed, key=lambda each: each[:3])
    ours = pursuits is not None and incursion in pursuits and new.first >= pursuits[incursion].since
    when = "at the same time" if not apart else f"{_words(apart)} {'later' if new.first > other.last else 'earlier'}"
    if rank == 0:
        return Joined(incursion, f"same camera, {when}", possibly_ours=ours)
    return Joined(incursion, f"{other.camera} is {distance(new, other) or 0:.0f} m away, {when}", possibly_ours=ours)


def told_kinds(labels: Iterable[str], tell: Iterable[str]) -> frozenset[str]:
    """Of what was seen, the kinds that the park tells; empty when nobody is to be alarmed. A canary is nobody."""
    return (frozenset(KIND_OF_LABEL.get(label, label) for label in labels) & frozenset(tell)) - {Kind.CANARY}


def more_to_tell(before: Tellable, after: Tellable) -> str | None:
    """What a person who was told `before` would want to know now, or None."""
    news = [
        words
        for words, is_new in (
            ("another camera", bool(after.cameras - before.cameras)),
            ("photo came" if before.photo is None else "better photo", after.photo not in {None, before.photo}),
            ("more seen", any(count > before.counts.get(label, 0) for label, count in after.counts.items())),
            ("came back", _away(before, after) >= BACK_AFTER),
        )
        if is_new
    ]
    return ", ".join(news) or None


def _away(before: Tellable, after: Tellable) -> timedelta:
    """Between the last moments of the two."""
    if before.last_at is None or after.last_at is None:
        return timedelta(0)
    return after.last_at - before.last_at


def apart_in_time(one: Visit, other: Visit) -> timedelta:
    """Between the end of the earlier and the beginning of the later; zero when they overlap."""
    return max(one.first - other.last, other.first - one.last, timedelta(0))


def distance(one: Visit, other: Visit) -> float | None:
    """Metres between two cameras, None when a place is not known."""
    return None if one.place is None or other.place is None else haversine(one.place, other.place)


def haversine(one: Place, other: Place) -> float:
    """Metres along the great circle (R. W. Sinnott, 'Virtues of the Haversine', Sky and Telescope 68, 1984)."""
    up, across = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    half = sin(up / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(across / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(min(1.0, half)))


def _barred(
    new: Visit, others: Iterable[Belonging], pursuits: Mapping[int, Pursuit], follows: Mapping[int, int]
) -> frozenset[int]:
    """Incursions that this visit is not to join."""
    pursued = _pursued(new, pursuits)
    if not pursued:
        return frozenset()
    here = [other for other in others if other.camera == new.camera and other.incursion in pursued]
    still = {other.incursion for other in here if apart_in_time(new, other) <= STILL_HERE}
    passed = {other.incursion for other in here if other.last < new.first} - still
    ahead = {follower for follower, number in follows.items() if number in pursued and number not in passed}
    return frozenset(passed | ahead)


def _pursued(new: Visit, pursuits: Mapping[int, Pursuit]) -> frozenset[int]:
    return frozenset(number for number, pursuit in pursuits.items() if new.first >= pursuit.since)


def _rank(new: Visit, other: Visit, apart: timedelta, grouping: Grouping) -> int | None:
    """Of a visit within the gap: 0 on the same camera, 1 on one within reach, None when it cannot be the same party."""
    if other.camera == new.camera:
        return 0
    metres = distance(new, other)
    if metres is None or metres > grouping.reach:
        return None
    return 1 if metres <= apart.total_seconds() * grouping.speed + SLACK_M else None


def _words(apart: timedelta) -> str:
    seconds = apart.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
