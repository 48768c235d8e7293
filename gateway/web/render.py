"""From values to HTML: the templates, and the names of the static files by what is in them."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from alerts.terms import ANSWERS
from gateway.web import steps, words
from gateway.web.access import Visitor
from gateway.web.incursions import Card, Park

STATIC = Path(__file__).with_name("static")
VENDOR = ("vendor/htmx.min.js",)
SHELL = ("look.css", "phone.css", "phone.js", "push.js", "live.js", "ago.js", "vendor/htmx.min.js", "phone-192.png")
"""What the phone page needs to open without a network."""


_DISTANCE = re.compile(rb"(\bdata-ago [^>]*>)[^<]*")
"""'4 min ago': the page itself keeps that going, from the moment in the attribute."""


class MissingAssets(RuntimeError):
    """The browser libraries have not been fetched: one sentence."""


class Pages:
    def __init__(self, now: Callable[[], datetime]) -> None:
        """Raises MissingAssets."""
        self._now = now
        self.version = version(STATIC)
        """Of all static files together; it stands in their addresses, so that they may be kept for ever."""
        self._templates = Environment(
            loader=PackageLoader("gateway.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        always: dict[str, Any] = self._templates.globals
        always.update(answers=ANSWERS, words=words, static=self.static, trusted=steps.trusted, by_day=_by_day)

    def static(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    def text(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(values)

    def page(self, template: str, visitor: Visitor, park: Park, **values: object) -> HTMLResponse:
        """A page or a piece of one, for someone who is signed in."""
        html = self.text(template, visitor=visitor, park=park, zone=park.zone, now=self._now(), **values)
        return HTMLResponse(html)

    def piece(self, request: Request, template: str, visitor: Visitor, park: Park, **values: object) -> Response:
        """What a page fetches at each news: 304 without a body when the page has it already.

        Most news are a camera's heartbeat, and a phone on a bad line should not pay for those.
        """
        answer = self.page(template, visitor, park, **values)
        lasting = _DISTANCE.sub(rb"\1", bytes(answer.body))
        tag = f'W/"{hashlib.sha256(lasting).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        answer.headers["etag"] = tag
        return answer

    def refusal(self, status: int, title: str, sentence: str, way_on: tuple[str, str] | None = None) -> HTMLResponse:
        """A page in words instead of the one that was asked for; `way_on` is an address and its name."""
        return HTMLResponse(self.text("refusal.html", title=title, sentence=sentence, way_on=way_on), status)


def _by_day(cards: Sequence[Card], zone: ZoneInfo) -> list[tuple[date, list[Card]]]:
    """By the day on which each became known, in the order in which they come."""
    return [(day, list(group)) for day, group in groupby(cards, lambda card: card.stored_at.astimezone(zone).date())]


def version(folder: Path) -> str:
    """Raises MissingAssets."""
    missing = [name for name in VENDOR if not (folder / name).is_file()]
    if missing:
        raise MissingAssets(
            f"the pages' browser libraries are missing ({folder / missing[0]}); fetch them with: "
            f"cd {folder.parent} && npm ci --ignore-scripts && node assets.mjs"
        )
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
