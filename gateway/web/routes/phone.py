"""The ranger's phone: the page, its alerts, the marks that only it can set, and what its person answers."""

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from alerts.channels.web import WebChannel
from alerts.delivery import Answer
from gateway.web import incursions, phone
from gateway.web.access import Visitor
from gateway.web.doors import Holder
from gateway.web.here import Here, Web
from gateway.web.incursions import Park
from gateway.web.phone_words import Own
from gateway.web.render import SHELL, Pages
from gateway.web.replies import Reply

ALERTS = 20
"""On the page; a phone on a bad line fetches them all at each change."""
LONGEST_WAIT_S = 7 * 24 * 3600

Number = Annotated[int, Form(ge=1, lt=2**63)]
Deliveries = Annotated[list[Number], Form(max_length=2 * ALERTS)]
Said = Annotated[Answer, Form()]
Note = Annotated[str, Form(max_length=2000)]
Waited = Annotated[float, Form(ge=0, le=LONGEST_WAIT_S)]

router = APIRouter()


@router.get("/phone")
def page(here: Here, visitor: Holder) -> Response:
    return _page(here, visitor)


@router.get("/phone/alerts")
def alerts_piece(here: Here, visitor: Holder, request: Request) -> Response:
    park, values = _shown(here, visitor)
    return here.pages.piece(request, "pieces/alerts.html", visitor, park, **values)


@router.post("/phone/delivered")
def delivered(here: Here, visitor: Holder, number: Deliveries) -> Response:
    """The page shows these alerts now."""
    now = here.now()
    for each in number:
        here.marks.delivered(visitor.park, visitor.person, each, now)
    return Response(status_code=204)


@router.post("/phone/seen")
def seen(here: Here, visitor: Holder, number: Deliveries) -> Response:
    """A human touched them, be they alerts or notices. Without script the browser comes back to the page."""
    now = here.now()
    for each in number:
        if here.marks.seen(visitor.park, visitor.person, each, now):
            with here.store.reading() as session:
                row = phone.delivery_of(session, visitor, each)
            if row is not None and row.incursion is not None:
                here.replies.to(visitor, row.incursion, Answer.SEEN)
    return RedirectResponse("/phone", 303)


@router.post("/phone/answer")
def answer(  # noqa: PLR0917 - the form's fields
    here: Here, visitor: Holder, request: Request, number: Number, answer: Said, note: Note = "", waited_s: Waited = 0
) -> Response:
    """What a person says to an alert of their own. A script gets the reply as JSON, a browser without one the page."""
    with here.store.reading() as session:
        row = phone.delivery_of(session, visitor, number)
    if row is None or row.incursion is None:
        raise HTTPException(404)
    if row.channel == WebChannel.name:
        here.marks.seen(visitor.park, visitor.person, number, here.now())
    reply = here.replies.to(visitor, row.incursion, answer, note=note, waited=timedelta(seconds=waited_s))
    if reply is None:
        raise HTTPException(404)
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"taken": reply.taken, "sentence": reply.sentence})
    return _page(here, visitor, (number, reply))


@router.get("/phone.webmanifest")
async def manifest(here: Here) -> Response:
    return Response(json.dumps(_manifest(here.pages)), media_type="application/manifest+json")


@router.get("/phone-worker.js")
async def worker(here: Here) -> Response:
    """Changes whenever a file of the shell changes, which makes the browser fetch them anew."""
    shell = [here.pages.static(name) for name in SHELL] + ["/phone.webmanifest"]
    script = here.pages.text("worker.js", version=json.dumps(here.pages.version), shell=json.dumps(shell))
    return Response(script, media_type="text/javascript", headers={"cache-control": "no-cache"})


def _page(here: Web, visitor: Visitor, replied: tuple[int, Reply] | None = None) -> Response:
    park, values = _shown(here, visitor, replied)
    return here.pages.page("phone.html", visitor, park, **values)


def _shown(here: Web, visitor: Visitor, replied: tuple[int, Reply] | None = None) -> tuple[Park, dict[str, object]]:
    now = here.now()
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        shown = phone.shown(session, visitor, ALERTS, now)
    return park, {"shown": shown, "own": Own(visitor.language, park.zone, now), "replied": replied, "sure": phone.SURE}


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
