"""A mail server that behaves: aiosmtpd on a real socket, with the troubles that real servers have."""
# ruff: noqa: ARG001, ARG002 - aiosmtpd gives its handlers more than is needed here

import asyncio
import ssl
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER = "sambar"
PASSWORD = "the-mailbox-password"  # noqa: S105 - of a mailbox that does not exist


class MailServer:
    """On a free port of 127.0.0.1. A trouble is an answer in full, given once."""

    def __init__(self, certificate: Path | None = None, *, wrapped: bool = False, largest: int = 1_000_000) -> None:
        """With a certificate (and its key in the same file) it wants STARTTLS and a login.

        `wrapped`: TLS from the first byte instead, without a login. `largest` mail, in bytes.
        """
        tls = None if certificate is None else ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if tls is not None and certificate is not None:
            tls.load_cert_chain(certificate)
        self._wrapping, tls = (tls, None) if wrapped else (None, tls)
        self.mails: list[EmailMessage] = []
        self.sources: list[bytes] = []
        """The same, as they came."""
        self.envelopes: list[tuple[str, list[str]]] = []
        self.troubles: dict[str, list[str]] = {"mail": [], "rcpt": [], "data": []}
        """Step → the answers that the next mails meet there."""
        self.unknown: set[str] = set()
        """Addresses without a mailbox."""
        self._options: dict[str, Any] = {
            "data_size_limit": largest,
            "enable_SMTPUTF8": False,
            "tls_context": tls,
            "require_starttls": tls is not None,
            "auth_required": tls is not None,
            "auth_require_tls": tls is not None,
            "authenticator": _checked,
        }
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.AbstractServer | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail-server")

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(cast("asyncio.Server", self._server).sockets[0].getsockname()[1])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> Self:
        self._thread.start()
        listening = self._loop.create_server(
            lambda: SMTP(self, hostname="mail.example", loop=self._loop, **self._options),
            "127.0.0.1",
            0,
            ssl=self._wrapping,
        )
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        return self

    def stop(self) -> None:
        if self._loop.is_closed():
            return

        async def closed() -> None:
            assert self._server is not None
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(closed(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # What aiosmtpd calls.

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.troubles["mail"]:
            return self.troubles["mail"].pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.troubles["rcpt"]:
            return self.troubles["rcpt"].pop(0)
        if address in self.unknown:
            return "550 5.1.1 No such user here"  # RFC 3463, section 3.2
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.troubles["data"]:
            return self.troubles["data"].pop(0)
        assert isinstance(envelope.content, bytes)
        self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        self.sources.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


def _checked(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)
