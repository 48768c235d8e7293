import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from alerts.channels.email import EmailChannel
from alerts.channels.email_answers import meaning
from alerts.channels.email_settings import EmailSettings
from alerts.clock import DrivenClock
from alerts.delivery import Accepted
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen
from tests.alerts.channels.mail_server import PASSWORD, USER, MailServer
from tests.alerts.tellings import JPEG, SEEN, telling

MALEE = "malee@park.example"


def channel_to(server: MailServer, **settings: Any) -> EmailChannel:
    plain = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "alerts@park.example"}
    return EmailChannel(
        EmailSettings.model_validate(plain | settings), DrivenClock(SEEN + timedelta(seconds=4)), patience_s=5
    )


def login(certificate: Path, password: str = PASSWORD) -> dict[str, Any]:
    return {"security": "starttls", "ca_file": certificate, "user": USER, "password": password}


class EmailService:
    """The e-mail channel and a mail server with one mailbox."""

    photos = True
    address = MALEE
    secret = PASSWORD

    def __init__(self, certificate: Path) -> None:
        self.server = MailServer(certificate).start()
        self.channel = channel_to(self.server, **login(certificate))

    def shown(self) -> list[Seen]:
        return [Seen(f"{mail['Subject']}\n{words(mail)}", photo(mail)) for mail in self.server.mails]

    def lose_the_message(self) -> None:
        self.server.mails.pop()

    def be_in_trouble(self) -> None:
        self.server.troubles["data"].append("451 4.3.0 Requested action aborted: local error in processing")

    def want_a_pause(self, pause: timedelta) -> None:
        # RFC 6647, section 5, and the words of a server that greylists.
        seconds = int(pause.total_seconds())
        self.server.troubles["rcpt"].append(f"451 4.7.1 Greylisted, please try again in {seconds} seconds")

    def shut_us_out(self) -> None:
        self.server.unknown.add(MALEE)

    def go_away(self) -> None:
        self.server.stop()


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def photo(mail: EmailMessage) -> bytes | None:
    photos = [part.get_content() for part in mail.iter_attachments() if part.get_content_type() == "image/jpeg"]
    return photos[0] if photos else None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that no authority has signed, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def service(certificate: Path) -> Iterator[EmailService]:
    service = EmailService(certificate)
    yield service
    service.channel.close()
    service.server.stop()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


class TestEmail(ChannelContract):
    pass


def test_a_mail_goes_from_our_sender_to_the_one_person(server: MailServer) -> None:
    channel_to(server).tell(telling(), MALEE)
    (mail,) = server.mails
    assert server.envelopes == [("alerts@park.example", [MALEE])]
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Sambar <alerts@park.example>",
        MALEE,
        "2 persons · North gate",
    )


def test_the_photo_is_shown_below_the_words(server: MailServer) -> None:
    channel_to(server).tell(telling(), MALEE)
    (part,) = server.mails[0].iter_attachments()
    assert (part.get_content_type(), part.get_content_disposition()) == ("image/jpeg", "inline")


def test_the_mails_of_one_delivery_are_one_thread(server: MailServer) -> None:
    channel = channel_to(server)
    for revision in (1, 2):
        channel.tell(telling(delivery=7, revision=revision), MALEE)
    channel.tell(telling(delivery=8), MALEE)
    threads = [mail["References"] for mail in server.mails]
    assert (threads[0] == threads[1], threads[0] == threads[2]) == (True, False)
    assert len({mail["Message-ID"] for mail in server.mails}) == 3


def test_a_thread_is_found_by_its_name_however_long_our_domain(server: MailServer) -> None:
    channel_to(server, sender=f"alerts@{'a-very-long-name-of.' * 6}park.example").tell(telling(), MALEE)
    (line,) = [line for line in server.sources[0].split(b"\r\n") if line.startswith(b"References:")]
    assert re.fullmatch(rb"References: <sambar\.[0-9a-f]{16}@[a-z.-]+\.park\.example>", line)


def test_nobody_is_sent_an_out_of_office_answer_for_it(server: MailServer) -> None:
    channel_to(server).tell(telling(), MALEE)
    assert server.mails[0]["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("quiet", "importance"), [(False, "high"), (True, None)], ids=["loud", "quiet"])
def test_only_what_is_not_quiet_is_important(server: MailServer, quiet: bool, importance: str | None) -> None:
    channel_to(server).tell(telling(quiet=quiet), MALEE)
    assert server.mails[0]["Importance"] == importance


def test_a_place_cannot_become_a_header(server: MailServer) -> None:
    channel_to(server).tell(telling(place="Gate\r\nBcc: spy@evil.example\r\n\r\nhello"), MALEE)
    assert server.mails[0]["Bcc"] is None
    assert server.envelopes == [("alerts@park.example", [MALEE])]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "malee",
        "malee@park",
        "a@park.example, b@park.example",
        "Malee <malee@park.example>",
        "malee@park.example\r\nBcc: spy@evil.example",
        "malee@park.example\n",
        "malee@[127.0.0.1]",
        f"{'m' * 65}@park.example",
        "malee@-park.example",
        "มาลี@park.example",
    ],
)
def test_only_one_plain_address_is_taken(server: MailServer, address: str) -> None:
    with pytest.raises(Refused, match="expected one plain mail address"):
        channel_to(server).tell(telling(), address)
    assert server.mails == []


def test_an_address_that_is_no_address_is_not_shown_in_full(server: MailServer) -> None:
    with pytest.raises(Refused) as refused:
        channel_to(server).tell(telling(), "malee.srisuk.park.example")
    assert "srisuk" not in str(refused.value)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_what_the_server_cannot_do_now_is_busy(server: MailServer, step: str) -> None:
    server.troubles[step].append("450 4.2.1 Not now")
    with pytest.raises(Busy, match=r"450 4\.2\.1 Not now"):
        channel_to(server).tell(telling(), MALEE)


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        # The words of postgrey, of milter-greylist, and of OpenBSD's spamd, which names none.
        ("450 4.2.0 Greylisted, please retry in 300 seconds", timedelta(minutes=5)),
        ("451 4.7.1 Greylisting in action, please come back in 00:04:30", timedelta(minutes=4, seconds=30)),
        ("451 4.7.1 Try again in 10 minutes", timedelta(minutes=10)),
        ("451 Temporary failure, please try again later.", None),
    ],
    ids=["seconds", "hours", "minutes", "no wish"],
)
def test_a_server_that_greylists_says_for_how_long(server: MailServer, said: str, wish: timedelta | None) -> None:
    server.troubles["rcpt"].append(said)
    with pytest.raises(Busy) as busy:
        channel_to(server).tell(telling(), MALEE)
    assert busy.value.retry_after == wish


@pytest.mark.parametrize(
    "said", ["550 5.1.1 No such user", "553 5.1.3 Bad address", "550 5.7.1 Blocked by the recipient"]
)
def test_a_mailbox_that_does_not_take_it_is_refused(server: MailServer, said: str) -> None:
    server.troubles["rcpt"].append(said)
    with pytest.raises(Refused, match=said[:9]):
        channel_to(server).tell(telling(), MALEE)


@pytest.mark.parametrize(
    "said",
    [
        "530 5.7.0 Authentication required",
        "554 5.7.1 Relay access denied",
        "550 5.7.8 Authentication credentials invalid",
    ],
)
def test_a_server_that_wants_a_better_login_is_busy_until_the_settings_are_mended(
    server: MailServer, said: str
) -> None:
    server.troubles["rcpt"].append(said)
    with pytest.raises(Busy, match=r"check channels\.email: user and password"):
        channel_to(server).tell(telling(), MALEE)


def test_a_sender_that_is_not_ours_is_busy_until_the_settings_are_mended(server: MailServer) -> None:
    server.troubles["mail"].append("550 5.7.60 Client does not have permissions to send as this sender")
    with pytest.raises(Busy, match=r"channels\.email\.sender"):
        channel_to(server).tell(telling(), MALEE)


def test_a_mailbox_that_is_full_is_busy(server: MailServer) -> None:
    server.troubles["rcpt"].append("552 5.2.2 Mailbox full")
    with pytest.raises(Busy, match="mailbox is full"):
        channel_to(server).tell(telling(), MALEE)


def test_a_mail_that_the_server_takes_for_spam_is_refused(server: MailServer) -> None:
    server.troubles["data"].append("554 5.7.1 Message rejected as spam")
    with pytest.raises(Refused, match="rejected as spam"):
        channel_to(server).tell(telling(), MALEE)


def test_a_persons_address_in_the_servers_words_does_not_reach_an_error(server: MailServer) -> None:
    server.troubles["rcpt"].append(f"550 5.1.1 <{MALEE}>: user unknown")
    with pytest.raises(Refused) as refused:
        channel_to(server).tell(telling(), MALEE)
    assert "malee" not in str(refused.value)


def test_a_photo_that_is_too_large_leaves_the_words() -> None:
    with MailServer(largest=20_000) as server:
        accepted = channel_to(server).tell(telling(photo=JPEG[:-2] + bytes(30_000) + JPEG[-2:]), MALEE)
    assert accepted.with_photo is False
    assert [photo(mail) for mail in server.mails] == [None]


def test_a_photo_that_is_found_too_large_only_when_it_is_there_leaves_the_words(server: MailServer) -> None:
    server.troubles["data"].append("552 5.3.4 Message size exceeds fixed limit")
    assert channel_to(server).tell(telling(), MALEE).with_photo is False
    assert len(server.mails) == 1


def test_a_wrong_password_is_busy_until_the_settings_are_mended(certificate: Path) -> None:
    with (
        MailServer(certificate) as server,
        pytest.raises(Busy, match=r"expected in channels\.email a user and a password") as busy,
    ):
        channel_to(server, **login(certificate, "wrong-one")).tell(telling(), MALEE)
    assert "wrong-one" not in str(busy.value)


def test_a_server_that_wants_a_login_gets_it_through_starttls(certificate: Path) -> None:
    with MailServer(certificate) as server:
        channel_to(server, **login(certificate)).tell(telling(), MALEE)
    assert len(server.mails) == 1


def test_a_server_that_speaks_tls_from_the_first_byte_is_spoken_to_so(certificate: Path) -> None:
    with MailServer(certificate, wrapped=True) as server:
        channel_to(server, security="tls", ca_file=certificate).tell(telling(), MALEE)
    assert len(server.mails) == 1


def test_a_server_without_starttls_never_sees_the_password(server: MailServer, certificate: Path) -> None:
    with pytest.raises(Busy, match="check security and port"):
        channel_to(server, **login(certificate)).tell(telling(), MALEE)
    assert server.mails == []


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(certificate: Path) -> None:
    with MailServer(certificate) as server, pytest.raises(Busy, match="certificate cannot be trusted"):
        channel_to(server, **(login(certificate) | {"ca_file": None})).tell(telling(), MALEE)
    assert server.mails == []


def test_a_mail_cannot_be_taken_back(server: MailServer) -> None:
    with pytest.raises(Refused, match="cannot be taken back"):
        channel_to(server).withdraw(MALEE, Accepted("<x@y>", with_photo=True))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError(), "did not answer in time"),
        (smtplib.SMTPServerDisconnected("gone"), "hung up"),
        (ConnectionRefusedError(), "cannot be reached"),
        (smtplib.SMTPConnectError(554, "No SMTP service here"), "No SMTP service here"),
    ],
    ids=["slow", "hung up", "closed", "no service"],
)
def test_troubles_of_the_link_are_told_apart(error: Exception, sentence: str) -> None:
    told = meaning(error)
    assert isinstance(told, Busy)
    assert sentence in str(told)


GOOD = {"host": "mail.example", "sender": "alerts@park.example"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sender": "Park <a@b.example>"}, "sender: 'Park <a@b.example>'; expected one plain mail address"),
        ({"user": "sambar"}, "expected both of user and password"),
        ({"password": "the-secret"}, "expected both of user and password"),
        ({"user": "x", "password": "the-secret", "password_file": "/x"}, "expected one of password and password_file"),
        ({"user": "x", "password": "the-secret", "security": "none"}, "expected 'starttls' or 'tls'"),
        ({"user": "x", "password_file": "/nowhere"}, "password_file: /nowhere; expected a file"),
        ({"user": "x", "password": "the-secret-ü"}, "user, password: expected letters of ASCII"),
        ({"ca_file": "/nowhere"}, "ca_file: /nowhere; expected a file that is there"),
        ({"security": "ssl"}, "security"),
        ({"host": "mail example"}, "host"),
        ({"sender_name": "Park\r\nBcc: x"}, "sender_name"),
    ],
)
def test_wrong_settings_are_told_without_the_password(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        EmailSettings.model_validate(GOOD | settings)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_kind_of_security_has_its_port(security: str, port: int) -> None:
    assert EmailSettings.model_validate(GOOD | {"security": security}).server_port() == port
