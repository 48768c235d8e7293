"""A park on a real server, for the tests of the pages."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from alerts.clock import DrivenClock
from gateway.store.ledger import StoreLedger
from gateway.web.access import make_link
from gateway.web.app import create
from gateway.web.outside import Outside
from gateway.web.serve import WebServer
from gateway.web.settings import WebSettings
from tests.gateway.web.scene import NOW, Scene


class Site:
    """A scene and its server, at the same port through every restart."""

    def __init__(
        self,
        scene: Scene,
        settings: WebSettings | None = None,
        outside: Outside | None = None,
        clock: DrivenClock | None = None,
    ) -> None:
        self.scene = scene
        self.clock = clock or DrivenClock(NOW)
        self.settings = settings or WebSettings()
        self.outside = outside
        self.clients = ExitStack()
        self.server: WebServer | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        ledger = StoreLedger(self.scene.store)
        app = create(
            self.scene.store, self.scene.photos, ledger, self.settings, self.clock, outside=self.outside
        )  # fmt: skip
        self.app = app
        self.live = app.state.web.live
        self.routes = app.routes
        self.server = WebServer(app, port=self.port)
        self.server.start()
        assert self.server.address is not None
        self.port = self.server.address[1]

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def link(self, person: str, park: str = "thap-lan") -> str:
        token = make_link(self.scene.store, park, person, timedelta(days=1), self.clock.now())
        return f"{self.url}/enter/{token}"

    def client(self, person: str | None = None, park: str = "thap-lan") -> httpx.Client:
        """Signed in as a person of the park, or as nobody."""
        client = self.clients.enter_context(
            httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=10, trust_env=False)
        )
        if person is not None:
            assert client.get(self.link(person, park)).status_code == 303
        return client


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.make(tmp_path)
    made.park()
    made.camera("north-1", "North gate", heard_at=NOW, promised_by=NOW + timedelta(minutes=5), presence=1)
    yield made
    made.close()


@pytest.fixture
def site(scene: Scene) -> Iterator[Site]:
    made = Site(scene)
    yield made
    made.clients.close()
    made.stop()
