"""The same pages on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store import tables
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene, drawn
from tests.gateway.web.test_live import change, listening


@pytest.fixture
def scene(tmp_path: Path, store_url: str) -> Iterator[Scene]:
    """In place of the SQLite one."""
    made = Scene.make(tmp_path, store_url)
    made.park()
    made.camera("north-1", "North gate", heard_at=NOW, promised_by=NOW + timedelta(minutes=5), presence=1)
    yield made
    made.close()


def test_an_alert_goes_the_whole_way_on_either_database(site: Site, scene: Scene):
    image, detections = drawn(2)
    desk, phone = site.client("duty"), site.client("somchai")
    with listening(desk, f"/live/operations?since={change(scene)}") as events:
        next(events)
        number = scene.incursion("north-1", NOW, {"person": 2}, photo=image, detections=detections)
        delivery = scene.tell(number, "somchai", NOW)
        assert next(events)[0] == "news"
        assert "2 people" in desk.get("/timeline").text
        assert "2 persons" in phone.get("/phone/alerts").text
        assert phone.get(f"/photos/north-1/{_original(scene)}").content == image
        before = change(scene)
        phone.post("/phone/seen", data={"number": str(delivery)})
        while next(events)[1]["change"] <= before:
            pass
    assert "1 seen" in desk.get("/timeline").text
    assert "the phone showed it" in desk.get(f"/incursions/{number}").text


def _original(scene: Scene) -> str:
    with scene.store.reading() as session:
        return session.get_one(tables.Sighting, ("thap-lan", "north-1", 1, scene.sequence)).photos[0]["original"]
