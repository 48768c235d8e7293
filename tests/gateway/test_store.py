"""The store's promises, on SQLite and on PostgreSQL."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from gateway.store import Store, StoreTrouble, migrate, open_store
from gateway.store.tables import Base, Delivery, Park, Quarantine


def a_park(name: str = "khao-yai") -> Park:
    return Park(park=name, name="Khao Yai", zone="Asia/Bangkok", grouping={}, tell=["person"])


def test_what_a_block_wrote_is_there_after_it(store: Store) -> None:
    with store.writing() as session:
        session.add(a_park())
    with store.reading() as session:
        assert session.scalars(select(Park.name)).all() == ["Khao Yai"]


def test_a_block_that_raises_writes_nothing(store: Store) -> None:
    def write_and_break() -> None:
        with store.writing() as session:
            session.add(a_park())
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_break()
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Park)) == 0


def test_a_moment_comes_back_to_the_microsecond(store: Store) -> None:
    moment = datetime(2026, 3, 14, 1, 59, 26, 535897, tzinfo=UTC)
    with store.writing() as session:
        session.add(Quarantine(received_at=moment, topic="t", size=1, sealed=b"x", reason="r"))
    with store.reading() as session:
        assert session.scalar(select(Quarantine.received_at)) == moment


def test_a_delivery_of_an_incursion_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as session:
        session.add(
            Delivery(
                park="khao-yai", incursion=1, person="somchai", channel="web", address="somchai",
                reason="none", decided_at=datetime.now(UTC),
            )
        )  # fmt: skip


def test_two_writers_that_read_first_do_not_lose_each_others_count(store: Store) -> None:
    with store.writing() as session:
        session.add(a_park())

    def count() -> None:
        for _ in range(20):
            with store.writing() as session:
                park = session.scalars(select(Park).with_for_update()).one()
                park.change += 1

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with store.reading() as session:
        assert session.scalar(select(Park.change)) == 60


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.engine.begin() as connection:
        migrate.check(connection)  # raises, and names the difference


def test_a_missing_column_is_noticed_by_that_check(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE parks DROP COLUMN zone"))
        with pytest.raises(Exception, match="zone"):
            migrate.check(connection)


def test_gateways_that_start_at_once_all_find_the_tables_made(store_url: str) -> None:
    stores: list[Store] = []
    threads = [threading.Thread(target=lambda: stores.append(open_store(store_url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    for each in stores:
        each.close()
    assert len(stores) == 4


def test_a_new_database_makes_its_folder(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'var' / 'sambar' / 'sambar.db'}").close()
    assert (tmp_path / "var" / "sambar" / "sambar.db").exists()


def test_sqlite_is_durable_and_does_not_block_readers(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'sambar.db'}")
    with store.reading() as session:
        pragmas = {name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
    store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/sambar", "sqlite://", "nonsense", "sqlite:///:memory:"], ids=lambda url: url
)
def test_an_address_of_another_kind_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(StoreTrouble, match="expected sqlite:///FILE or postgresql://"):
        open_store(url)


def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreTrouble, match="cannot be opened") as trouble:
        open_store("postgresql://sambar:geheim@127.0.0.1:1/sambar")
    assert "geheim" not in str(trouble.value)


def test_every_key_begins_with_the_park() -> None:
    by_secret_or_number = {"links", "sessions", "subscriptions", "answers", "deliveries", "quarantine"}
    first = {
        name: next(iter(table.primary_key.columns)).name
        for name, table in Base.metadata.tables.items()
        if name not in by_secret_or_number
    }
    assert set(first.values()) == {"park"}
