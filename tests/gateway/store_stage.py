"""A park in a real store, for tests of the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from alerts.decide import Pace
from gateway.store import Store, tables
from gateway.store.ledger import StoreLedger, decide
from tests.alerts.ledger_contract import PACE, PARK, at

FIRST = "aa" * 32
BETTER = "bb" * 32


def read_photo(path: str, detections: list[dict[str, Any]]) -> bytes | None:
    return f"{path} with {len(detections)} boxes".encode()


def box(label: str, score: float) -> dict[str, Any]:
    return {"label": label, "score": score, "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.4}


class StoreStage:
    """A park with one camera, whose sighting is incursion 1."""

    def __init__(self, store: Store, pace: Pace = PACE) -> None:
        self.store = store
        self._pace = pace
        self.ledger = StoreLedger(store, photo=read_photo, link=lambda park, number: f"/{park}/{number}", pace=pace)
        with store.writing() as session:
            session.add_all(
                [
                    tables.Park(park=PARK, name="Khao Yai", zone="Asia/Bangkok", grouping={}, tell=["person"]),
                    tables.Area(park=PARK, area="kht", name="Khlong E-Thao", team="east"),
                    tables.Camera(park=PARK, camera="CAM-12", area="kht", place="North gate", key="-"),
                    tables.Camera(park=PARK, camera="CAM-13", area="kht", place="Salt lick", key="-"),
                    tables.Person(
                        park=PARK,
                        person="malee",
                        name="Malee",
                        role="ranger",
                        language="th",
                        channels=[{"channel": "telegram", "address": "-7"}, {"channel": "web", "address": "malee"}],
                    ),
                    tables.Incursion(
                        park=PARK, number=1, first_at=at(-2), last_at=at(-1), counts={"person": 1}, revision=1,
                        stored_at=at(0),
                    ),
                ]
            )  # fmt: skip
        self.sighted("CAM-12", 1, at(-1), late=False, score=0.6)

    def sighted(self, camera: str, sequence: int, seen: datetime, *, late: bool, score: float) -> None:
        photos = [
            {"original": FIRST, "at": 0, "detections": [box("person", score)]},
            {"original": BETTER, "at": 0, "detections": [box("person", score), box("person", score + 0.2)]},
        ]
        with self.store.writing() as session:
            incursion = session.get_one(tables.Incursion, (PARK, 1))
            incursion.cameras = [*incursion.cameras, camera]
            session.add(
                tables.Sighting(
                    park=PARK, camera=camera, boot=1, sequence=sequence, incursion=1, grouped_because="first",
                    revision=1, closed=False, opened_at=seen, seen_at=seen, said={}, counts={"person": 1},
                    score=score, photos=photos, model="m", late=late, stored_at=at(0),
                )
            )  # fmt: skip

    def tell(self, person: str, channel: str, address: str, now: datetime) -> int:
        with self.store.writing() as session:
            row = tables.Delivery(
                park=PARK, incursion=1, person=person, channel=channel, address=address, reason="", decided_at=now,
                attempts=0, over=False, with_photo=False,
            )  # fmt: skip
            session.add(row)
            session.flush()
            decide(session, row, now, self._pace)
            return row.number

    def grows(self, persons: int, now: datetime) -> None:
        self._revise(now, {"person": persons})

    def photo_comes(self, now: datetime, original: str = FIRST) -> None:
        self.photo_stored(original, now)
        self._revise(now, None, original)

    def photo_stored(self, original: str, now: datetime) -> None:
        with self.store.writing() as session:
            session.add(
                tables.Photo(
                    park=PARK, camera="CAM-12", original=original, boot=1, sequence=1, path=f"{original[:2]}.webp",
                    width=640, height=480, size=15_000, stored_at=now,
                )
            )  # fmt: skip

    def _revise(self, now: datetime, counts: dict[str, int] | None, photo: str | None = None) -> None:
        with self.store.writing() as session:
            incursion = session.get_one(tables.Incursion, (PARK, 1))
            incursion.revision += 1
            if counts is not None:
                incursion.counts = counts
            if photo is not None:
                incursion.photo, incursion.photo_camera, incursion.photo_score = photo, "CAM-12", 0.6
            session.flush()
            for row in session.scalars(select(tables.Delivery)):
                decide(session, row, now, self._pace)

    def row(self, number: int) -> tables.Delivery:
        with self.store.reading() as session:
            return session.get_one(tables.Delivery, number)

    def trouble(self, number: int) -> str | None:
        return self.row(number).trouble

    def address(self, number: int) -> str:
        return self.row(number).address

    def change(self) -> int:
        with self.store.reading() as session:
            return session.get_one(tables.Park, PARK).change

    def channels(self, person: str) -> list[Any]:
        with self.store.reading() as session:
            return session.get_one(tables.Person, (PARK, person)).channels
