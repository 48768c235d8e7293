"""E-mail, by any server that sends mail on: RFC 5321. How a park sets it up is in docs/channels/email.md."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from secrets import token_hex

import structlog

from alerts import Clock
from alerts.caption import caption, plain
from alerts.channels.email_answers import TooLarge, meaning
from alerts.channels.email_settings import PLAIN_ADDRESS, EmailSettings
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Refused

PATIENCE_S = 15.0
"""Per step of the conversation."""
MOST_OF_DOMAIN = 32
"""Letters, of a message's own name."""


class EmailChannel:
    """A mail per telling, its photo shown below the words. What was sent stays as it is.

    A connection is made for each mail: alerts are few, and a server hangs up on who says nothing.
    """

    name = "email"
    carries_photo = True

    def __init__(self, settings: EmailSettings, clock: Clock | None = None, patience_s: float = PATIENCE_S) -> None:
        self._settings = settings
        self._password = settings.read_password()
        self._clock = clock or SystemClock()
        self._patience_s = patience_s
        self._tls = ssl.create_default_context(cafile=settings.ca_file)
        self._log = structlog.get_logger().bind(channel=self.name)

    def tell(self, telling: Telling, address: str) -> Accepted:
        if not PLAIN_ADDRESS.fullmatch(address):
            raise Refused(f"address: {_hidden(address)}; expected one plain mail address: malee@park.example")
        message = self._message(telling, address)
        if telling.photo is not None:
            try:
                self._send(_with_photo(message, telling.photo))
            except TooLarge as large:
                self._log.warning("the photo is not taken: the words go alone", why=str(large))
                message = self._message(telling, address)
            else:
                return Accepted(message["Message-ID"], with_photo=True)
        try:
            self._send(message)
        except TooLarge as large:
            raise Refused(f"the mail server takes not even the words ({large})") from None
        return Accepted(message["Message-ID"], with_photo=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - nothing is sent
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - nothing can be done
        raise Refused("a mail that was sent cannot be taken back: it stays in the person's mailbox")

    def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, telling: Telling, address: str) -> EmailMessage:
        words = caption(telling, self._clock.now())
        # Its end will do: headers above 78 letters would be encoded, and no mail program finds a thread by those.
        domain = self._settings.sender.rpartition("@")[2][-MOST_OF_DOMAIN:].lstrip(".-")
        # The thread of a delivery hangs on a mail that never was: whichever comes first, all later ones join it.
        thread = f"sambar.{sha256(f'{telling.park}/{telling.delivery}'.encode()).hexdigest()[:16]}"
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self._settings.sender_name, addr_spec=self._settings.sender)
        message["To"] = Address(addr_spec=address)
        message["Subject"] = " ".join(words.headline.split())
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{thread}.{telling.revision}.{token_hex(6)}@{domain}>"
        message["References"] = message["In-Reply-To"] = f"<{thread}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's 'on holiday' answers it
        if not telling.quiet:
            message["Importance"] = "high"  # RFC 2156, section 5.3.4
        message.set_content(plain(words), cte="base64")
        return message

    def _send(self, message: EmailMessage) -> None:
        """Raises TooLarge, Refused, Busy."""
        try:
            with self._connected() as server:
                if self._settings.user is not None and self._password is not None:
                    server.login(self._settings.user, self._password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise meaning(error) from None  # its traceback would show the address, and a login's

    def _connected(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.server_port()
        if self._settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self._patience_s, context=self._tls)
        server = smtplib.SMTP(host, port, timeout=self._patience_s)
        if self._settings.security == "starttls":
            try:
                server.starttls(context=self._tls)
            except BaseException:
                server.close()
                raise
        return server


def _with_photo(message: EmailMessage, photo: bytes) -> EmailMessage:
    message.add_attachment(photo, maintype="image", subtype="jpeg", disposition="inline", filename="photo.jpg")
    return message


def _hidden(address: str) -> str:
    """Enough to find the mistake: a mail address is a person's."""
    return f"{address[:3]!r}… ({len(address)} letters)"
