"""The streams of news: prompt, complete after a gap, bounded, and never in the way of the server's end."""

import json
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.store import open_store, tables
from gateway.web.serve import AddressTaken, WebServer
from gateway.web.settings import WebSettings
from tests.fixtures.mosquitto import wait_until
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene


@contextmanager
def listening(
    client: httpx.Client, address: str = "/live", headers: dict[str, str] | None = None
) -> Generator[Iterator[tuple[str, Any]]]:
    """The events as (name, data)."""
    with client.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200

        def events() -> Iterator[tuple[str, Any]]:
            name = ""
            for line in answer.iter_lines():
                key, _, value = line.partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    yield name, json.loads(value)

        yield events()


def change(scene: Scene, park: str = "thap-lan") -> int:
    with scene.store.reading() as session:
        return session.get_one(tables.Park, park).change


def test_a_page_that_is_up_to_date_hears_a_beat_and_no_news(scene: Scene):
    site = Site(scene, WebSettings(heartbeat=timedelta(milliseconds=100)))
    try:
        with listening(site.client("somchai"), f"/live?since={change(scene)}") as events:
            assert [next(events)[0] for _ in range(4)] == ["beat"] * 4
    finally:
        site.clients.close()
        site.stop()


def test_news_come_within_a_second_of_their_commit_by_whatever_process(site: Site, scene: Scene):
    elsewhere = open_store(scene.store.engine.url.render_as_string())
    since = change(scene)
    with listening(site.client("somchai"), f"/live?since={since}") as events:
        next(events)
        committed = time.monotonic()
        with elsewhere.writing() as session:
            session.get_one(tables.Park, "thap-lan").change += 1
        name, data = next(events)
        assert (name, data["change"]) == ("news", since + 1)
        assert time.monotonic() - committed < 1
    elsewhere.close()


def test_a_page_that_was_away_hears_at_once_that_it_missed_something(site: Site, scene: Scene):
    with listening(site.client("somchai"), "/live?since=9", {"last-event-id": "0"}) as events:
        heard = [next(events), next(events)]
    assert [name for name, _ in heard] == ["beat", "news"]
    assert heard[1][1]["change"] == change(scene)


def test_a_browsers_own_last_event_counts_for_more_than_the_address(site: Site, scene: Scene):
    with listening(site.client("somchai"), "/live?since=0", {"last-event-id": str(change(scene))}) as events:
        next(events)
        scene.camera("late-1", "Late", heard_at=NOW)
        assert next(events)[1]["change"] == change(scene)


def test_a_number_that_went_back_is_news_too(site: Site, scene: Scene):
    """As after the database was restored from a backup."""
    with listening(site.client("somchai"), f"/live?since={change(scene) + 1000}") as events:
        next(events)
        assert next(events) == ("news", {"change": change(scene), "now": NOW.isoformat(timespec="milliseconds")})


def test_another_parks_changes_are_no_news(site: Site, scene: Scene):
    scene.park("phnom", "Phnom Samkos")
    with listening(site.client("somchai"), f"/live?since={change(scene)}") as events:
        next(events)
        scene.camera("x", "X", "phnom")
        scene.camera("y", "Y")
        assert next(events)[1]["change"] == change(scene)


def test_one_listener_too_many_is_told_to_come_again(scene: Scene):
    site = Site(scene, WebSettings(streams=1))
    try:
        client = site.client("somchai")
        with listening(client) as events:
            next(events)
            refused = client.get("/live")
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "30"
        site.clients.close()
        wait_until(lambda: site.live.streams == 0, "the stream's place is free again")
    finally:
        site.stop()


def test_the_database_is_left_alone_while_nobody_listens(site: Site, monkeypatch: pytest.MonkeyPatch):
    asked: list[float] = []
    read = site.live._read
    monkeypatch.setattr(site.live, "_read", lambda: asked.append(time.monotonic()) or read())
    client = site.client("somchai")
    with listening(client, "/live?since=0") as events:
        next(events)
        wait_until(lambda: len(asked) >= 2, "the database is asked while somebody listens")
    client.close()
    wait_until(lambda: site.live._watching is not None and site.live._watching.done(), "the watcher rests")


def test_the_server_stops_at_once_though_streams_are_open(site: Site):
    with listening(site.client("somchai")) as events:
        next(events)
        began = time.monotonic()
        site.stop()
        assert time.monotonic() - began < 2
        assert [name for name, _ in events] in ([], ["news"])


def test_an_answer_does_not_wait_for_an_acknowledgement(site: Site):
    """Nagle's algorithm would hold back the second half of each answer for 40 ms."""
    client = site.client("duty")
    took: list[float] = []
    for _ in range(10):
        began = time.monotonic()
        client.get("/cameras")
        took.append(time.monotonic() - began)
    assert min(took) < 0.035


def test_a_taken_port_is_a_sentence(site: Site):
    assert site.server is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=rf"127\.0\.0\.1:{port} cannot be used.*gateway\.toml"):
            WebServer(site.app, port=port).start()


@pytest.mark.parametrize("url", ["park.example", "ftp://park.example", "http://", "https://park.example/sambar"])
def test_a_public_url_that_is_none_is_refused(url: str):
    with pytest.raises(ValueError, match="expected http://HOST"):
        WebSettings(public_url=url)
