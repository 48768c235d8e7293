"""What a mail server's refusals mean for a delivery: RFC 5321, section 4.2, and the enhanced codes of RFC 3463."""

import re
import smtplib
import ssl
from datetime import timedelta

from alerts.errors import Busy, Refused

ENHANCED = re.compile(r"\A([245])\.(\d{1,3})\.(\d{1,3})\b")
WAIT = re.compile(
    r"\b(?:in|after|for) (?:(\d{1,2}):(\d\d):(\d\d)|(\d{1,6}) ?(s|sec|seconds?|min|minutes?)\b)", re.IGNORECASE
)
"""How servers that greylist (RFC 6647) name their wish, in words: '… please come back in 00:05:00', '… 300 seconds'."""
ANY_ADDRESS = re.compile(r"<?[^<>\s]+@[^<>\s]+>?")
OUR_ACCOUNT = frozenset({"5.7.0", "5.7.3", "5.7.8", "5.7.9", "5.7.14"})
"""Of RFC 4954 and Microsoft's and Google's lists: it is our login that is not good enough."""
FULL = "5.2.2"


class TooLarge(Exception):
    """The mail with its photo; without it, it may be taken."""


def meaning(error: Exception) -> Exception:
    """What to raise in place of what smtplib raised: TooLarge, Refused or Busy."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return Busy(
                f"the mail server does not take our login ({_said(error.smtp_code, error.smtp_error)}); expected in"
                " channels.email a user and a password that are good today"
            )
        case smtplib.SMTPSenderRefused() if error.smtp_code != 552:
            return Busy(
                f"the mail server does not take mail from channels.email.sender"
                f" ({_said(error.smtp_code, error.smtp_error)}); check sender, user and password",
                _wish(error.smtp_error),
            )
        case smtplib.SMTPRecipientsRefused():
            return _recipient(*next(iter(error.recipients.values())))
        case smtplib.SMTPDataError():
            return _answer(error.smtp_code, error.smtp_error)
        case smtplib.SMTPSenderRefused():
            return TooLarge(_said(error.smtp_code, error.smtp_error))  # by the size that was announced: RFC 1870
        case smtplib.SMTPResponseException():  # its greeting, or STARTTLS: about us, not about this mail
            return Busy(
                f"the mail server does not talk with us ({_said(error.smtp_code, error.smtp_error)}); check"
                " channels.email: host, port and security",
                _wish(error.smtp_error),
            )
        case smtplib.SMTPNotSupportedError():
            return Busy(f"the mail server cannot do what channels.email asks for ({error}); check security and port")
        case smtplib.SMTPServerDisconnected():
            return Busy("the mail server hung up; check channels.email: host, port and security")
        case ssl.SSLCertVerificationError():
            return Busy(
                f"the mail server's certificate cannot be trusted ({error.verify_message}); check channels.email: host,"
                " or give its authority's certificate as ca_file"
            )
        case TimeoutError():
            return Busy("the mail server did not answer in time")
        case _:
            return Busy(f"the mail server cannot be reached ({type(error).__name__}); check channels.email: host, port")


def _recipient(code: int, text: bytes | str) -> Exception:
    said, enhanced = _said(code, text), _enhanced(text)
    if code == 530 or enhanced in OUR_ACCOUNT or "relay" in said.lower():
        return Busy(f"the mail server does not send mail on for us ({said}); check channels.email: user and password")
    if code == 552 or enhanced == FULL:  # not for ever
        return Busy(f"the mailbox is full ({said})")
    if code < 500:
        return Busy(f"the mail server cannot take mail for this address now ({said})", _wish(text))
    return Refused(f"the mail server knows no such mailbox, or it takes no mail from us ({said})")


def _answer(code: int, text: bytes | str) -> Exception:
    said = _said(code, text)
    if code == 552 or _enhanced(text) == "5.3.4":  # RFC 1870, section 6.2
        return TooLarge(said)
    if 500 <= code < 600 and code not in {500, 501, 502, 503, 504, 521, 530}:
        return Refused(f"the mail server refuses this mail ({said})")
    return Busy(f"the mail server is in trouble ({said})", _wish(text))


def _said(code: int, text: bytes | str) -> str:
    """In one line, and without what could be the person's address."""
    words = " ".join(_words(text).split())
    return f"{code} {ANY_ADDRESS.sub('…', words)}".strip()[:200]


def _enhanced(text: bytes | str) -> str | None:
    found = ENHANCED.match(_words(text))
    return found[0] if found else None


def _wish(text: bytes | str) -> timedelta | None:
    found = WAIT.search(_words(text))
    if found is None:
        return None
    hours, minutes, seconds, count, unit = found.groups()
    if count is None:
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return timedelta(**{"minutes" if unit.lower().startswith("m") else "seconds": min(int(count), 86_400)})


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
