"""The demo's course: set up a folder, start broker, gateway and camera in order, show where to look, stop in order."""

import shutil
import socket
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway.config import load as load_gateway
from gateway.park import apply, load_park
from gateway.store import Store, open_store
from gateway.web.access import make_link
from sambar.broker import EmbeddedBroker
from sambar.demo import folder
from sambar.demo.folder import OPERATOR, PARK, RANGER, SECOND, Places
from sambar.demo.programs import Program, wait_until
from sambar.demo.told import Told, first_told

MARK = "this-folder-is-the-demo-s"
WEB_PORT = 8470
STARTS_WITHIN_S = 60.0
TOLD_WITHIN_S = 120.0
LINK_LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Running:
    places: Places
    store: Store
    operations: str
    """The address of the operations timeline, with its secret."""
    phone: str
    """The address of the ranger's phone page, with its secret."""
    second_phone: str
    """That of the next in line, who is told when nobody answers."""
    programs: list[Program]

    def watch(self) -> None:
        """Until Ctrl-C, or until a program ends by itself. Raises ClickException when one fails."""
        while not all(program.ended for program in self.programs):
            for program in self.programs:
                program.check()
            time.sleep(0.2)

    def told(self) -> Told:
        """Waits for the first incursion that was told. Raises ClickException when none comes."""
        found: list[Told] = []

        def look() -> bool:
            if (told := first_told(self.store)) is not None:
                found.append(told)
            return bool(found)

        wait_until(look, "an incursion told on the web channel", TOLD_WITHIN_S, self.programs)
        return found[0]


@contextmanager
def running(
    at: Path, source: str | None, host: str, port: int | None, say: Callable[[str], None], *, once: bool
) -> Generator[Running, None, None]:
    """The whole system, started; stopped in order at the end. Raises ClickException with what is wrong."""
    _clean(at)
    web_port = port or _free_port(WEB_PORT)
    address = _address_of(host)
    places = Places(at, _free_port(), host, web_port, f"http://{address}:{web_port}")
    with ExitStack() as stack:
        folder.write(places, folder.source_settings(source, once=once))
        say("starting the broker …")
        broker = EmbeddedBroker(places.broker_port, at / "broker")
        broker.start()
        stack.callback(broker.stop)

        say("starting the gateway …")
        settings = load_gateway(places.gateway_settings)
        store = open_store(settings.database.url)
        stack.callback(store.close)
        apply(store, load_park(places.park_settings))
        gateway = Program("gateway", "run", "--settings", places.gateway_settings, log=at / "log" / "gateway.log")
        stack.callback(gateway.stop)
        wait_until(lambda: _answers(host, web_port), "the gateway's pages", STARTS_WITHIN_S, [gateway])

        say("starting the camera …")
        camera = Program("camera", "run", "--settings", places.camera_settings, log=at / "log" / "camera.log")
        stack.callback(camera.stop)
        now = datetime.now(UTC)
        links = {
            person: f"{places.public_url}/enter/{make_link(store, PARK, person, LINK_LIFETIME, now)}"
            for person in (OPERATOR, RANGER, SECOND)
        }
        yield Running(places, store, links[OPERATOR], links[RANGER], links[SECOND], [gateway, camera])
        say("stopping …")


def _clean(at: Path) -> None:
    """An empty folder, which a former demo may have left full. Raises ClickException rather than touch another's."""
    if at.exists() and any(at.iterdir()):
        if not (at / MARK).exists():
            raise click.ClickException(
                f"--state {at}: is not empty, and not the demo's; expected a new or empty folder"
            )
        shutil.rmtree(at)
    at.mkdir(parents=True, exist_ok=True)
    (at / MARK).touch()


def _free_port(wanted: int = 0) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("no free port on 127.0.0.1")


def _address_of(host: str) -> str:
    """What to type into a browser: a host that means 'every address' becomes this machine's own."""
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which of our addresses would be used
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((_address_of(host), port), timeout=1):
            return True
    except OSError:
        return False
