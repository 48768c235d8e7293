"""Who may pass: what every route asks before it reads a row. The answer is a Visitor, whose park's rows may be read."""

from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.web import access
from gateway.web.access import Visitor
from gateway.web.here import Here
from gateway.web.settings import WebSettings

COOKIES = ("sambar-operator", "sambar-ranger")
"""One for each role, so that the same browser can be a centre's screen and a ranger's phone, as in the demo."""


class Unknown(HTTPException):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__(401)


class Forbidden(HTTPException):
    """Somebody is, and this is not for them."""

    def __init__(self) -> None:
        super().__init__(403)


def cookie_name(visitor: Visitor, settings: WebSettings) -> str:
    return _full(COOKIES[0] if visitor.operates else COOKIES[1], settings)


def cookies(request: Request, settings: WebSettings) -> dict[str, str]:
    """Those of ours that the browser sent."""
    names = [_full(name, settings) for name in COOKIES]
    return {name: request.cookies[name] for name in names if name in request.cookies}


def _full(name: str, settings: WebSettings) -> str:
    """With https the browser takes a `__Host-` cookie only from this very host, and sends it nowhere else."""
    return f"__Host-{name}" if settings.secure else name


def _everybody(request: Request, here: Here) -> tuple[Visitor, ...]:
    now = here.now()
    found = (access.who(here.store, cookie, now) for cookie in cookies(request, here.settings).values())
    visitors = tuple(visitor for visitor in found if visitor is not None)
    if not visitors:
        raise Unknown
    return visitors


Everybody = Annotated[tuple[Visitor, ...], Depends(_everybody)]
"""Whoever is signed in with this browser: one or two."""


def _operator(everybody: Everybody) -> Visitor:
    for visitor in everybody:
        if visitor.operates:
            return visitor
    raise Forbidden


Operator = Annotated[Visitor, Depends(_operator)]


def _holder(everybody: Everybody) -> Visitor:
    return min(everybody, key=lambda visitor: visitor.operates)


Holder = Annotated[Visitor, Depends(_holder)]
"""Who holds the phone: a ranger first, where both are signed in."""
