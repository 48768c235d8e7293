"""What there is to tell of an incursion, read afresh."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.delivery import Delivery, IncursionTelling
from gateway.store import tables

PhotoReader = Callable[[str, list[dict[str, Any]]], bytes | None]
"""From a preview's path in the photo store and its detections, as `sightings.photos` keeps them, to a JPEG with their
boxes drawn; None when the photo cannot be read, which the reader logs: the words go out without it."""

Best = tuple[str, list[dict[str, Any]]]
"""What a PhotoReader takes."""


def no_photo(path: str, detections: list[dict[str, Any]]) -> bytes | None:  # noqa: ARG001 - a PhotoReader
    """For where nothing sends photos."""
    return None


def telling_of(session: Session, delivery: Delivery, link: str | None) -> tuple[IncursionTelling, Best | None]:
    """The telling without its photo, and the best photo that has come, when one has."""
    park = session.get_one(tables.Park, delivery.park)
    incursion = session.get_one(tables.Incursion, (delivery.park, delivery.incursion))
    person = session.get(tables.Person, (delivery.park, delivery.person))
    sightings = session.scalars(
        select(tables.Sighting)
        .where(tables.Sighting.park == delivery.park, tables.Sighting.incursion == delivery.incursion)
        .order_by(tables.Sighting.seen_at, tables.Sighting.stored_at)
    ).all()
    newest = sightings[-1]
    camera = session.get(tables.Camera, (delivery.park, newest.camera))
    area = session.get(tables.Area, (delivery.park, camera.area)) if camera is not None else None
    best = _best_photo(session, incursion)
    telling = IncursionTelling(
        delivery=delivery.number,
        park=park.name,
        incursion=incursion.number,
        revision=incursion.revision,
        area=area.name if area is not None else "",
        place=camera.place if camera is not None else newest.camera,
        camera=newest.camera,
        zone=park.zone,
        language=person.language if person is not None else "en",
        first_seen=incursion.first_at,
        last_seen=incursion.last_at,
        counts=dict(incursion.counts),
        score=max(sighting.score for sighting in sightings),
        cameras=len(incursion.cameras),
        late=newest.late,
        has_photo=incursion.photo is not None,
        photo=None,
        link=link,
    )
    return telling, best


def _best_photo(session: Session, incursion: tables.Incursion) -> Best | None:
    """The one on which the detector was surest, of those that have come."""
    if incursion.photo is None or incursion.photo_camera is None:
        return None
    photo = session.get_one(tables.Photo, (incursion.park, incursion.photo_camera, incursion.photo))
    sighting = session.get(tables.Sighting, (photo.park, photo.camera, photo.boot, photo.sequence))
    named = sighting.photos if sighting is not None else []
    by_original: dict[str, list[dict[str, Any]]] = {each["original"]: each["detections"] for each in named}
    return photo.path, by_original.get(photo.original, [])
