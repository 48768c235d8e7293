"""A believable park: rows and drawn photos, put into a real store as the inbox and the dispatcher would."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gateway.photos import Kept, LocalPhotos, path_for
from gateway.store import Store, open_store, tables

NOW = datetime(2025, 3, 4, 20, 41, 7, tzinfo=UTC)
"""03:41:07 in Bangkok, on 5 March."""


def drawn(people: int, seed: int = 0, width: int = 640, height: int = 480) -> tuple[bytes, list[dict[str, Any]]]:
    """A WebP of so many pale figures on a dark trail, and the detections that fit them."""
    random = np.random.default_rng(seed)
    image = (random.normal(46, 9, (height, width, 1)) + np.linspace(0, 40, height)[:, None, None]).clip(0, 255)
    image = np.repeat(image.astype(np.uint8), 3, axis=2)
    detections: list[dict[str, Any]] = []
    for index in range(people):
        tall = height * float(random.uniform(0.4, 0.6))
        x = width * (0.5 + (index - people / 2) * 0.2 + 0.05)
        top = height * 0.3 + float(random.uniform(0, 30))
        cv2.ellipse(
            image, (int(x), int(top + tall * 0.55)), (int(tall * 0.16), int(tall * 0.45)), 0, 0, 360, (150,) * 3, -1
        )
        cv2.circle(image, (int(x), int(top + tall * 0.08)), int(tall * 0.09), (170,) * 3, -1)
        detections.append(
            {
                "label": "person", "score": round(0.9 - index * 0.07, 2),
                "x": (x - tall * 0.18) / width, "y": top / height,
                "width": tall * 0.36 / width, "height": tall / height,
            }
        )  # fmt: skip
    done, encoded = cv2.imencode(".webp", cv2.GaussianBlur(image, (0, 0), 1.5), [cv2.IMWRITE_WEBP_QUALITY, 50])
    assert done
    return encoded.tobytes(), detections


@dataclass
class Scene:
    """One store and its photos, with as many parks as a test sets up. Every method commits, as its real counterpart."""

    store: Store
    photos: LocalPhotos
    sequence: int = field(default=0)

    @classmethod
    def make(cls, folder: Path, url: str | None = None) -> "Scene":
        """On the database at `url`, or on SQLite in the folder."""
        return cls(open_store(url or f"sqlite:///{folder / 'gateway.db'}"), LocalPhotos(folder / "photos"))

    def close(self) -> None:
        self.store.close()
        self.photos.close()

    def park(self, park: str = "thap-lan", name: str = "Thap Lan", zone: str = "Asia/Bangkok") -> None:
        with self.store.writing() as session:
            session.add(
                tables.Park(park=park, name=name, zone=zone, grouping={"gap_s": 600}, tell=["person"], applied=1)
            )
            session.add(tables.Area(park=park, area="north", name="Khlong E-Thao", team="north"))
            session.add(tables.Team(park=park, team="north", name="North", members=["somchai"]))
            for person, shown, role in [
                ("somchai", "Somchai P.", "ranger"),
                ("malee", "Malee S.", "ranger"),
                ("duty", "Duty officer", "operator"),
            ]:
                session.add(
                    tables.Person(
                        park=park, person=person, name=shown, role=role, language="en",
                        channels=[{"channel": "web", "address": person}],
                    )
                )  # fmt: skip

    def camera(self, camera: str, place: str, park: str = "thap-lan", **more: Any) -> None:
        with self.store.writing() as session:
            session.add(tables.Camera(park=park, camera=camera, area="north", place=place, key="", **more))
            _changed(session, park)

    def incursion(
        self, camera: str, at: datetime, counts: dict[str, int], park: str = "thap-lan", *,
        photo: bytes | None = None, detections: list[dict[str, Any]] | None = None, late: timedelta | None = None,
        closed: bool = True,
    ) -> int:  # fmt: skip
        """A sighting that opens an incursion; `photo` has come, or has only been named when there are `detections`."""
        with self.store.writing() as session:
            row = session.get_one(tables.Park, park)
            row.last_incursion += 1
            row.change += 1
            number = row.last_incursion
            stored = at + (late or timedelta(milliseconds=640))
            session.add(
                tables.Incursion(
                    park=park, number=number, first_at=at, last_at=at + timedelta(seconds=14), counts=counts,
                    cameras=[camera], revision=1, stored_at=stored,
                )
            )  # fmt: skip
        self.sighting(camera, at, counts, number, park, photo=photo, detections=detections, late=late, closed=closed)
        return number

    def sighting(
        self, camera: str, at: datetime, counts: dict[str, int], incursion: int, park: str = "thap-lan", *,
        photo: bytes | None = None, detections: list[dict[str, Any]] | None = None, late: timedelta | None = None,
        closed: bool = True, because: str = "the first that was seen of this party",
    ) -> tuple[int, str]:  # fmt: skip
        """Its sequence, and its photo's original."""
        self.sequence += 1
        sequence = self.sequence
        original = sha256(f"{park}{camera}{sequence}".encode()).hexdigest()
        ms = round(at.timestamp() * 1000)
        found = detections or []
        with self.store.writing() as session:
            session.add(
                tables.Sighting(
                    park=park, camera=camera, boot=1, sequence=sequence, incursion=incursion, grouped_because=because,
                    revision=1, closed=closed, opened_at=at, seen_at=at + timedelta(seconds=14),
                    said={
                        "opened_at": ms, "seen_at": ms + 14_000, "sent": ms + 260, "at": ms + 260, "shutter": ms,
                        "gated": ms + 21,
                        "detected": ms + 212, "clock": 2, "uptime_ms": 100_000,
                    },
                    counts=counts, score=max((each["score"] for each in found), default=0.61),
                    photos=[{"original": original, "at": ms, "detections": found}] if found else [],
                    model="nanodet_416_int8", late=late is not None,
                    stored_at=at + (late or timedelta(milliseconds=640)),
                )
            )  # fmt: skip
            _changed(session, park)
        if photo is not None:
            self.photo_comes(camera, (sequence, original), photo, at + timedelta(seconds=2), park)
        return sequence, original

    def photo_comes(
        self, camera: str, named: tuple[int, str], image: bytes, at: datetime, park: str = "thap-lan"
    ) -> None:
        """`named` is what `sighting` returned."""
        sequence, original = named
        path = path_for(park, camera, f"{at:%Y-%m-%d}", sha256(image).digest(), "webp")
        self.photos.keep([Kept(path, image)])
        height, width = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR).shape[:2]
        with self.store.writing() as session:
            session.add(
                tables.Photo(
                    park=park, camera=camera, original=original, boot=1, sequence=sequence, path=path, width=width,
                    height=height, size=len(image), stored_at=at,
                )
            )  # fmt: skip
            _changed(session, park)

    def tell(
        self, incursion: int, person: str, at: datetime, park: str = "thap-lan", *, channel: str = "web",
        accepted: bool = True, **marks: Any,
    ) -> int:  # fmt: skip
        """A delivery, decided at `at` and taken by its channel 90 ms later. Returns its number."""
        with self.store.writing() as session:
            row = tables.Delivery(
                park=park, incursion=incursion, person=person, channel=channel, address=person,
                reason="first notification", decided_at=at, told_revision=1 if accepted else None,
                accepted_at=at + timedelta(milliseconds=90) if accepted else None, **marks,
            )  # fmt: skip
            session.add(row)
            session.flush()
            _changed(session, park)
            return row.number

    def delivery(self, number: int) -> tables.Delivery:
        with self.store.reading() as session:
            return session.get_one(tables.Delivery, number)


def _changed(session: Any, park: str) -> None:
    session.get_one(tables.Park, park).change += 1
