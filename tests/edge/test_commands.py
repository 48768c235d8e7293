"""An order is done once, while it holds, and always answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.commands import Commands, Done, expired
from edge.originals import Originals
from edge.outbox import Outbox
from edge.spool import Spool
from wire.envelope import peek
from wire.keys import SigningKey
from wire.messages import ClockQuality, Command, Outcome, Reply
from wire.topics import Kind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        outbox = Outbox("p", "c", SigningKey.make(), SystemClock("network"), self.spool)
        self.commands = Commands(folder, outbox, Originals(folder / "o", 1_000_000), SystemClock("network"))

    def replies(self) -> list[tuple[int, Outcome, str]]:
        waiting = [message for message in self.spool.due(0, most=100) if message.kind is Kind.REPLY]
        replies = [Reply.decode(peek(message.sealed)) for message in waiting]
        return [(reply.command, reply.outcome, reply.words) for reply in replies]


def order(number: int, name: str, *, valid: timedelta = timedelta(days=1), **words: str | int | bytes) -> Command:
    now = datetime.now(UTC)
    return Command(at=now, number=number, expires=now + valid, order=name, words=words)


@pytest.mark.parametrize(
    ("command", "outcome", "words"),
    [
        (order(1, "ping"), Outcome.DONE, "here"),
        (order(1, "dance"), Outcome.REFUSED, "'dance' is no order that this camera knows; expected original, ping"),
        (order(1, "original"), Outcome.REFUSED, "original: None; expected the 32 bytes of its SHA-256"),
        (order(1, "original", original=bytes(32)), Outcome.REFUSED, f"original {'0' * 64} is not kept here (any more)"),
    ],
    ids=["ping", "unknown", "original-without-name", "original-that-is-gone"],
)
def test_every_command_is_answered_in_words(tmp_path: Path, command: Command, outcome: Outcome, words: str) -> None:
    bench = Bench(tmp_path)
    bench.commands.obey(command)
    assert bench.replies() == [(1, outcome, words)]
    bench.spool.close()


def test_an_expired_command_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.commands.obey(order(1, "ping", valid=timedelta(minutes=-1)))
    ((_, outcome, words),) = bench.replies()
    assert outcome is Outcome.REFUSED
    assert words.startswith("expired at ")
    bench.spool.close()


def test_a_clock_that_nothing_set_does_not_judge() -> None:
    command = Command(at=NOW, number=1, expires=NOW, order="ping")
    assert expired(command, NOW, ClockQuality.NETWORK)
    assert not expired(command, NOW - timedelta(seconds=1), ClockQuality.NETWORK)
    assert not expired(command, NOW + timedelta(days=9), ClockQuality.UNSET)


def test_a_command_that_comes_twice_is_done_once_also_after_a_restart(tmp_path: Path) -> None:
    first = Bench(tmp_path)
    first.commands.obey(order(7, "ping"))
    first.commands.obey(order(7, "ping"))
    first.spool.close()
    second = Bench(tmp_path)
    second.commands.obey(order(7, "ping"))
    assert len(second.replies()) == 1
    second.spool.close()


def test_commands_may_come_out_of_order(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in (5, 3):
        bench.commands.obey(order(number, "ping"))
    assert [number for number, _, _ in bench.replies()] == [5, 3]
    bench.spool.close()


def test_the_record_of_what_was_done_stays_small(tmp_path: Path) -> None:
    done = Done(tmp_path, remembered=20)
    for number in range(50):
        done.add(number)
    again = Done(tmp_path, remembered=20)
    assert all(number in again for number in range(50))
    assert 50 not in again
    assert len((tmp_path / "commands.json").read_text()) < 150
