"""What there is to tell of an incursion, read afresh."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.channels import TRAITS
from alerts.decide import Pace
from alerts.delivery import Alarm, Delivery, IncursionTelling, Kind, NoticeTelling, Telling
from alerts.discretion import discreet
from alerts.incursion import Place, Visit
from alerts.movement import movement
from alerts.response import offered
from gateway.store import tables
from gateway.store.directory import VILLAGER
from gateway.store.planning import Planning

PhotoReader = Callable[[str, list[dict[str, Any]]], bytes | None]
"""From a preview's path in the photo store and its detections, as `sightings.photos` keeps them, to a JPEG with their
boxes drawn; None when the photo cannot be read, which the reader logs: the words go out without it."""

PhotoLink = Callable[[str, list[dict[str, Any]]], str | None]
"""From the same to a public, signed, short-lived https address; None where there is none."""

Best = tuple[str, list[dict[str, Any]]]
"""What a PhotoReader takes."""


def no_photo(path: str, detections: list[dict[str, Any]]) -> bytes | None:  # noqa: ARG001 - a PhotoReader
    """For where nothing sends photos."""
    return None


def no_link(path: str, detections: list[dict[str, Any]]) -> str | None:  # noqa: ARG001 - a PhotoLink
    """For where nobody outside reaches the pages."""
    return None


def telling_of(session: Session, delivery: Delivery, link: str | None, now: datetime) -> tuple[Telling, Best | None]:
    """The telling without its photo, and the best photo that has come, when one has."""
    park = session.get_one(tables.Park, delivery.park)
    row = session.get_one(tables.Delivery, delivery.number)
    person = session.get(tables.Person, (delivery.park, delivery.person))
    if delivery.incursion is None:
        telling, best = _of_notice(session, park, row, person)
    else:
        telling, best = _of_incursion(session, park, row, person, link, now)
    traits = TRAITS.get(delivery.channel)
    telling = discreet(
        telling,
        third_party=traits is None or traits.third_party,
        village=person is not None and person.role == VILLAGER,
    )
    return telling, best if telling.has_photo else None


def _of_notice(
    session: Session, park: tables.Park, row: tables.Delivery, person: tables.Person | None
) -> tuple[NoticeTelling, Best | None]:
    notice = session.get_one(tables.Notice, (row.park, row.notice))
    camera = session.get(tables.Camera, (row.park, notice.camera)) if notice.camera is not None else None
    area = session.get(tables.Area, (row.park, camera.area)) if camera is not None else None
    telling = NoticeTelling(
        delivery=row.number,
        revision=notice.revision,
        park=park.name,
        area=area.name if area is not None else "",
        place=camera.place if camera is not None else "",
        camera=notice.camera or "",
        zone=park.zone,
        language=person.language if person is not None else "en",
        quiet=row.quiet,
        notice=notice.number,
        kind=Kind(notice.kind),
        since=notice.since,
        facts=notice.facts,
        has_photo=notice.photo is not None,
    )
    return telling, _photo(session, park.park, notice.camera, notice.photo)


def _of_incursion(  # noqa: PLR0917 - what the transaction has read
    session: Session,
    park: tables.Park,
    row: tables.Delivery,
    person: tables.Person | None,
    link: str | None,
    now: datetime,
) -> tuple[IncursionTelling, Best | None]:
    incursion = session.get_one(tables.Incursion, (row.park, row.incursion))
    sightings = session.scalars(
        select(tables.Sighting)
        .where(tables.Sighting.park == row.park, tables.Sighting.incursion == row.incursion)
        .order_by(tables.Sighting.seen_at, tables.Sighting.stored_at)
    ).all()
    newest = sightings[-1]
    cameras = {
        each.camera: each for each in session.scalars(select(tables.Camera).where(tables.Camera.park == row.park))
    }
    camera = cameras.get(newest.camera)
    area = session.get(tables.Area, (row.park, camera.area)) if camera is not None else None
    planning = Planning(session, park, now, Pace())
    state = planning.state(incursion)
    may_decide = planning.may_decide(row.person, incursion)
    telling = IncursionTelling(
        delivery=row.number,
        park=park.name,
        incursion=incursion.number,
        revision=incursion.revision,
        area=area.name if area is not None else "",
        place=camera.place if camera is not None else newest.camera,
        camera=newest.camera,
        zone=park.zone,
        language=person.language if person is not None else "en",
        quiet=row.quiet,
        answers=offered(state, row.person, planning.standing.rules, may_decide=may_decide),
        first_seen=incursion.first_at,
        last_seen=incursion.last_at,
        counts=dict(incursion.counts),
        score=max(sighting.score for sighting in sightings),
        cameras=len(incursion.cameras),
        late=newest.late,
        has_photo=incursion.photo is not None,
        photo=None,
        link=link,
        movement=movement([_visit(each, cameras.get(each.camera)) for each in sightings]),
        possibly_ours=incursion.possibly_ours,
        alarm=Alarm(row.alarm) if row.alarm is not None else None,
        progress=state.progress(),
    )
    return telling, _best_photo(session, incursion)


def _visit(sighting: tables.Sighting, camera: tables.Camera | None) -> Visit:
    known = camera is not None and camera.latitude is not None and camera.longitude is not None
    place = Place(camera.latitude, camera.longitude) if known else None  # pyright: ignore[reportArgumentType, reportOptionalMemberAccess] - known
    return Visit(sighting.camera, place, sighting.opened_at, sighting.seen_at)


def _best_photo(session: Session, incursion: tables.Incursion) -> Best | None:
    """The one on which the detector was surest, of those that have come."""
    return _photo(session, incursion.park, incursion.photo_camera, incursion.photo)


def _photo(session: Session, park: str, camera: str | None, original: str | None) -> Best | None:
    if original is None or camera is None:
        return None
    photo = session.get_one(tables.Photo, (park, camera, original))
    sighting = session.get(tables.Sighting, (photo.park, photo.camera, photo.boot, photo.sequence))
    named = sighting.photos if sighting is not None else []
    by_original: dict[str, list[dict[str, Any]]] = {each["original"]: each["detections"] for each in named}
    return photo.path, by_original.get(photo.original, [])
