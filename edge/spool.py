"""Messages wait here, signed and on disk, until the gateway's receipt.

One SQLite file: WAL with synchronous=FULL, so that what `put` returned survives a power cut. What has been tried, and
when again, is kept in memory only: after a restart everything is tried at once, which is right.
"""

import random
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from edge.spool_file import connect, is_corrupt
from edge.spool_order import PRIORITY, RECEIPT_WITHIN_S, SHED, wait_after
from wire.envelope import digest
from wire.messages import Named, Opening, RefusedMessage
from wire.topics import Kind

_log = structlog.get_logger()

REFUSED_KEPT = 200


class NoRoom(Exception):
    """The message was given up: the spool is full of what matters more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for its receipt."""

    boot: int
    sequence: int
    kind: Kind
    topic: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Promise:
    """A preview that a text has announced: owed until it is spooled, whatever happens to the program meanwhile."""

    original: bytes
    """The SHA-256 of the photo."""
    opening: Opening
    """Of its sighting."""


class Spool:
    """May be used from several threads. Raises sqlite3.Error when the disk fails under it."""

    def __init__(self, path: Path, boot: int, most_bytes: int = 256_000_000, chance: random.Random | None = None):
        self.boot = boot
        self.filled = threading.Event()
        """Set when something new waits."""
        self.shed_count = 0
        """Messages given up since the start."""
        self._path = path
        self._most_bytes = most_bytes
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, keeps no secret
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._open()
        self._sequence = int(self._one("SELECT coalesce(max(sequence), 0) FROM messages WHERE boot = ?", boot))
        self._bytes = int(self._one("SELECT coalesce(sum(size), 0) FROM messages"))

    def take_sequence(self) -> int:
        """The next number of this boot, for a message that is not spooled. Never given twice."""
        with self._lock:
            self._sequence += 1
            return self._sequence

    def put(
        self,
        kind: Kind,
        topic: str,
        seal: Callable[[int], bytes],
        *,
        promising: Callable[[], Iterable[Promise]] = tuple,
        keeping: bytes | None = None,
    ) -> int:
        """`seal(sequence)`, on the disk when this returns with its sequence.

        `promising` is asked after `seal`: the previews that this text announces. `keeping` names the original whose
        preview this is. Raises NoRoom for anything but a sighting when the spool is full; a full spool gives up what
        matters less.
        """
        priority = PRIORITY[kind]
        with self._lock:
            sequence = self.take_sequence()
            sealed = seal(sequence)
            row = (self.boot, sequence, str(kind), topic, priority, digest(sealed), sealed, len(sealed))
            promises = tuple(promising())
            try:
                self._insert(kind, row, promises, keeping)
            except sqlite3.DatabaseError as broken:
                if not is_corrupt(broken):
                    raise
                self._start_anew(broken)
                self._insert(kind, row, promises, keeping)
        self.filled.set()
        return sequence

    def due(self, now: float, most: int = 16, most_bytes: int = 48_000, *, words_only: bool = False) -> list[Waiting]:
        """What is to be sent now, most urgent first. `now` is monotonic seconds.

        At most `most` messages, and at most `most_bytes` of what is no sighting, are on the way at once, so that a
        slow link is never full of photos when the next first word comes. What is on the way for longer than a receipt
        takes no longer counts. `words_only` leaves out what was never sent, but for sightings: the gateway is silent.
        """
        with self._lock:
            count, on_the_way = self._on_the_way(now)
            rows = self._db.execute(
                "SELECT boot, sequence, kind, size FROM messages LEFT JOIN tries USING (boot, sequence)"
                " WHERE (again_at IS NULL AND (priority = 0 OR NOT ?)) OR again_at <= ?"
                " ORDER BY priority, boot, sequence LIMIT ?",
                (words_only, now, max(0, most - count)),
            ).fetchall()
            chosen: list[Waiting] = []
            for boot, sequence, kind, size in rows:
                if kind != Kind.SIGHTING:
                    if on_the_way and on_the_way + size > most_bytes:
                        break
                    on_the_way += size
                topic, sealed = self._db.execute(
                    "SELECT topic, sealed FROM messages WHERE boot = ? AND sequence = ?", (boot, sequence)
                ).fetchone()
                chosen.append(Waiting(boot, sequence, Kind(kind), topic, sealed))
            return chosen

    def sent(self, message: Waiting, now: float) -> None:
        """`message` has been given to the link. Without a receipt it is due again later, ever more patiently."""
        with self._lock:
            attempts = 1 + int(
                self._one(
                    "SELECT coalesce(max(attempts), 0) FROM tries WHERE boot = ? AND sequence = ?",
                    message.boot,
                    message.sequence,
                )
            )
            again_at = now + wait_after(attempts, self._chance.random())
            self._db.execute(
                "INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?)",
                (message.boot, message.sequence, attempts, now, again_at),
            )

    def next_due(self) -> float | None:
        """When (monotonic) the first of those already sent is due again."""
        with self._lock:
            first = self._one("SELECT min(again_at) FROM tries")
            return None if first is None else float(first)

    def all_due(self) -> None:
        """Everything is to be sent (again) at once: the link is new, or the gateway is back."""
        with self._lock:
            self._db.execute("DELETE FROM tries")
        self.filled.set()

    def stored(self, named: Iterable[Named]) -> int:
        """Forgets what the gateway has. A name whose digest is not that of our bytes forgets nothing.

        Returns how many were forgotten.
        """
        forgotten = 0
        with self._lock, self._change():
            for name in named:
                kind = self._forget(name.boot, name.sequence, name.digest)
                forgotten += kind is not None
        return forgotten

    def refused(self, named: Iterable[RefusedMessage]) -> int:
        """Sets aside what the gateway will never take, with its reason. Returns how many were."""
        count = 0
        with self._lock, self._change():
            for name in named:
                row = self._db.execute(
                    "SELECT kind, sealed FROM messages WHERE boot = ? AND sequence = ?", (name.boot, name.sequence)
                ).fetchone()
                if self._forget(name.boot, name.sequence, name.digest) is None:
                    continue
                count += 1
                self._db.execute(
                    "INSERT INTO refused (boot, sequence, kind, sealed, reason) VALUES (?, ?, ?, ?, ?)",
                    (name.boot, name.sequence, *row, name.reason),
                )
                _log.warning(
                    "the gateway refused a message",
                    boot=name.boot, sequence=name.sequence, kind=row[0], reason=name.reason,
                )  # fmt: skip
            self._db.execute(
                "DELETE FROM refused WHERE number <= (SELECT max(number) FROM refused) - ?", (REFUSED_KEPT,)
            )
        return count

    def waiting(self) -> int:
        """Messages without a receipt."""
        with self._lock:
            return int(self._one("SELECT count(*) FROM messages"))

    def set_aside(self) -> list[tuple[int, int, str]]:
        """(boot, sequence, reason) of what the gateway refused, oldest first."""
        with self._lock:
            return self._db.execute("SELECT boot, sequence, reason FROM refused ORDER BY number").fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _on_the_way(self, now: float) -> tuple[int, int]:
        """(messages, bytes of those that are no sighting) whose receipt may still come in time."""
        return self._db.execute(
            "SELECT count(*), coalesce(sum(CASE priority WHEN 0 THEN 0 ELSE size END), 0)"
            " FROM tries JOIN messages USING (boot, sequence) WHERE sent_at > ?",
            (now - RECEIPT_WITHIN_S,),
        ).fetchone()

    def promised(self) -> list[Promise]:
        """The previews that were announced and never spooled, oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT original, boot, sequence FROM promised ORDER BY boot, sequence").fetchall()
        return [Promise(original, Opening(boot=boot, sequence=sequence)) for original, boot, sequence in rows]

    def give_up_promise(self, original: bytes) -> None:
        """Its preview will never be made."""
        with self._lock:
            self._db.execute("DELETE FROM promised WHERE original = ?", (original,))

    def _insert(self, kind: Kind, row: tuple[Any, ...], promises: tuple[Promise, ...], keeping: bytes | None) -> None:
        size: int = row[-1]
        with self._change():
            self._make_room(kind, size)
            self._db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._db.executemany(
                "INSERT OR REPLACE INTO promised VALUES (?, ?, ?)",
                [(each.original, each.opening.boot, each.opening.sequence) for each in promises],
            )
            if keeping is not None:
                self._db.execute("DELETE FROM promised WHERE original = ?", (keeping,))
            self._bytes += size

    def _make_room(self, incoming: Kind, size: int) -> None:
        """Gives up old messages of the kinds that matter no more than `incoming`. Raises NoRoom, giving up none."""
        over = self._bytes + size - self._most_bytes
        if over <= 0:
            return
        victims: list[tuple[int, int, bytes, int, str]] = []
        freed = 0
        for kind in SHED[: SHED.index(incoming) + 1] if incoming in SHED else SHED:
            rows = self._db.execute(
                "SELECT boot, sequence, digest, size, kind FROM messages WHERE priority = ? ORDER BY boot, sequence",
                (PRIORITY[kind],),
            )
            with closing(rows):
                while freed < over and (row := rows.fetchone()) is not None:
                    victims.append(row)
                    freed += row[3]
        if freed < over and incoming is not Kind.SIGHTING:
            self.shed_count += 1
            raise NoRoom(
                f"spool: {self._bytes} bytes wait and a {incoming} of {size} bytes came;"
                f" expected at most {self._most_bytes}, so it was given up"
            )
        for boot, sequence, its_digest, its_size, kind in victims:
            self._forget(boot, sequence, its_digest)
            self.shed_count += 1
            _log.warning("given up for want of room", boot=boot, sequence=sequence, kind=kind, bytes=its_size)

    def _forget(self, boot: int, sequence: int, its_digest: bytes) -> str | None:
        """The kind of what was forgotten."""
        row = self._db.execute(
            "DELETE FROM messages WHERE boot = ? AND sequence = ? AND digest = ? RETURNING kind, size",
            (boot, sequence, its_digest),
        ).fetchone()
        if row is None:
            return None
        self._bytes -= row[1]
        self._db.execute("DELETE FROM tries WHERE boot = ? AND sequence = ?", (boot, sequence))
        return row[0]

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()[0]

    @contextmanager
    def _change(self) -> Generator[None]:
        """One transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
                self._bytes = int(self._one("SELECT coalesce(sum(size), 0) FROM messages"))
            raise

    def _open(self) -> sqlite3.Connection:
        try:
            return connect(self._path)
        except sqlite3.DatabaseError as broken:
            if not is_corrupt(broken):
                raise
            self._set_file_aside(broken)
            return connect(self._path)

    def _start_anew(self, broken: Exception) -> None:
        self._db.close()
        self._set_file_aside(broken)
        self._db = connect(self._path)
        self._bytes = 0

    def _set_file_aside(self, broken: Exception) -> None:
        """Keeps the last corrupt file for whoever can rescue it. The one before is lost."""
        aside = self._path.with_name(self._path.name + ".corrupt")
        self._path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        _log.error("the spool was corrupt; it is set aside and begun anew", aside=str(aside), error=str(broken))
