"""HTTP to the Bot API: the token kept out of every address that is logged, and answers turned into one error.

Addresses of the Bot API hold the bot's token, httpx logs every address, and python-telegram-bot logs its base address.
So both are given a placeholder, and only the transport, below all logging, puts the token in.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

HIDDEN = "hidden"
"""Stands for the token in every address above the transport."""


class NotTaken(TelegramError):
    """The Bot API's answer to a request that it did not carry out.

    https://core.telegram.org/bots/api#making-requests: `ok` is false, `error_code`, `description`, `parameters`.
    """

    __slots__ = ("code", "description", "migrate_to", "retry_after")

    def __init__(self, code: int, description: str, retry_after: timedelta | None, migrate_to: int | None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class Transport(httpx.AsyncBaseTransport):
    """Puts the token into each address on its way out."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=2))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.replace(f"/bot{HIDDEN}/".encode(), f"/bot{self._token}/".encode(), 1)
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(raw_path=path),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, per request."""

    connect_s: float = 5
    read_s: float = 15
    write_s: float = 10
    photo_write_s: float = 20


class Request(HTTPXRequest):
    """python-telegram-bot's own, but for the transport and the errors.

    Its errors lose the code: 401 and 404 become one, and so do a refusal and a broken link.
    """

    __slots__ = ()

    def __init__(self, token: str, patience: Patience) -> None:
        super().__init__(
            connect_timeout=patience.connect_s,
            read_timeout=patience.read_s,
            write_timeout=patience.write_s,
            media_write_timeout=patience.photo_write_s,
            httpx_kwargs={"transport": Transport(token)},
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Raises NotTaken for every answer but a good one, else as `HTTPXRequest`."""
        code, payload = await super().do_request(*args, **kwargs)
        if 200 <= code <= 299:
            return code, payload
        raise _not_taken(code, payload)


def _not_taken(code: int, payload: bytes) -> NotTaken:
    try:
        answer: Any = json.loads(payload)
        parameters: dict[str, Any] = answer.get("parameters") or {}
        wish: float | None = parameters.get("retry_after")
        return NotTaken(
            code,
            str(answer["description"]),
            timedelta(seconds=wish) if wish else None,
            parameters.get("migrate_to_chat_id"),
        )
    except (ValueError, TypeError, LookupError, AttributeError):  # a proxy's page, or a server in trouble
        return NotTaken(code, f"HTTP {code}", None, None)
