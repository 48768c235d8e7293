"""The ping to a server elsewhere: said while all is well, and never that it is when it is not."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels.fake_http import Answered, FakeHttp
from alerts.clock import SystemClock
from gateway.conductor import Conductor
from gateway.pinger import Pinger
from gateway.store import open_store
from tests.fixtures.mosquitto import free_port, wait_until


@pytest.fixture
def server() -> Iterator[FakeHttp]:
    with FakeHttp(lambda _: Answered(200, b"OK")) as server:  # https://healthchecks.io/docs/http_api/
        yield server


def test_it_is_said_again_and_again_while_all_is_well(server: FakeHttp) -> None:
    pinger = Pinger(f"{server.url}/ping/geheim", lambda: True, every=timedelta(milliseconds=10))
    pinger.start()
    wait_until(lambda: len(server.requests) >= 3, "three pings")
    pinger.stop()
    assert {(each.method, each.path) for each in server.requests} == {("GET", "/ping/geheim")}


def test_nothing_is_said_while_the_gateway_does_not_do_its_work(server: FakeHttp) -> None:
    asked = 0

    def well() -> bool:
        nonlocal asked
        asked += 1
        return False

    pinger = Pinger(f"{server.url}/ping", well, every=timedelta(milliseconds=10))
    pinger.start()
    wait_until(lambda: asked >= 3, "three looks")
    pinger.stop()
    assert server.requests == []


def test_it_goes_on_when_the_question_itself_fails(server: FakeHttp) -> None:
    asked = 0

    def well() -> bool:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise OSError("the database is away")
        return True

    pinger = Pinger(f"{server.url}/ping", well, every=timedelta(milliseconds=10))
    pinger.start()
    wait_until(lambda: server.requests, "a ping")
    pinger.stop()


@pytest.mark.parametrize("answer", [404, 500, None], ids=["unknown", "in-trouble", "away"])
def test_a_server_that_does_not_take_it_is_logged_once_and_its_return_too(
    server: FakeHttp, capsys: pytest.CaptureFixture[str], answer: int | None
) -> None:
    url = f"{server.url}/ping/geheim" if answer else f"http://127.0.0.1:{free_port()}/ping/geheim"
    pinger = Pinger(url, lambda: True)
    for _ in range(2):
        if answer:
            server.answer_next(answer, b"")
        assert pinger.ping() is False
    if answer:
        assert pinger.ping() is True
    pinger.close()
    logged = capsys.readouterr().out
    assert logged.count("nobody hears that the gateway is well") == 1
    assert logged.count("it is heard again") == (1 if answer else 0)
    assert "geheim" not in logged


def test_a_conductor_whose_passes_fail_is_not_called_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'sambar.db'}")
    conductor = Conductor(store, SystemClock(), every=timedelta(milliseconds=10))
    stopping = threading.Event()
    thread = threading.Thread(target=conductor.run, args=(stopping,), name="conductor")
    assert not conductor.lately(timedelta(days=1))
    thread.start()
    try:
        wait_until(lambda: conductor.lately(timedelta(seconds=10)), "a pass is finished")

        def away() -> int:
            raise OSError("the database is away")

        monkeypatch.setattr(conductor, "step", away)
        wait_until(lambda: not conductor.lately(timedelta(milliseconds=300)), "no pass is finished any more")
    finally:
        stopping.set()
        thread.join()
        store.close()
