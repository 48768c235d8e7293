"""signal-cli-rest-api, as far as we need it: https://bbernhard.github.io/signal-cli-rest-api/."""

import base64
from typing import Any
from urllib.parse import quote

import httpx

from alerts.channels.http import Http
from alerts.channels.signal_answers import meaning, too_many
from alerts.channels.signal_settings import SignalSettings
from alerts.errors import Busy

PATIENCE = httpx.Timeout(connect=5, read=25, write=15, pool=5)
"""Seconds. In its mode 'normal' each request starts a Java machine, and waits until the one before has ended."""


class SignalApi:
    """For one thread at a time."""

    def __init__(self, settings: SignalSettings, patience: httpx.Timeout | None = None) -> None:
        self._number = settings.number
        self._base = settings.base_url.rstrip("/")
        self._http = Http("Signal", timeout=patience or PATIENCE, event_hooks={"response": [too_many]})

    def send(self, address: str, words: str, photo: bytes | None = None) -> str:
        """The message's timestamp in milliseconds, by which Signal knows it. Raises BadPhoto, Refused, Busy."""
        message: dict[str, Any] = {
            "number": self._number,
            "recipients": [address],
            "message": words,
            "text_mode": "normal",  # 'styled', which a server may have as its default, reads markup
        }
        if photo is not None:
            data = base64.b64encode(photo).decode()
            message["base64_attachments"] = [f"data:image/jpeg;filename=alert.jpg;base64,{data}"]
        answer = self._good("POST", "v2/send", address, json=message)
        try:
            return str(int(answer.json()["timestamp"]))
        except (ValueError, LookupError, TypeError):
            raise Busy("Signal's answer cannot be read; expected a timestamp") from None

    def delete(self, address: str, timestamp: str) -> None:
        """For everyone. Raises Refused, Busy."""
        what = {"recipient": address, "timestamp": int(timestamp)}
        self._good("DELETE", f"v1/remote-delete/{self._path()}", address, json=what)

    def receive(self) -> list[dict[str, Any]]:
        """What has come since the last time, oldest first; it is given out once. Raises Refused, Busy."""
        query = {"timeout": "1", "ignore_attachments": "true", "ignore_stories": "true"}
        answer = self._good("GET", f"v1/receive/{self._path()}", self._number, params=query)
        try:
            envelopes: Any = answer.json()
            return [each["envelope"] for each in envelopes if "envelope" in each]
        except (ValueError, LookupError, TypeError):
            raise Busy("Signal's answer cannot be read; expected a list of envelopes") from None

    def close(self) -> None:
        self._http.close()

    def _path(self) -> str:
        return quote(self._number, safe="")

    def _good(self, method: str, path: str, address: str, **options: Any) -> httpx.Response:
        answer = self._http.ask(method, f"{self._base}/{path}", **options)
        if answer.is_success:
            return answer
        raise meaning(answer, address)
