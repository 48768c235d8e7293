"""The database: opened, brought up to date, and handed out one transaction at a time."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.store import migrate

BUSY = timedelta(seconds=10)
"""How long a transaction waits for another's lock before it gives up."""

WRITES = "sambar_writes"


class StoreTrouble(RuntimeError):
    """The database cannot be opened or used: one sentence for an administrator, free of passwords."""


class Store:
    """One database, safe to share among threads. Each `with` is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{WRITES: True})

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Generator[Session, None, None]:
        """A transaction that sees one moment (SQLite) or what is committed (PostgreSQL), and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Generator[Session, None, None]:
        """A transaction that is committed at the end of the block, or rolled back when the block raises.

        On SQLite it holds the only write lock from its first statement on: keep it short.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables up to date, while nobody else does. Raises StoreTrouble."""
        try:
            with self._writer.begin() as connection:
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": migrate.LOCK})
                migrate.upgrade(connection)
        except SQLAlchemyError as wrong:
            raise StoreTrouble(f"{self}: its tables cannot be brought up to date ({_cause(wrong)})") from wrong

    def close(self) -> None:
        self.engine.dispose()

    def __str__(self) -> str:
        return f"database {self.engine.url.render_as_string(hide_password=True)}"


def open_store(url: str) -> Store:
    """The store at `sqlite:///FILE` or `postgresql://…`, its tables brought up to date. Raises StoreTrouble."""
    engine = _engine(_parsed(url))
    store = Store(engine)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        store.migrate()
    except (OperationalError, InterfaceError) as wrong:
        engine.dispose()
        raise StoreTrouble(f"{store}: cannot be opened ({_cause(wrong)})") from wrong
    except BaseException:
        engine.dispose()
        raise
    return store


def is_outage(wrong: Exception) -> bool:
    """Whether an error speaks of the database's state (gone, full, locked) rather than of what was asked of it."""
    return isinstance(wrong, OperationalError | InterfaceError)


def _parsed(url: str) -> URL:
    """Raises StoreTrouble."""
    expected = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError as wrong:
        raise StoreTrouble(f"database: its address cannot be read; {expected}") from wrong
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed.set(drivername="sqlite+pysqlite")
    raise StoreTrouble(f"database: {parsed.render_as_string(hide_password=True)!r}; {expected}")


def _make_folder(file: Path) -> None:
    """Raises StoreTrouble."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise StoreTrouble(f"database: the folder of {str(file)!r} cannot be made ({wrong.strerror})") from wrong


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        # A connection that died while it lay idle is replaced before use: a page need not fail once per restart.
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    _make_folder(Path(url.database or ""))
    engine = create_engine(url)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(raw: Any, record: object) -> None:  # noqa: ARG001 - the event's signature
    raw.isolation_level = None  # pysqlite would begin its own transactions, late and never IMMEDIATE
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY.total_seconds() * 1000)}")  # first: the next one may have to wait
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins as a reader and then writes fails at once when another wrote meanwhile.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _cause(wrong: BaseException) -> str:
    """The driver's own words, on one line."""
    return " ".join(str(getattr(wrong, "orig", None) or wrong).split())[:300]
