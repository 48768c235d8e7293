"""Ears at work in a thread of their own, and what they have heard."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from alerts import Ears
from alerts.backoff import Backoff
from alerts.heard import Heard, Reply

SOON = Backoff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=50))
"""A rest for tests."""


@dataclass
class Listener:
    """What `heard` is called with; it replies `reply`, and fails as often as `failures` says."""

    reply: Reply | None = None
    failures: int = 0
    heard: list[Heard] = field(default_factory=list[Heard])
    stopping: threading.Event = field(default_factory=threading.Event)
    on_hearing: Callable[[Heard], None] = lambda heard: None  # noqa: ARG005 - does nothing

    def hear(self, heard: Heard) -> Reply | None:
        self.on_hearing(heard)
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.heard.append(heard)
        return self.reply

    def one(self) -> Heard:
        wait_for(lambda: self.heard)
        (heard,) = self.heard
        return heard

    def texts(self) -> list[str | None]:
        return [heard.text for heard in self.heard]


@contextmanager
def listening(ears: Ears, listener: Listener | None = None) -> Generator[Listener]:
    """Ends within two seconds, or fails."""
    listener = listener or Listener()
    thread = threading.Thread(target=ears.listen, args=(listener.stopping, listener.hear), name="listening")
    thread.start()
    try:
        yield listener
    finally:
        listener.stopping.set()
        thread.join(2)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)
