"""The spool's SQLite file: made so that what was committed survives a power cut."""

import sqlite3
from contextlib import closing
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    boot INTEGER NOT NULL, sequence INTEGER NOT NULL,
    kind TEXT NOT NULL, topic TEXT NOT NULL, priority INTEGER NOT NULL,
    digest BLOB NOT NULL, sealed BLOB NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (boot, sequence)
);
CREATE INDEX IF NOT EXISTS in_order ON messages (priority, boot, sequence, size, kind);
CREATE TABLE IF NOT EXISTS refused (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    boot INTEGER NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL, sealed BLOB NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS promised (
    original BLOB PRIMARY KEY, boot INTEGER NOT NULL, sequence INTEGER NOT NULL -- of the sighting's opening
);
CREATE TEMP TABLE tries (
    boot INTEGER NOT NULL, sequence INTEGER NOT NULL,
    attempts INTEGER NOT NULL, sent_at REAL NOT NULL, again_at REAL NOT NULL,
    PRIMARY KEY (boot, sequence)
);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError when the file is corrupt (`is_corrupt`) or the disk fails."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA temp_store = MEMORY")
        with closing(db.execute("PRAGMA quick_check(1)")) as check:
            verdict = check.fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"malformed: {verdict}")
        db.executescript(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def is_corrupt(broken: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is to blame, and not the disk, its rights or another program."""
    if isinstance(broken, sqlite3.OperationalError):  # locked, full, read-only
        return False
    return "malformed" in str(broken) or "not a database" in str(broken)
