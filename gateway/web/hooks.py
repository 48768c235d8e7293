"""What services tell us by webhook: checked, heard, and only then taken; whoever spoke is replied to afterwards."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from queue import Full, Queue
from threading import Thread
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool

from alerts import Clock, Hook
from alerts.channels import HOOKS, make_hook
from alerts.heard import Heard, Reply
from gateway.hearing import Hearing
from gateway.once import Once

PER_SECOND = 50
"""Requests of one channel. A service sends again, later, what it was refused by a 429."""
MOST_WAITING = 100
"""Requests of one channel that wait for their turn, and replies that wait for the service."""
REPLIED_WITHIN = timedelta(minutes=1)
"""Later than that nobody waits for a reply any more, and LINE takes none."""
ENDS_WITHIN_S = 5.0

Answers = list[tuple[Heard, Reply]]


class Ear:
    """One channel's. `take` belongs to the server's event loop."""

    def __init__(self, name: str, hook: Hook, hearing: Hearing, clock: Clock) -> None:
        self.name = name
        self.hook = hook
        self.allowance = Allowance(PER_SECOND)
        self._hearing = hearing
        self._clock = clock
        self._once = Once()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._replying = Replying(name, hook)

    @property
    def full(self) -> bool:
        return self._waiting >= MOST_WAITING

    async def take(self, headers: Mapping[str, str], body: bytes) -> Answers:
        """What to reply, once all that was said is durable. One request after the other. Raises Forged."""
        self._waiting += 1
        try:
            async with self._turn:
                return await run_in_threadpool(self._take, headers, body)
        finally:
            self._waiting -= 1

    def reply(self, answers: Answers) -> None:
        """Soon, in another thread."""
        for heard, reply in answers:
            self._replying.put(heard, reply)

    def close(self) -> None:
        self._replying.close()

    def _take(self, headers: Mapping[str, str], body: bytes) -> Answers:
        answers: Answers = []
        for heard in self.hook.read(headers, body):
            now = self._clock.now()
            if self._once.before(heard, now):
                continue
            reply = self._hearing.heard(heard)
            self._once.take(heard, now)
            if reply is not None:
                answers.append((heard, reply))
        return answers


class Hooks:
    """Those of the channels that are set up."""

    def __init__(self, channels: Mapping[str, Any], hearing: Hearing, clock: Clock) -> None:
        """`channels` by name, each as its own settings. Raises RuntimeError when a library is missing."""
        self._ears = {
            name: Ear(name, make_hook(name, settings), hearing, clock)
            for name, settings in channels.items()
            if name in HOOKS
        }

    def get(self, channel: str) -> Ear | None:
        return self._ears.get(channel)

    def close(self) -> None:
        for ear in self._ears.values():
            ear.close()


class Replying:
    """A thread that sends one channel's replies, so that a slow service holds nobody else up. Best effort."""

    def __init__(self, name: str, hook: Hook) -> None:
        self._hook = hook
        self._waiting: Queue[tuple[Heard, Reply, float] | None] = Queue(MOST_WAITING)
        self._log = structlog.get_logger().bind(channel=name)
        self._stopping = False
        self._thread = Thread(target=self._run, name=f"replies-{name}", daemon=True)
        self._thread.start()

    def put(self, heard: Heard, reply: Reply) -> None:
        try:
            self._waiting.put_nowait((heard, reply, time.monotonic()))
        except Full:
            self._log.warning("too many replies wait: this one is not sent")

    def close(self) -> None:
        """Lets go of what waits."""
        self._stopping = True
        with suppress(Full):  # then it is awake already
            self._waiting.put_nowait(None)
        self._thread.join(ENDS_WITHIN_S)
        self._hook.close()

    def _run(self) -> None:
        while (each := self._waiting.get()) is not None and not self._stopping:
            heard, reply, since = each
            if time.monotonic() - since > REPLIED_WITHIN.total_seconds():
                self._log.warning("a reply has waited too long, and is not sent")
                continue
            try:
                self._hook.reply(heard, reply)
            except Exception:  # noqa: BLE001 - a boundary: the thread must outlive any one reply
                self._log.exception("a reply failed")


class Allowance:
    """A bucket that fills by `per_second` up to as many, and gives one at a time."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = float(per_second)
        self._at = clock()

    def one(self) -> bool:
        now = self._clock()
        self._left = min(float(self._per_second), self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
