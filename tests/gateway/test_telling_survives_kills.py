"""A process that tells, killed between the channel's acceptance and its record: real processes, SQLite, real HTTP."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels.fake_telegram import FakeTelegram
from alerts.decide import Pace
from gateway.store import Store, open_store
from tests.alerts.ledger_contract import at
from tests.fixtures.mosquitto import wait_until
from tests.gateway.store_stage import StoreStage

CHAT = -7
DISPATCHER = """
import sys, threading
from datetime import timedelta
from pydantic import SecretStr
from alerts.channels.fake_telegram import TOKEN
from alerts.channels.telegram import TelegramChannel
from alerts.channels.telegram_settings import TelegramSettings
from alerts.clock import SystemClock
from alerts.deliver import Dispatcher
from gateway.store import open_store
from gateway.store.ledger import StoreLedger

store, server = open_store(sys.argv[1]), sys.argv[2]
channel = TelegramChannel(TelegramSettings(token=SecretStr(TOKEN), base_url=server))
Dispatcher(
    StoreLedger(store), [channel], SystemClock(), died=lambda name, error: None,
    lease=timedelta(seconds=1), poll=timedelta(milliseconds=50),
).start()
threading.Event().wait()
"""


STARTS_S = 60
"""A process may take long to start on a busy machine."""
AT_ONCE = Pace(photo_wait=timedelta(0), photo_interval=timedelta(0), edit_interval=timedelta(0))


class Telling:
    """The process, which is started again as often as it is killed."""

    def __init__(self, url: str, server: FakeTelegram) -> None:
        self._command = [sys.executable, "-c", DISPATCHER, url, server.url]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=Path(__file__).parents[2])

    def runs(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        server.add_chat(CHAT, "group")
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'sambar.db'}")
    yield store
    store.close()


@pytest.fixture
def telling(store: Store, server: FakeTelegram) -> Iterator[Telling]:
    process = Telling(str(store.engine.url), server)
    yield process
    process.kill()


def test_killed_after_the_acceptance_it_tells_once_more_and_then_never_again(
    store: Store, server: FakeTelegram, telling: Telling
) -> None:
    stage = StoreStage(store, AT_ONCE)
    number = stage.tell("malee", "telegram", str(CHAT), at(0))
    server.after_next(telling.kill)
    telling.start()
    wait_until(lambda: server.shows(CHAT), "Telegram has taken the message", STARTS_S)
    wait_until(lambda: not telling.runs(), "the process is killed before it hears of it", STARTS_S)
    assert stage.row(number).accepted_at is None
    telling.start()
    wait_until(lambda: stage.row(number).accepted_at, "the record is there", STARTS_S)
    assert len(server.shows(CHAT)) == 2
    assert stage.ledger.next_due("telegram") is None


def test_killed_before_the_acceptance_it_is_not_forgotten(store: Store, server: FakeTelegram, telling: Telling) -> None:
    stage = StoreStage(store, AT_ONCE)
    number = stage.tell("malee", "telegram", str(CHAT), at(0))
    stalled = server.stall_next()
    telling.start()
    wait_until(lambda: server.calls, "the request has come", STARTS_S)
    telling.kill()
    assert server.shows(CHAT) == []
    telling.start()
    wait_until(lambda: stage.row(number).accepted_at, "the record is there", STARTS_S)
    assert [shown.message_id for shown in server.shows(CHAT)] == [1]
    stalled.set()


def test_killed_after_an_edit_it_edits_once_more_and_sends_no_second_message(
    store: Store, server: FakeTelegram, telling: Telling
) -> None:
    stage = StoreStage(store, AT_ONCE)
    number = stage.tell("malee", "telegram", str(CHAT), at(0))
    telling.start()
    wait_until(lambda: stage.row(number).accepted_at, "the first telling is recorded", STARTS_S)
    server.after_next(telling.kill)
    stage.grows(5, at(60))
    wait_until(lambda: not telling.runs(), "the process is killed after the edit", STARTS_S)
    telling.start()
    wait_until(lambda: stage.row(number).told_revision == 2, "the edit is recorded", STARTS_S)
    assert [shown.text.splitlines()[0] for shown in server.shows(CHAT)] == ["5 คน · North gate"]
