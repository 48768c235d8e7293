from collections.abc import Callable
from ipaddress import ip_address

import httpx
import pytest

from alerts.channels import public
from alerts.channels.fake_http import Answered, FakeHttp
from alerts.channels.public import NotPublic, PublicTransport, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.0.114.1", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody listens
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:203.0.114.1", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::cb00:7201", True),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def anything(address: object) -> bool:  # noqa: ARG001 - whichever
    return True


def asked(url: str, resolve: Callable[[str, int], list[str]] | None = None) -> httpx.Response:
    with httpx.Client(transport=PublicTransport(resolve), timeout=5) as client:
        return client.get(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "http://2130706433/", "http://0x7f.1/"]
)
def test_this_machine_is_not_reached_however_it_is_written(url: str) -> None:
    with pytest.raises((NotPublic, httpx.ConnectError), match=r"public internet|name is not known"):
        asked(url)


def test_a_name_with_one_private_address_among_others_is_not_reached() -> None:
    with pytest.raises(NotPublic):
        asked("http://evil.example/", lambda host, port: ["203.0.114.1", "10.0.0.1"])  # noqa: ARG005 - fixed answer


def test_a_name_that_nobody_knows_is_no_connection() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(f"{host}:{port}")

    with pytest.raises(httpx.ConnectError, match="name is not known"):
        asked("http://nowhere.example/", unknown)


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with something else when asked again gains nothing: it is asked once."""
    monkeypatch.setattr(public, "is_public", anything)  # the server stands on 127.0.0.1
    answers = iter([["127.0.0.1"]])
    with FakeHttp(lambda request: Answered(200, {"host": request.headers["host"]})) as server:
        port = server.url.rpartition(":")[2]
        told = asked(f"http://changing.example:{port}/", lambda host, port: next(answers))  # noqa: ARG005 - in turn
    assert told.json() == {"host": f"changing.example:{port}"}


def test_an_address_that_does_not_answer_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "is_public", anything)
    with FakeHttp(lambda request: Answered(200, {})) as server:  # noqa: ARG005 - always the same
        port = server.url.rpartition(":")[2]
        told = asked(f"http://two.example:{port}/", lambda host, port: ["127.9.9.9", "127.0.0.1"])  # noqa: ARG005
    assert told.status_code == 200
