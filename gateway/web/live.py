"""How pages learn of news: one cheap query for all of them, and a stream of server-sent events for each.

A stream says only that there is news, by the number `parks.change`; the page then fetches what it shows. So a page that
was away misses nothing: the first number that it hears after its return tells it all. Because the number is in the
database, it does not matter which process did the change.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from gateway.store import Store, tables
from gateway.web.settings import WebSettings

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Live:
    """The watcher and its listeners. All but `streams` belongs to the server's event loop."""

    def __init__(self, store: Store, settings: WebSettings, now: Callable[[], datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._changes: dict[str, int] = {}
        self._news = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False
        self.streams = 0

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        self._wake()

    @property
    def full(self) -> bool:
        """Whether the next listener is to be told to come again."""
        return self._closed or self.streams >= self._settings.streams

    async def events(self, park: str, since: int) -> AsyncIterator[bytes]:
        """The stream for a page that shows all up to change `since`. Ask `full` first."""
        self.streams += 1
        try:
            self._watch()
            yield self._event("beat", since)
            while not self._closed:
                news = self._news
                change = self._changes.get(park, since)
                # Not "greater": after a restore from a backup the number may be lower, and everything is news.
                if change != since:
                    since = change
                    yield self._event("news", since)
                    continue
                try:
                    await asyncio.wait_for(news.wait(), self._settings.heartbeat.total_seconds())
                except TimeoutError:
                    yield self._event("beat", since)
        finally:
            self.streams -= 1

    def _event(self, name: str, change: int) -> bytes:
        words = json.dumps({"change": change, "now": self._now().isoformat(timespec="milliseconds")})
        return f"event: {name}\nid: {change}\ndata: {words}\n\n".encode()

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            self._changes.clear()  # what was read before the pause may be old
            self._watching = asyncio.create_task(self._poll(), name="web-live")

    async def _poll(self) -> None:
        failing = False
        while self.streams and not self._closed:
            try:
                changes = await run_in_threadpool(self._read)
                failing = False
            except SQLAlchemyError:
                # The database is away: the streams stay open and silent news come with its return.
                if not failing:
                    log.warning("pages get no news: the database does not answer", exc_info=True)
                failing = True
                changes = self._changes
            if changes != self._changes:
                self._changes = changes
                self._wake()
            await asyncio.sleep(self._settings.poll.total_seconds())

    def _read(self) -> dict[str, int]:
        with self._store.reading() as session:
            return {row.park: row.change for row in session.execute(select(tables.Park.park, tables.Park.change))}

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
