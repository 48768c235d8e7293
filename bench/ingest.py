"""How many sightings with 15 kB previews the gateway stores in a second, through a real Mosquitto.

The baseline is the same traffic through the same broker to a consumer that stores nothing: an inbox without its store,
which checks every signature and photo, answers and acknowledges. Beside it stands one that only acknowledges, which no
inbox could be. A sighting counts as stored when its message and its preview's are committed, the photo's file is synced
and both are receipted.
"""

import multiprocessing
import pickle
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from sqlalchemy import and_, func, select

from alerts.clock import SystemClock
from bench.report import Options, Report, run
from gateway.identity import Keyring
from gateway.inbox import Inbox, InboxSettings
from gateway.intake import examine
from gateway.link import BrokerSettings, Link
from gateway.photos import LocalPhotos
from gateway.receipts import receipts
from gateway.store import Store, open_store, tables
from gateway.taken import Taken
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.parks import lay_out_park
from tests.fixtures.postgres import Postgres
from tests.fixtures.scripted import NOON, Unit, a_webp
from wire.envelope import digest, peek
from wire.keys import SigningKey
from wire.messages import Receipt

CAMERAS = 20
PREVIEW_BYTES = 15_000
RATE = 50
"""Sightings a second, for the time to a receipt."""
APART = timedelta(minutes=2)
"""Between two sightings of the park, by the cameras' clocks: a few of them make an incursion."""
PATIENCE_S = 300.0
WARM_UP = 200
"""Sightings: a program that has just started compiles its queries first, once."""
GATEWAY = SigningKey.make()

Letter = tuple[str, bytes]
"""Topic and signed bytes."""


Consumer = Callable[[], AbstractContextManager[Callable[[], int]]]
"""Takes messages while it is open; what it gives says how many are done with."""


@dataclass(slots=True)
class Traffic:
    """Signed beforehand, so that signing is in nobody's time."""

    units: list[Unit]
    letters: list[Letter] = field(default_factory=list[Letter])

    @property
    def sightings(self) -> int:
        return len(self.letters) // 2


def make_traffic(sightings: int) -> Traffic:
    units = [Unit(f"camera-{number}") for number in range(CAMERAS)]
    return Traffic(units, make_letters(units, sightings))


def make_letters(units: list[Unit], sightings: int) -> list[Letter]:
    """Each sighting followed by its preview, the cameras taking turns."""
    base = a_webp(640, 480)
    letters: list[Letter] = []
    for number in range(sightings):
        unit, at = units[number % len(units)], NOON + number * APART
        original = f"{unit.boot} {number}".encode()
        image = base[8 : PREVIEW_BYTES - 32].ljust(PREVIEW_BYTES - 40, b"\0") + original.rjust(32)  # each another file
        image = b"RIFF" + len(image).to_bytes(4, "little") + image
        sighting = unit.sighting(at, original=original)
        preview = unit.preview(sighting, original=original, image=image, at=at)
        letters += [(str(each.topic), each.sealed) for each in (sighting, preview)]
    return letters


def measure(report: Report, options: Options) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    sightings, seconds = (WARM_UP + 300, 4) if options.quick else (WARM_UP + 3_000, 20)
    traffic = make_traffic(sightings)
    report.figure("a preview", len(traffic.letters[1][1]), "bytes, signed")
    with tempfile.TemporaryDirectory(prefix="sambar-ingest-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        broker = Mosquitto(folder, "set_tcp_nodelay true")
        broker.start()
        try:
            nothing = throughput(traffic, broker, folder, lambda: keeping_nothing(broker))
            report.figure("a consumer that only acknowledges", nothing, "sightings/s")
            checked = throughput(traffic, broker, folder, lambda: keeping_nothing(broker, traffic.units))
            report.figure("an inbox that stores nothing: checks, answers, acknowledges", checked, "sightings/s")
            with postgresql() as server:
                for kind, url in (
                    ("SQLite", f"sqlite:///{folder / 'sambar.db'}"),
                    ("PostgreSQL", server.new_database()),
                ):
                    store = open_store(url)
                    lay_out_park(store, *traffic.units)
                    stored = throughput(traffic, broker, folder, lambda store=store: storing(store, broker, folder))
                    assert count(store) == sightings
                    report.figure(f"stored in {kind}", stored, "sightings/s")
                    if kind == "SQLite":
                        report.ratio("stored in SQLite / the inbox that stores nothing", stored / checked, ">=", 0.3)
                    else:
                        report.figure(f"stored in {kind} / the inbox that stores nothing", stored / checked, "times")
                    report.figure(f"stored in {kind} / only acknowledged", stored / nothing, "times")
                    fresh(store, traffic)
                    shared = throughput(traffic, broker, folder, lambda url=url: storing_in(2, url, broker, folder))
                    assert count(store) == sightings
                    report.figure(f"stored in {kind} by two inboxes", shared, "sightings/s")
                    report.figure(f"stored in {kind} by two inboxes / only acknowledged", shared / nothing, "times")
                    steady(report, kind, latencies(store, traffic, broker, folder, seconds))
                    store.close()
        finally:
            broker.kill()


def steady(report: Report, kind: str, took_s: list[float]) -> None:
    hundredths = statistics.quantiles(took_s, n=100)
    for name, at in (("p50", 49), ("p99", 98)):
        report.figure(f"publish to receipt at {RATE}/s, {kind}, {name}", hundredths[at] * 1000, "ms")


def throughput(traffic: Traffic, broker: Mosquitto, folder: Path, consumer: Consumer) -> float:
    """Sightings a second, from the first publish to the last one done with, after a part that only warms up."""
    plain = folder / "letters"
    plain.write_bytes(pickle.dumps(traffic.letters))
    spawn = multiprocessing.get_context("spawn")
    ready, go = spawn.Event(), spawn.Event()
    publisher = spawn.Process(target=publish, args=(broker.port, str(plain), ready, go))
    with consumer() as done:
        publisher.start()
        assert ready.wait(60)
        wait(lambda: done() >= 2 * WARM_UP, "what warms up is consumed")
        began = time.perf_counter()
        go.set()
        wait(lambda: done() >= len(traffic.letters), "all is consumed")
        took = time.perf_counter() - began
        publisher.join(timeout=30)
    return (traffic.sightings - WARM_UP) / took


def publish(port: int, path: str, ready: Event, go: Event) -> None:
    """In a process of its own, so that it shares no interpreter lock with the consumer."""
    letters: list[Letter] = pickle.loads(Path(path).read_bytes())  # noqa: S301 - our own file, a moment old
    client = connected("publisher", port)
    for topic, sealed in letters[: 2 * WARM_UP]:
        client.publish(topic, sealed, qos=1)
    ready.set()
    assert go.wait(PATIENCE_S)
    sent = [client.publish(topic, sealed, qos=1) for topic, sealed in letters[2 * WARM_UP :]]
    sent[-1].wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


@contextmanager
def keeping_nothing(broker: Mosquitto, units: list[Unit] | None = None) -> Generator[Callable[[], int], None, None]:
    """Acknowledges and forgets. With `units` it does all of an inbox's work but storing."""
    link = Link(BrokerSettings(port=broker.port, client_id="keeps-nothing"), SystemClock())
    keyring = Keyring({(unit.park, unit.camera): unit.key.public for unit in units or []})
    stop = threading.Event()
    done = 0

    def consume() -> None:
        nonlocal done
        while not stop.is_set():
            if not (group := link.next_group(InboxSettings().group)):
                continue
            if units:
                examined = [examine(incoming, keyring) for incoming in group]
                taken = [each for each in examined if isinstance(each, Taken)]
                assert len(taken) == len(group)
                for topic, sealed in receipts(taken, [], GATEWAY, NOON):
                    link.send(topic, sealed)
            for incoming in group:
                link.ack(incoming)
            done += len(group)

    thread = threading.Thread(target=consume)
    link.start()
    thread.start()
    wait(link.connected.is_set, "the consumer is subscribed")
    yield lambda: done
    stop.set()
    thread.join()
    link.stop()
    forget("keeps-nothing", broker)


@contextmanager
def storing(store: Store, broker: Mosquitto, folder: Path) -> Generator[Callable[[], int], None, None]:
    photos = LocalPhotos(folder / "photos" / str(time.time_ns()))
    link = Link(BrokerSettings(port=broker.port), SystemClock())
    inbox = Inbox(store, photos, link, key=GATEWAY, clock=SystemClock(), settings=InboxSettings())
    stop = threading.Event()
    thread = threading.Thread(target=inbox.run, args=(stop,))
    link.start()
    thread.start()
    wait(link.connected.is_set, "the inbox is subscribed")
    yield lambda: inbox.counts.stored
    stop.set()
    thread.join()
    link.stop()
    photos.close()
    assert inbox.counts.set_aside == 0
    forget("sambar-gateway", broker)


@contextmanager
def storing_in(processes: int, url: str, broker: Mosquitto, folder: Path) -> Generator[Callable[[], int], None, None]:
    """As many inboxes, each in a process of its own, that share the work: `[broker] share` in gateway.toml."""
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    counts = [spawn.Value("q", 0) for _ in range(processes)]
    running = [spawn.Event() for _ in range(processes)]
    inboxes = [
        spawn.Process(
            target=inbox_process, args=(number, url, broker.port, folder, counts[number], running[number], stop)
        )
        for number in range(processes)
    ]
    for inbox in inboxes:
        inbox.start()
    for each in running:
        assert each.wait(60)
    yield lambda: sum(count.value for count in counts)
    stop.set()
    for number, inbox in enumerate(inboxes):
        inbox.join(timeout=30)
        assert inbox.exitcode == 0
        forget(f"inbox-{number}", broker)


def inbox_process(  # noqa: PLR0917 - what crosses to another process
    number: int, url: str, port: int, folder: Path, count: Any, running: Event, stop: Event
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    store, photos = open_store(url), LocalPhotos(folder / "photos")
    link = Link(BrokerSettings(port=port, client_id=f"inbox-{number}", share="inbox"), SystemClock())
    inbox = Inbox(store, photos, link, key=GATEWAY, clock=SystemClock(), settings=InboxSettings())
    ended = threading.Event()
    thread = threading.Thread(target=inbox.run, args=(ended,))
    link.start()
    thread.start()
    wait(link.connected.is_set, "the inbox is subscribed")
    running.set()
    while not stop.wait(0.002):
        count.value = inbox.counts.stored
    ended.set()
    thread.join()
    link.stop()
    photos.close()
    store.close()
    assert inbox.counts.set_aside == 0


def latencies(store: Store, traffic: Traffic, broker: Mosquitto, folder: Path, seconds: int) -> list[float]:
    """Seconds from the publish of each sighting to its receipt, previews following at once."""
    for unit in traffic.units:
        unit.reboot()
    letters = make_letters(traffic.units, RATE * seconds)
    sent: dict[bytes, float] = {}
    took: dict[bytes, float] = {}

    def on_message(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        now = time.perf_counter()
        for named in Receipt.decode(peek(bytes(message.payload))).stored:
            took.setdefault(named.digest, now - sent[named.digest])

    with storing(store, broker, folder):
        client = connected("camera", broker.port)
        client.on_message = on_message
        client.subscribe("sambar/+/+/+/down/+", qos=1)
        began = time.perf_counter()
        for number, (topic, sealed) in enumerate(letters):
            pause = began + number // 2 / RATE - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            sent[digest(sealed)] = time.perf_counter()
            client.publish(topic, sealed, qos=1)
        wait(lambda: len(took) == len(sent), "every message is receipted")
        client.disconnect()
        client.loop_stop()
    return [took[digest(sealed)] for _, sealed in letters[::2]]


@contextmanager
def postgresql() -> Generator[Postgres, None, None]:
    """Durable, as in production."""
    folder = Path(tempfile.mkdtemp(prefix="sambar-postgres-"))
    server = Postgres(folder, durable=True)
    try:
        server.initialise()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def connected(client_id: str, port: int) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages = 200
    client.connect("127.0.0.1", port)
    client.loop_start()
    wait(client.is_connected, f"{client_id} is connected")
    return client


def forget(client_id: str, broker: Mosquitto) -> None:
    """End a kept session, so that the broker queues nothing for it."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", broker.port, clean_start=True)
    client.loop_start()
    wait(client.is_connected, f"{client_id} is connected")
    client.disconnect()
    client.loop_stop()


def fresh(store: Store, traffic: Traffic) -> None:
    """The same park, with nothing in it yet."""
    with store.writing() as session:
        for table in reversed(tables.Base.metadata.sorted_tables):
            session.execute(table.delete())
    lay_out_park(store, *traffic.units)


def count(store: Store) -> int:
    """Sightings whose photo is there too."""
    of, photo = tables.Sighting, tables.Photo
    with store.reading() as session:
        joined = and_(of.camera == photo.camera, of.boot == photo.boot, of.sequence == photo.sequence)
        return session.scalar(select(func.count()).select_from(of).join(photo, joined)) or 0


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_S:g} s in vain until {what}")
        time.sleep(0.002)


if __name__ == "__main__":
    run("Ingest: from the broker to the database and back", measure)
