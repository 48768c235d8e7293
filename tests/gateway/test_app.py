"""`sambar gateway run` as a process: it starts whole, complains in a sentence, and ends within seconds."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alerts.channels.fake_http import Answered, FakeHttp
from alerts.channels.fake_line import SECRET, TOKEN, FakeLine
from gateway.park import apply
from gateway.park.settings import (
    AreaSection,
    CameraSection,
    ChannelSection,
    ParkSection,
    ParkSettings,
    PersonSection,
    TeamSection,
)
from gateway.store import open_store
from tests.fixtures.mosquitto import Mosquitto, free_port, wait_until
from tests.fixtures.running import Line
from tests.fixtures.scripted import Unit
from wire.keys import SigningKey


class Running:
    """The program, its settings in a folder of their own."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.folder = folder
        self.web_port = free_port()
        self.settings = folder / "gateway.toml"
        self.settings.write_text(f"[broker]\nport = {broker_port}\n[web]\nport = {self.web_port}\n")
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> str:
        (self.folder / "state").mkdir(exist_ok=True)
        return f"sqlite:///{self.folder / 'state' / 'sambar.db'}"

    @property
    def key(self) -> SigningKey:
        return SigningKey.load(self.folder / "state" / "gateway.key")

    def start(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sambar.cli", "gateway", "run", "--settings", str(self.settings), *arguments],
                stdout=log,
                stderr=log,
            )

    def said(self, words: str) -> bool:
        return words in self.log.read_text()

    def wait_said(self, words: str) -> None:
        wait_until(lambda: self.said(words), f"{words!r} in {self.log}", within_s=30)

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Its exit code, and the seconds that it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=30), time.monotonic() - began

    def exit_code(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=30)


@pytest.fixture
def gateway(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path, mosquitto.port)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def a_park(unit: Unit) -> ParkSettings:
    return ParkSettings(
        park=ParkSection(name=unit.park, title="Khao Yai", zone="Asia/Bangkok"),
        area=(AreaSection(name="north", title="Khlong E-Thao", team="north"),),
        camera=(CameraSection(name=unit.camera, area="north", place="The gate", key=str(unit.key.public)),),
        team=(TeamSection(name="north", title="North", members=("somchai",)),),
        person=(PersonSection(name="somchai", title="Somchai"),),
    )


def test_it_takes_a_sighting_and_serves_pages_and_is_the_same_after_a_restart(
    gateway: Running, mosquitto: Mosquitto
) -> None:
    unit = Unit("gate")
    store = open_store(gateway.database)
    apply(store, a_park(unit))
    store.close()
    for message in (unit.sighting(), unit.health()):
        gateway.start()
        wait_until(lambda: gateway.said("connected to the broker"), "it is connected", within_s=30)
        line = Line(unit, mosquitto.port, gateway.key)
        line.say(message)
        line.wait_receipt(message)
        line.close()
        assert httpx.get(f"http://127.0.0.1:{gateway.web_port}/").status_code == 401
        code, seconds = gateway.end()
        assert code == 0, gateway.log.read_text()
        assert seconds < 8
        gateway.log.unlink()


def test_the_web_role_alone_hears_what_services_say_and_tells_how_it_is(gateway: Running) -> None:
    user = "U" + "4af4980629" * 3 + "ab"
    park = a_park(Unit("gate"))
    line = ChannelSection(channel="line", address=user)
    store = open_store(gateway.database)
    somchai = PersonSection(name="somchai", title="Somchai", channels=(line,))
    apply(store, park.model_copy(update={"person": (somchai,)}))
    store.close()
    with FakeLine() as service:
        service.add(user)
        with gateway.settings.open("a") as settings:
            settings.write(
                f'[channels.line]\naccess_token = "{TOKEN}"\nsecret = "{SECRET}"\nbase_url = "{service.url}"\n'
            )
        gateway.start("--role", "web")
        gateway.wait_said("the gateway runs")
        said = {"type": "text", "id": "1", "text": "help"}
        source = {"type": "user", "userId": user}
        headers, body = service.webhook(
            {"type": "message", "source": source, "timestamp": 1, "replyToken": "t", "message": said}
        )
        url = f"http://127.0.0.1:{gateway.web_port}"
        assert httpx.post(f"{url}/hooks/line", headers=headers, content=body).status_code == 200
        wait_until(lambda: service.shows(user), "the reply in LINE")
        assert httpx.get(f"{url}/health").json() == {"ok": True, "heard_s": None, "waiting": 0, "oldest_s": 0.0}
        assert gateway.end()[0] == 0


def test_notifications_have_their_key_made_at_the_first_start(gateway: Running) -> None:
    with gateway.settings.open("a") as settings:
        settings.write('[channels.web]\nvapid_key_file = "vapid.pem"\ncontact = "mailto:office@park.example"\n')
    gateway.start("--role", "web", "--role", "dispatcher")
    gateway.wait_said("the gateway runs")
    assert (gateway.folder / "vapid.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert gateway.end()[0] == 0


@pytest.mark.parametrize("role", ["web", "dispatcher"])
def test_a_key_for_notifications_that_cannot_be_read_ends_it_with_a_sentence(gateway: Running, role: str) -> None:
    (gateway.folder / "vapid.pem").write_text("rubbish")
    with gateway.settings.open("a") as settings:
        settings.write('[channels.web]\nvapid_key_file = "vapid.pem"\ncontact = "mailto:office@park.example"\n')
    gateway.start("--role", role)
    assert gateway.exit_code() == 1
    assert gateway.said("channels.web: ")
    assert gateway.said("expected a private key in PEM")
    assert not gateway.said("Traceback")


def test_a_server_elsewhere_hears_that_the_gateway_is_well(gateway: Running) -> None:
    with FakeHttp(lambda _: Answered(200, b"OK")) as elsewhere:
        with gateway.settings.open("a") as settings:
            settings.write(f'[health]\nping_url = "{elsewhere.url}/ping/geheim"\n')
        gateway.start("--role", "dispatcher")
        wait_until(lambda: elsewhere.requests, "the ping", within_s=30)
        assert gateway.end()[0] == 0
    assert elsewhere.requests[0].path == "/ping/geheim"
    assert not gateway.said("geheim")


def test_ctrl_c_ends_it_in_good_order(gateway: Running) -> None:
    gateway.start()
    gateway.wait_said("the gateway runs")
    assert gateway.end(signal.SIGINT)[0] == 0


def test_without_a_broker_it_runs_and_says_what_is_missing(gateway: Running, mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    gateway.start()
    gateway.wait_said("the broker cannot be reached")
    assert gateway.end()[0] == 0


def test_a_taken_web_port_ends_it_with_a_sentence(gateway: Running) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", gateway.web_port))
        other.listen()
        gateway.start()
        assert gateway.exit_code() == 1
    assert gateway.said(f"web address 127.0.0.1:{gateway.web_port} cannot be used")
    assert not gateway.said("Traceback")


def test_an_unreachable_database_ends_it_with_a_sentence(gateway: Running) -> None:
    text = gateway.settings.read_text()
    gateway.settings.write_text(
        text + f'[database]\nurl = "postgresql://sambar:geheim@127.0.0.1:{free_port()}/sambar"\n'
    )
    gateway.start()
    assert gateway.exit_code() == 1
    assert gateway.said("cannot be opened")
    assert not gateway.said("Traceback")
    assert not gateway.said("geheim")


def test_mistakes_in_the_settings_end_it_with_all_of_them(gateway: Running) -> None:
    gateway.settings.write_text("[web]\nport = -1\n[inbox]\ngruop = 5\n")
    gateway.start()
    assert gateway.exit_code() == 1
    assert gateway.said("2 mistakes")


def test_a_role_can_run_alone(gateway: Running) -> None:
    gateway.start("--role", "dispatcher")
    gateway.wait_said("the gateway runs")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{gateway.web_port}/")
    assert not gateway.said("connected to the broker")
    assert gateway.end()[0] == 0
