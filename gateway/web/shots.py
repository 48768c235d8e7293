"""A photo with its boxes, as a page shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store import tables
from gateway.store.tables import EPOCH
from gateway.web import words


@dataclass(frozen=True, slots=True)
class Box:
    """In pixels of the preview."""

    label: str
    percent: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo that a sighting names. `stored` is None while only its name has come."""

    camera: str
    original: str
    at: datetime
    """When the shutter closed, by the gateway's clock."""
    score: float
    """Of its best detection."""
    boxes: tuple[Box, ...]
    stored: tables.Photo | None

    @property
    def url(self) -> str:
        return f"/photos/{self.camera}/{self.original}"

    @property
    def width(self) -> int:
        return self.stored.width if self.stored else 4

    @property
    def height(self) -> int:
        return self.stored.height if self.stored else 3

    @property
    def description(self) -> str:
        return "Photo with " + (", ".join(f"{box.label} ({box.percent} %)" for box in self.boxes) or "no box")


def shots(sighting: tables.Sighting, stored: Mapping[tuple[str, str], tables.Photo]) -> tuple[Shot, ...]:
    """A sighting's photos, those that are here before those on their way, each best first.

    `stored`: (camera, original) → the preview that has come.
    """
    skew = sighting.opened_at - moment(sighting.said["opened_at"])
    found = [_shot(sighting.camera, photo, skew, stored) for photo in sighting.photos]
    return tuple(sorted(found, key=lambda shot: shot.stored is None))


def detections_of(session: Session, path: str) -> list[dict[str, Any]] | None:
    """Those of the preview at `path` in the photo store; None when there is no such preview any more."""
    park, _, rest = path.partition("/")
    of = tables.Photo
    found = select(of).where(of.park == park, of.camera == rest.partition("/")[0], of.path == path).limit(1)
    photo = session.scalars(found).one_or_none()
    if photo is None:
        return None
    sighting = session.get(tables.Sighting, (photo.park, photo.camera, photo.boot, photo.sequence))
    named = {each["original"]: each["detections"] for each in sighting.photos} if sighting is not None else {}
    return named.get(photo.original, [])


def best(found: Iterable[Shot]) -> Shot | None:
    """The one to show first: of those that have come the surest, else the surest."""
    return max(found, key=lambda shot: (shot.stored is not None, shot.score), default=None)


def moment(ms: int) -> datetime:
    """From milliseconds since 1970, as the camera said it."""
    return EPOCH + timedelta(milliseconds=ms)


def _shot(camera: str, photo: dict[str, Any], skew: timedelta, stored: Mapping[tuple[str, str], tables.Photo]) -> Shot:
    preview = stored.get((camera, photo["original"]))
    width, height = (preview.width, preview.height) if preview else (4, 3)
    boxes = tuple(
        Box(
            label=each["label"],
            percent=words.percent(each["score"]),
            x=round(each["x"] * width, 1),
            y=round(each["y"] * height, 1),
            width=round(each["width"] * width, 1),
            height=round(each["height"] * height, 1),
        )
        for each in photo["detections"]
    )
    score = max((each["score"] for each in photo["detections"]), default=0.0)
    return Shot(camera, photo["original"], moment(photo["at"]) + skew, score, boxes, preview)
