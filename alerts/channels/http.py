"""HTTP to a service: its troubles become ours, and no address or header that may hold a secret reaches a log."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from alerts.errors import Busy

PATIENCE = httpx.Timeout(connect=5, read=15, write=15, pool=5)
"""Seconds. All requests of one telling stay below the dispatcher's lease."""


class Http:
    """A client of one service. Safe in one thread at a time."""

    def __init__(self, service: str, *, timeout: httpx.Timeout = PATIENCE, **options: Any) -> None:
        """`service` names it in sentences; `options` go to httpx.Client."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs each address, and addresses hold secrets
        self._service = service
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, **options)

    def ask(self, method: str, url: str, **options: Any) -> httpx.Response:
        """The answer, if it is below 500 and not 429: what it means is the caller's to say. Raises Busy."""
        try:
            response = self._client.request(method, url, **options)
        except httpx.TimeoutException:
            raise Busy(f"{self._service} did not answer in time") from None
        except httpx.HTTPError as wrong:
            # Not `from`: a traceback would show the address.
            raise Busy(f"{self._service} cannot be reached ({type(wrong).__name__})") from None
        if response.status_code == 429 or response.status_code >= 500:
            what = "too many requests" if response.status_code == 429 else "in trouble"
            raise Busy(f"{self._service}: {what} ({response.status_code})", retry_after(response, datetime.now(UTC)))
        return response

    def close(self) -> None:
        self._client.close()


def retry_after(response: httpx.Response, now: datetime) -> timedelta | None:
    """RFC 9110, section 10.2.3: seconds or a date; None when there is none that can be read."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text), 86_400))
    try:
        return max(timedelta(0), parsedate_to_datetime(text) - now)
    except (TypeError, ValueError):
        return None
