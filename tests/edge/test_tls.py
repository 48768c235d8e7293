"""The link to a broker that demands certificates and holds each camera to its own topics, as in production."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.config import BadSettings, BrokerSection
from edge.connection import tls_context
from edge.outbox import Outbox
from edge.spool import Spool
from edge.uplink import Uplink
from tests.edge.certificates import Authority
from tests.fixtures.mosquitto import Mosquitto, wait_until
from wire.keys import SigningKey
from wire.messages import Command, Health
from wire.topics import Kind

ACL = "pattern write sambar/1/%u/up/#\npattern read sambar/1/%u/down/#\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def broker(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    certificate, key = authority.issue("broker", "broker")
    acl = tmp_path / "acl"
    acl.write_text(ACL)
    broker = Mosquitto(
        tmp_path,
        f"cafile {authority.certificate}\ncertfile {certificate}\nkeyfile {key}\n"
        "user root\n"  # when started by root, it would else give that up, and may then not read a test's folder
        f"require_certificate true\nuse_identity_as_username true\nacl_file {acl}",
    )
    broker.start()
    yield broker
    broker.kill()


class Unit:
    """A camera's link with one message in its spool."""

    def __init__(self, folder: Path, broker: Mosquitto, authority: Authority, certificate: tuple[Path, Path]) -> None:
        section = BrokerSection(
            host=broker.host, port=broker.port, gateway_key=str(SigningKey.make().public),
            ca=authority.certificate, cert=certificate[0], cert_key=certificate[1],
        )  # fmt: skip
        self.spool = Spool(folder / "spool.sqlite3", boot=1)
        outbox = Outbox("p", "c", SigningKey.make(), SystemClock(), self.spool)
        outbox.post(Kind.HEALTH, lambda stamp: Health(**stamp, next_within_s=60))
        self.uplink = Uplink(section, outbox, self.spool, _nothing)
        self.uplink.start()

    def close(self) -> None:
        self.uplink.stop()
        self.spool.close()


def _nothing(_: Command) -> None: ...


def test_a_camera_with_its_certificate_is_let_in_and_speaks(
    tmp_path: Path, broker: Mosquitto, authority: Authority
) -> None:
    unit = Unit(tmp_path, broker, authority, authority.issue("p/c", "unit"))
    wait_until(lambda: unit.uplink.bytes_sent, "the message that goes out")
    unit.close()


@pytest.mark.filterwarnings(
    # paho 2 leaves the socket of a handshake that failed to the garbage collector.
    "ignore:Exception ignored in. .ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
def test_a_broker_that_another_authority_signed_is_not_believed(
    tmp_path: Path, broker: Mosquitto, authority: Authority
) -> None:
    other = Authority(tmp_path, "other")
    unit = Unit(tmp_path, broker, other, authority.issue("p/c", "unit"))
    wait_until(lambda: unit.uplink.failures, "the refusal")
    assert unit.uplink.bytes_sent == 0
    unit.close()
    gc.collect()  # now, and not during another test


def test_a_certificate_of_another_authority_is_not_let_in(
    tmp_path: Path, broker: Mosquitto, authority: Authority
) -> None:
    stranger = Authority(tmp_path, "other").issue("p/c", "unit")
    unit = Unit(tmp_path, broker, authority, stranger)
    wait_until(lambda: unit.uplink.failures, "the refusal")
    assert unit.uplink.bytes_sent == 0
    unit.close()


def test_a_ca_file_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    section = BrokerSection(gateway_key=str(SigningKey.make().public), ca=tmp_path / "ca.pem")
    with pytest.raises(BadSettings, match=r"broker.ca: .*ca.pem: .*; expected certificates in PEM"):
        tls_context(section)


def test_a_missing_certificate_is_told_in_words(tmp_path: Path, authority: Authority) -> None:
    section = BrokerSection(
        gateway_key=str(SigningKey.make().public), ca=authority.certificate,
        cert=tmp_path / "none.pem", cert_key=tmp_path / "none.key",
    )  # fmt: skip
    with pytest.raises(BadSettings, match=r"broker.cert: .*none.pem with .*none.key: .*; expected a certificate"):
        tls_context(section)
