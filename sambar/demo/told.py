"""What `sambar demo --once` reports of the first incursion that was told."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from gateway.store import Store, tables
from sambar.demo.folder import CAMERA, PARK, RANGER

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    incursion: dict[str, Any]
    sightings: list[dict[str, Any]]
    detections: list[dict[str, Any]]
    """Of the best photo: label, score, and the box as fractions of the frame."""
    stages_ms: dict[str, int]
    """From the shutter to each step, of the sighting that began it."""
    bytes_sent: int
    """By the camera in messages that the gateway took, signatures and photos included."""
    photo: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def first_told(store: Store) -> Told | None:
    """The first incursion that the web channel took, once its photo is there."""
    with store.reading() as session:
        delivery = session.scalars(
            select(tables.Delivery)
            .where(
                tables.Delivery.park == PARK,
                tables.Delivery.person == RANGER,
                tables.Delivery.channel == "web",
                tables.Delivery.accepted_at.is_not(None),
            )
            .order_by(tables.Delivery.incursion)
        ).first()
        if delivery is None or delivery.accepted_at is None:
            return None
        incursion = session.get_one(tables.Incursion, (PARK, delivery.incursion))
        sightings = session.scalars(
            select(tables.Sighting)
            .where(tables.Sighting.park == PARK, tables.Sighting.incursion == delivery.incursion)
            .order_by(tables.Sighting.opened_at)
        ).all()
        begun = sightings[0]
        taken = {
            photo.original: photo
            for photo in session.scalars(
                select(tables.Photo).where(tables.Photo.park == PARK, tables.Photo.camera == CAMERA)
            )
        }
        best = next((photo for photo in begun.photos if photo["original"] in taken), None)
        if best is None:
            return None
        sealed = session.scalar(select(func.sum(func.length(tables.Message.sealed))).where(tables.Message.park == PARK))
        images = sum(photo.size for photo in taken.values())
        preview = taken[best["original"]]
        return Told(
            incursion={
                "number": incursion.number,
                "first_seen": incursion.first_at.isoformat(),
                "counts": incursion.counts,
                "reason": delivery.reason,
            },
            sightings=[
                {
                    "name": f"{each.park}/{each.camera}/{each.boot}/{each.sequence}",
                    "counts": each.counts,
                    "score": each.score,
                    "closed": each.closed,
                    "grouped_because": each.grouped_because,
                }
                for each in sightings
            ],
            detections=list(best["detections"]),
            stages_ms=_stages(begun, delivery.accepted_at),
            bytes_sent=int(sealed or 0) + images,
            photo={
                "original": best["original"],
                "preview": preview.path,
                "bytes": preview.size,
                "width": preview.width,
                "height": preview.height,
            },
        )


def _stages(begun: tables.Sighting, told_at: datetime) -> dict[str, int]:
    said = begun.said
    shutter = int(said["shutter"])

    def since_shutter(moment: datetime) -> int:
        return (moment - EPOCH) // timedelta(milliseconds=1) - shutter

    return {
        "shutter": 0,
        "gated": int(said["gated"]) - shutter,
        "detected": int(said["detected"]) - shutter,
        "sent": int(said["sent"]) - shutter,
        "stored": since_shutter(begun.stored_at),
        "told": since_shutter(told_at),
    }
