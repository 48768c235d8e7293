"""What the pages need for those outside: services that speak to us, and browsers that want to be called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from alerts.channels.push_key import public_key, vapid_key
from alerts.channels.web_settings import WebSettings
from gateway.jpegs import Jpegs
from gateway.photos import Photos
from gateway.shared_links import PhotoLinks
from gateway.store import Store
from gateway.web.hooks import Hooks


@dataclass(frozen=True, slots=True)
class Outside:
    hooks: Hooks | None = None
    """None where nobody is heard."""
    links: PhotoLinks | None = None
    push_key: str | None = None
    """By which browsers know us when they allow notifications: base64url. None where there are none."""

    def close(self) -> None:
        if self.hooks is not None:
            self.hooks.close()


def push_key(settings: WebSettings) -> str | None:
    """By which browsers know us, where [channels.web] names a key's file. Raises RuntimeError: one sentence."""
    if settings.vapid_key_file is None:
        return None
    try:
        return public_key(vapid_key(settings.vapid_key_file))
    except ValueError as wrong:
        raise RuntimeError(f"channels.web: {wrong}") from wrong


@dataclass(frozen=True, slots=True)
class Gate:
    """`outside`, with what it works on."""

    outside: Outside
    store: Store
    jpegs: Jpegs
    now: Callable[[], datetime]

    @classmethod
    def on(cls, outside: Outside, store: Store, photos: Photos, now: Callable[[], datetime]) -> "Gate":
        return cls(outside, store, Jpegs(photos), now)


async def _reached(request: Request) -> Gate:
    return cast("Gate", request.app.state.gate)


Reached = Annotated[Gate, Depends(_reached)]
