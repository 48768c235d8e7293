"""The inbox on a real broker: a receipt comes after the commit, and nothing that goes wrong loses a message."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from gateway.inbox import Inbox
from gateway.photos import Kept, LocalPhotos, PhotoTrouble
from gateway.store import Store, open_store, tables
from tests.fixtures.mosquitto import Mosquitto, wait_until
from tests.fixtures.parks import lay_out_park
from tests.fixtures.postgres import Postgres
from tests.fixtures.running import Line, running_inbox
from tests.fixtures.scripted import Signed, Unit, a_webp
from wire.envelope import digest, seal
from wire.keys import SigningKey
from wire.messages import Presence
from wire.topics import Kind, Topic

Start = Callable[[], AbstractContextManager[Inbox]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """SQLite here; what differs between the databases has its own tests."""
    opened = open_store(f"sqlite:///{tmp_path / 'sambar.db'}")
    yield opened
    opened.close()


@pytest.fixture
def gateway_key() -> SigningKey:
    return SigningKey.make()


@pytest.fixture
def start(park: Store, mosquitto: Mosquitto, tmp_path: Path, gateway_key: SigningKey) -> Start:
    return lambda: running_inbox(park, mosquitto.port, tmp_path / "photos", gateway_key)


@pytest.fixture
def line(gate: Unit, mosquitto: Mosquitto, gateway_key: SigningKey) -> Iterator[Line]:
    opened = Line(gate, mosquitto.port, gateway_key)
    yield opened
    opened.close()


def count(store: Store, table: type[tables.Base]) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def reasons(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(tables.Quarantine.reason).order_by(tables.Quarantine.number)))


def wait_set_aside(store: Store, words: str) -> None:
    wait_until(lambda: any(words in reason for reason in reasons(store)), f"a message is set aside for {words!r}")


def test_a_sighting_with_its_preview_is_stored_and_receipted(
    start: Start, line: Line, park: Store, gate: Unit, tmp_path: Path
) -> None:
    sighting = gate.sighting()
    preview = gate.preview(sighting, image=a_webp(200, 150))
    with start():
        line.say(sighting, preview)
        line.wait_receipt(sighting, preview)
    with park.reading() as session:
        photo = session.scalars(select(tables.Photo)).one()
    assert (photo.width, photo.height) == (200, 150)
    assert (tmp_path / "photos" / photo.path).read_bytes() == a_webp(200, 150)


def test_nothing_is_receipted_before_the_commit(
    start: Start, line: Line, park: Store, gate: Unit, mosquitto: Mosquitto
) -> None:
    at_commit, go_on = threading.Event(), threading.Event()

    def hold(connection: object) -> None:  # noqa: ARG001 - the event's signature
        at_commit.set()
        go_on.wait(timeout=20)

    sighting = gate.sighting()
    with start():
        event.listen(park.engine, "commit", hold)
        line.say(sighting)
        wait_until(at_commit.is_set, "the commit begins")
        # Whole round trips through the same broker, in which a receipt that was sent too early would have come.
        Line(Unit("ridge"), mosquitto.port, gate.key).close()
        assert not line.has_receipt(sighting)
        assert count(park, tables.Message) == 0
        go_on.set()
        line.wait_receipt(sighting)
    event.remove(park.engine, "commit", hold)
    assert count(park, tables.Message) == 1


def test_a_message_that_comes_twice_is_receipted_again_and_stored_once(
    start: Start, line: Line, park: Store, gate: Unit
) -> None:
    sighting = gate.sighting()
    with start():
        line.say(sighting)
        line.wait_receipt(sighting)
        line.stored.clear()
        line.say(sighting)
        line.wait_receipt(sighting)
    assert (count(park, tables.Message), count(park, tables.Sighting)) == (1, 1)


def test_another_message_with_a_used_number_is_set_aside_and_its_camera_told(
    start: Start, line: Line, park: Store, gate: Unit
) -> None:
    first, again = gate.sighting(), Unit("gate", key=gate.key).health()
    with start():
        line.say(first, again)
        wait_until(lambda: digest(again.sealed) in line.refused, "a receipt says that it is refused")
    assert "already bears" in line.refused[digest(again.sealed)]
    assert count(park, tables.Message) == 1


def test_a_forged_message_is_set_aside_and_gets_no_answer(start: Start, line: Line, park: Store, gate: Unit) -> None:
    forged, good = Unit("gate").sighting(), gate.sighting()
    with start():
        line.say(forged, good)
        line.wait_receipt(good)
        wait_set_aside(park, "signature: does not hold")
    assert digest(forged.sealed) not in line.stored | line.refused.keys()
    assert count(park, tables.Sighting) == 1


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("sambar/1/khao-yai/ghost/up/sighting", "'ghost' is not in park 'khao-yai'"),
        ("sambar/1/atlantis/gate/up/sighting", "'atlantis' is not known here"),
        ("sambar/1/khao-yai/ridge/up/sighting", "signature: does not hold"),
        ("sambar/1/khao-yai/gate/up/health", "signature: does not hold"),
        ("sambar/1/khao-yai/gate/up/gossip", "of no kind that we know"),
        ("sambar/1/khao-yai/bad name/up/sighting", "is not a name"),
    ],
    ids=["unknown camera", "unknown park", "another camera's name", "another kind", "unknown kind", "bad name"],
)
def test_a_message_on_a_topic_that_is_not_its_own_is_set_aside(
    start: Start, line: Line, park: Store, gate: Unit, *, topic: str, words: str
) -> None:
    with start():
        line.say_raw(topic, gate.sighting().sealed)
        wait_set_aside(park, words)
    assert count(park, tables.Sighting) == 0


def poison(gate: Unit) -> Iterable[tuple[str, bytes]]:
    """Strange messages, some of them properly signed."""
    topic = Topic("khao-yai", "gate", Kind.SIGHTING)
    for payload in (b"", b"\xff" * 40, b"\xa1\x00\x01", b"\x81" * 2000, b"\xa3\x00\x01\x01\x18\x63\x02\x63abc"):
        yield str(topic), seal(payload, topic, gate.key)
    yield str(topic), b"not even an envelope"
    yield str(topic), b"\x00" * 100_000


def test_poison_does_not_hold_up_the_next_message(start: Start, line: Line, park: Store, gate: Unit) -> None:
    strange, good = list(poison(gate)), gate.sighting()
    with start():
        for topic, payload in strange:
            line.say_raw(topic, payload)
        line.say(good)
        line.wait_receipt(good, within_s=5)
    assert len(reasons(park)) == len(strange)


def test_a_preview_that_is_no_photo_is_refused_by_its_header(start: Start, line: Line, park: Store, gate: Unit) -> None:
    sighting = gate.sighting()
    fake = gate.preview(sighting, image=b"GIF89a, so to say" * 10)
    with start():
        line.say(sighting, fake)
        line.wait_receipt(sighting)
        wait_until(lambda: digest(fake.sealed) in line.refused, "the preview is refused")
    assert "expected WebP or JPEG" in line.refused[digest(fake.sealed)]
    assert count(park, tables.Photo) == 0


def test_what_the_database_cannot_take_is_set_aside_alone(start: Start, line: Line, park: Store, gate: Unit) -> None:
    with park.writing() as session:
        session.execute(
            text(
                "CREATE TRIGGER no_dogs BEFORE INSERT ON sightings WHEN json_extract(new.counts, '$.dog') > 0"
                " BEGIN SELECT RAISE(ABORT, 'no dogs here'); END"
            )
        )
    dog, person = gate.sighting(labels=("dog",)), gate.sighting()
    with start():
        line.say(dog, person)
        line.wait_receipt(person)
        wait_until(lambda: digest(dog.sealed) in line.refused, "the dog is refused")
    assert "no dogs here" in line.refused[digest(dog.sealed)]


def test_a_revoked_camera_is_refused_at_once(start: Start, line: Line, park: Store, gate: Unit) -> None:
    first, second = gate.sighting(), gate.health()
    with start():
        line.say(first)
        line.wait_receipt(first)
        with park.writing() as session:
            session.get_one(tables.Camera, ("khao-yai", "gate")).revoked_at = tables.EPOCH
            session.get_one(tables.Park, "khao-yai").applied += 1
        line.say(second)
        wait_set_aside(park, "khao-yai/gate is revoked")
    assert not line.has_receipt(second)


def test_a_status_is_kept_and_not_receipted(start: Start, line: Line, park: Store, gate: Unit) -> None:
    here, later = gate.status(Presence.HERE), gate.health()
    with start():
        line.say(here, later)
        line.wait_receipt(later)
    with park.reading() as session:
        assert session.get_one(tables.Camera, ("khao-yai", "gate")).presence == Presence.HERE
    assert not line.has_receipt(here)


def test_what_came_while_the_gateway_was_away_is_stored_when_it_is_back(
    start: Start, line: Line, park: Store, gate: Unit
) -> None:
    first, second = gate.sighting(), gate.health()
    with start():
        line.say(first)
        line.wait_receipt(first)
    line.say(second)
    with start():
        line.wait_receipt(second)
    assert count(park, tables.Message) == 2


def test_after_a_restart_of_the_broker_the_inbox_is_back_by_itself(
    start: Start, line: Line, mosquitto: Mosquitto, park: Store, gate: Unit
) -> None:
    first, second = gate.sighting(), gate.health()
    with start():
        line.say(first)
        line.wait_receipt(first)
        mosquitto.kill()
        mosquitto.start()
        line.wait_connected()
        wait_until(lambda: _said_and_receipted(line, second), "the second is receipted")
    assert count(park, tables.Message) == 2


def _said_and_receipted(line: Line, message: Signed) -> bool:
    """As a camera does it: again and again."""
    line.say(message)
    return line.has_receipt(message)


class Moody(LocalPhotos):
    """A place for photos that can be full."""

    full = False

    def keep(self, photos: Iterable[Kept]) -> None:
        if self.full:
            raise PhotoTrouble("photos: no space left on device")
        super().keep(photos)


def test_while_the_photo_store_is_full_nothing_is_receipted_and_nothing_is_lost(
    line: Line, park: Store, gate: Unit, *, mosquitto: Mosquitto, tmp_path: Path, gateway_key: SigningKey
) -> None:
    photos = Moody(tmp_path / "photos")
    photos.full = True
    sighting = gate.sighting()
    preview = gate.preview(sighting)
    with running_inbox(park, mosquitto.port, tmp_path, gateway_key, photos) as inbox:
        line.say(preview)
        wait_until(lambda: inbox.counts.retries >= 3, "it is tried again")
        assert not line.has_receipt(preview)
        photos.full = False
        line.wait_receipt(preview)
    photos.close()


def test_while_sqlite_is_locked_nothing_is_receipted_and_nothing_is_lost(
    start: Start, line: Line, park: Store, gate: Unit
) -> None:
    sighting = gate.sighting()
    with start():
        with park.writing() as session:  # somebody holds the only write lock
            session.execute(text("UPDATE parks SET change = change"))
            line.say(sighting)
            with park.reading() as other:
                assert other.scalar(select(func.count()).select_from(tables.Message)) == 0
            assert not line.has_receipt(sighting)
        line.wait_receipt(sighting)


@pytest.fixture
def own_postgres(postgres: Postgres) -> Generator[Postgres, None, None]:
    """The run's cluster, which a test may stop, and which runs again afterwards."""
    yield postgres
    if not postgres.runs:
        postgres.start()


def test_while_postgresql_is_down_nothing_is_receipted_and_nothing_is_lost(
    own_postgres: Postgres, line: Line, gate: Unit, *, mosquitto: Mosquitto, tmp_path: Path, gateway_key: SigningKey
) -> None:
    store = open_store(own_postgres.new_database())
    lay_out_park(store, gate)
    before = [gate.sighting() for _ in range(3)]
    during = [gate.health() for _ in range(20)]
    with running_inbox(store, mosquitto.port, tmp_path, gateway_key) as inbox:
        line.say(*before)
        line.wait_receipt(*before)
        own_postgres.stop()
        line.say(*during)
        wait_until(lambda: inbox.counts.retries >= 3, "it is tried again")
        assert not any(line.has_receipt(each) for each in during)
        own_postgres.start()
        line.wait_receipt(*during)
    assert count(store, tables.Message) == 23
    assert reasons(store) == []
    store.close()


def test_the_quarantine_keeps_only_the_newest(start: Start, line: Line, park: Store) -> None:
    with park.writing() as session:
        session.add_all(
            tables.Quarantine(received_at=tables.EPOCH, topic="t", size=1, sealed=b"x", reason=f"old {number}")
            for number in range(1200)
        )
    with start():
        line.say(Unit("gate").sighting())
        wait_set_aside(park, "signature: does not hold")
    assert count(park, tables.Quarantine) == 1000
