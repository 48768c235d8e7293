"""The promise of the whole system, tried by breaking it: a sighting that a camera has taken reaches the store, once."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

from edge.cameras.scene import read_number
from edge.frame import Image
from gateway.store import Store, tables
from sambar.demo.folder import RANGER
from tests.end_to_end.system import System, scene
from tests.fixtures.mosquitto import Mosquitto, wait_until

PASSES = 52
KILLS_EACH = 10
SEED = 20261122


@pytest.fixture
def system(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[System]:
    system = System(tmp_path, mosquitto.port, scene("empty 12, person 12, empty 16", PASSES, fps=30))
    yield system
    system.end()


def numbers_on_photos(store: Store, photos: Path) -> Counter[int]:
    """How many stored previews show each pass of the scene."""
    with store.reading() as session:
        paths = session.scalars(select(tables.Photo.path)).all()
    return Counter(number for path in paths if (number := read_number(picture(photos / path))) is not None)


def picture(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert image is not None, f"{path} is no picture"
    return np.asarray(image, np.uint8)


def test_thirty_kills_lose_no_sighting_and_leave_no_duplicate(system: System, mosquitto: Mosquitto) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same kills in each run
    victims = ["camera", "gateway", "broker"] * KILLS_EACH
    chance.shuffle(victims)
    system.gateway.start()
    system.camera.start()
    for victim in victims:
        time.sleep(chance.uniform(0.2, 2.5))  # the moment of the kill is what this test is about
        assert system.camera.code is None, (
            f"the scene ended before the last kill; the camera said:\n{system.camera.words}"
        )
        match victim:
            case "camera":
                system.camera.kill()
                system.camera.start()
            case "gateway":
                assert system.gateway.code is None, f"the gateway ended by itself:\n{system.gateway.words}"
                system.gateway.kill()
                system.gateway.start()
            case _:
                mosquitto.kill()
                mosquitto.start()
    assert system.camera.wait(within_s=240) == 0, system.camera.words

    store = system.store()
    shown = numbers_on_photos(store, system.places.folder / "gateway" / "photos")
    assert set(shown) == set(range(PASSES))
    with store.reading() as session:
        sightings = session.scalars(select(tables.Sighting)).all()
        assert len(sightings) >= PASSES
        # A kill in the middle of a pass shows it again: at most one more sighting for each kill of the camera.
        assert len(sightings) <= PASSES + KILLS_EACH
        photographed = session.scalars(select(tables.Photo.original)).all()
        assert len(set(photographed)) == len(photographed)
        assert {photo["original"] for each in sightings for photo in each.photos} == set(photographed)
        assert session.scalar(select(func.count()).select_from(tables.Quarantine)) == 0
        per_incursion = session.execute(
            select(func.count())
            .select_from(tables.Delivery)
            .group_by(tables.Delivery.incursion, tables.Delivery.person, tables.Delivery.channel)
        ).scalars()
        assert set(per_incursion) == {1}
        wait_until(lambda: _all_told(store), "every incursion told on the web channel")
    store.close()
    assert system.gateway.stop() == 0


def _all_told(store: Store) -> bool:
    """The ranger on duty; nobody answers, so others are told as well."""
    of = tables.Delivery
    with store.reading() as session:
        incursions = session.scalar(select(func.count()).select_from(tables.Incursion))
        told = session.scalar(
            select(func.count()).select_from(of).where(of.person == RANGER, of.accepted_at.is_not(None))
        )
        return bool(incursions) and incursions == told
