"""HTTP to the Cloud API, by pywa, on a session of our own: its troubles become ours, and no number reaches a log.

pywa takes any httpx.Client as its documented `session`, sets its base address to Meta's, and offers nothing to change
that. The session is ours, so we set it once more, to the settings' own: a server of tests, or a proxy.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any, TypeVar, cast

import httpx
from pywa.client import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types.callback import Button
from pywa.types.sent_update import SentMessage
from pywa.types.templates import TemplateLanguage
from pywa.utils import Version

from alerts.channels.whatsapp_answers import meaning
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.errors import Busy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    connect_s: float = 5
    read_s: float = 15
    write_s: float = 15


class CloudApi:
    """The requests that we make. Each raises Busy, Refused or Outside."""

    def __init__(self, settings: WhatsAppSettings, patience: Patience | None = None) -> None:
        wait = patience or Patience()
        for name in ("pywa", "httpx"):  # they log whole messages, addresses and telephone numbers
            logging.getLogger(name).setLevel(logging.ERROR)
        timeout = httpx.Timeout(wait.read_s, connect=wait.connect_s, write=wait.write_s)
        self._session = httpx.Client(timeout=timeout, verify=_authorities())
        version = settings.api_version or str(Version.GRAPH_API)
        self._api = WhatsApp(
            settings.phone_number_id, settings.read_token(), session=self._session, api_version=version
        )
        self._session.base_url = f"{settings.base_url.rstrip('/')}/v{version}"

    def upload(self, photo: bytes) -> str:
        """The media id of a JPEG. Meta keeps it for 30 days."""
        media_id = _asked(lambda: self._api.upload_media(photo, "image/jpeg", "photo.jpg").id)
        if not (media_id.isascii() and media_id.isdigit()):  # pywa would take another string for a file to send
            raise Busy("WhatsApp's answer cannot be read (a media id that is no number)")
        return media_id

    def send(self, to: str, words: str, photo: str | None, buttons: list[Button], answers: str | None = None) -> str:
        """Free words; the message's id. `photo`: its media id; `answers`: the message that is answered."""
        if photo is not None:
            sent = _asked(
                lambda: self._api.send_image(to, photo, words, buttons=buttons or None, reply_to_message_id=answers)
            )
        else:
            sent = _asked(
                lambda: self._api.send_message(to, words, buttons=buttons or None, reply_to_message_id=answers)
            )
        return sent.id

    def send_template(self, to: str, name: str, language: str, components: list[dict[str, Any]]) -> str:
        # pywa's annotation of the components is a bare dict
        send = cast("Callable[..., SentMessage]", self._api.send_template)  # pyright: ignore[reportUnknownMemberType]
        return _asked(lambda: send(to, name, TemplateLanguage(language), components)).id

    def close(self) -> None:
        self._session.close()


@cache
def _authorities() -> SSLContext:
    """Read once: the channel and the hook share them."""
    return httpx.create_ssl_context()


def known_languages() -> frozenset[str]:
    """In which a template can be approved: Khmer and Burmese are not among them."""
    return frozenset(str(language) for language in TemplateLanguage)


def _asked(call: Callable[[], T]) -> T:
    """Raises what `meaning` says, or Busy, in place of the libraries' errors, which hold whole answers."""
    try:
        return call()
    except WhatsAppError as error:
        raise meaning(error.code, error.details or error.message, error.raw_response) from None
    except httpx.TimeoutException:
        raise Busy("WhatsApp did not answer in time") from None
    except httpx.HTTPError as wrong:
        raise Busy(f"WhatsApp cannot be reached ({type(wrong).__name__})") from None
    except (ValueError, LookupError, TypeError, AttributeError):  # of pywa, on JSON of another shape than Meta's
        raise Busy("WhatsApp's answer cannot be read") from None
