"""The ranger's phone: the page, its alerts, and the two marks that only it can set."""

import json
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web import incursions, phone
from gateway.web.access import Visitor
from gateway.web.doors import Holder
from gateway.web.here import Here, Web
from gateway.web.incursions import Park
from gateway.web.phone import Alert
from gateway.web.render import SHELL, Pages

ALERTS = 20
"""On the page; a phone on a bad line fetches them all at each change."""

Deliveries = Annotated[list[Annotated[int, Form(ge=1, lt=2**63)]], Form(max_length=ALERTS)]

router = APIRouter()


@router.get("/phone")
def page(here: Here, visitor: Holder) -> Response:
    park, alerts = _alerts(here, visitor)
    return here.pages.page("phone.html", visitor, park, alerts=alerts)


@router.get("/phone/alerts")
def alerts_piece(here: Here, visitor: Holder, request: Request) -> Response:
    park, alerts = _alerts(here, visitor)
    return here.pages.piece(request, "pieces/alerts.html", visitor, park, alerts=alerts)


@router.post("/phone/delivered")
def delivered(here: Here, visitor: Holder, number: Deliveries) -> Response:
    """The page shows these alerts now."""
    now = here.now()
    for each in number:
        here.marks.delivered(visitor.park, visitor.person, each, now)
    return Response(status_code=204)


@router.post("/phone/seen")
def seen(here: Here, visitor: Holder, number: Deliveries) -> Response:
    """A human touched them. Without script the browser comes back to the page."""
    now = here.now()
    for each in number:
        here.marks.seen(visitor.park, visitor.person, each, now)
    return RedirectResponse("/phone", 303)


@router.get("/phone.webmanifest")
async def manifest(here: Here) -> Response:
    return Response(json.dumps(_manifest(here.pages)), media_type="application/manifest+json")


@router.get("/phone-worker.js")
async def worker(here: Here) -> Response:
    """Changes whenever a file of the shell changes, which makes the browser fetch them anew."""
    shell = [here.pages.static(name) for name in SHELL] + ["/phone.webmanifest"]
    script = here.pages.text("worker.js", version=json.dumps(here.pages.version), shell=json.dumps(shell))
    return Response(script, media_type="text/javascript", headers={"cache-control": "no-cache"})


def _alerts(here: Web, visitor: Visitor) -> tuple[Park, tuple[Alert, ...]]:
    with here.store.reading() as session:
        return incursions.park_of(session, visitor.park), phone.alerts(session, visitor, ALERTS)


def _manifest(pages: Pages) -> dict[str, object]:
    icons = [("phone-192.png", "192x192", "any"), ("phone-512.png", "512x512", "any maskable")]
    return {
        "name": "Sambar alerts",
        "short_name": "Sambar",
        "id": "/phone",
        "start_url": "/phone",
        "scope": "/phone",
        "display": "standalone",
        "background_color": "#0d1411",
        "theme_color": "#0d1411",
        "icons": [
            {"src": pages.static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in icons
        ],
    }
