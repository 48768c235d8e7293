"""The operations centre: the timeline, the cameras, what is open, and an incursion with its response."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts.delivery import Answer
from gateway.store import tables
from gateway.web import cameras, incursions, phone, response_page, shots, steps
from gateway.web.access import Visitor
from gateway.web.doors import Everybody, Forbidden, Operator
from gateway.web.here import Here, Web
from gateway.web.incursions import Park, Places
from gateway.web.notices import open_notices
from gateway.web.replies import Reply
from gateway.web.responses import Responses
from gateway.web.told import BY_OPERATOR

PAGE = 30
"""Incursions on a page of the timeline."""

Before = Annotated[int | None, Query(ge=1, lt=2**63)]
Number = Annotated[int, Path(ge=1, lt=2**63)]
Said = Annotated[Answer, Form()]
Note = Annotated[str, Form(max_length=2000)]

router = APIRouter()


@router.get("/")
def timeline(here: Here, visitor: Operator, before: Before = None) -> Response:
    park, values = _timeline(here, visitor, before)
    return here.pages.page(
        "timeline.html", visitor, park, **values, **_cameras(here, visitor), **_notices(here, visitor)
    )


@router.get("/timeline")
def timeline_piece(here: Here, visitor: Operator, request: Request, before: Before = None) -> Response:
    park, values = _timeline(here, visitor, before)
    return here.pages.piece(request, "pieces/timeline.html", visitor, park, **values)


@router.get("/cameras")
def cameras_piece(here: Here, visitor: Operator, request: Request) -> Response:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
    return here.pages.piece(request, "pieces/cameras.html", visitor, park, **_cameras(here, visitor))


@router.get("/notices")
def notices_piece(here: Here, visitor: Operator, request: Request) -> Response:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
    return here.pages.piece(request, "pieces/notices.html", visitor, park, **_notices(here, visitor))


@router.get("/incursions/{number}")
def incursion(here: Here, everybody: Everybody, number: Number) -> Response:
    """An operator's page; a ranger, whom a message's link led here, is led on to the alert on the phone page."""
    visitor = next((each for each in everybody if each.operates), None)
    if visitor is None:
        ranger = everybody[0]
        with here.store.reading() as session:
            told = phone.was_told(session, ranger, number)
        if told is None:
            raise Forbidden
        return RedirectResponse(f"/phone#alert-{told}", 303)
    park, values = _incursion(here, visitor, number)
    return here.pages.page("incursion.html", visitor, park, **values)


@router.get("/incursions/{number}/piece")
def incursion_piece(here: Here, visitor: Operator, request: Request, number: Number) -> Response:
    park, values = _incursion(here, visitor, number)
    return here.pages.piece(request, "pieces/incursion.html", visitor, park, **values)


@router.post("/incursions/{number}/answer")
def answer(here: Here, visitor: Operator, number: Number, answer: Said, note: Note = "") -> Response:
    """An operator's word. The browser comes back to the page, with a sentence where it was not taken."""
    reply = here.replies.to(visitor, number, answer, note=note)
    if reply is None:
        raise HTTPException(404)
    if reply.taken:
        return RedirectResponse(f"/incursions/{number}", 303)
    park, values = _incursion(here, visitor, number, reply)
    return here.pages.page("incursion.html", visitor, park, **values)


@router.post("/incursions/{number}/relayed/{delivery}")
def relayed(here: Here, visitor: Operator, number: Number, delivery: Number) -> Response:
    """An operator has read an alert out to somebody, who is told by that."""
    with here.store.reading() as session:
        row = session.get(tables.Delivery, delivery)
        ours = row is not None and (row.park, row.incursion, row.channel) == (visitor.park, number, BY_OPERATOR)
        if row is None or not ours:
            raise HTTPException(404)
        person = session.get(tables.Person, (row.park, row.person))
    if here.marks.delivered(row.park, row.person, row.number, here.now()):
        name = person.name if person is not None else row.person
        here.replies.to(visitor, number, Answer.SEEN, note=f"read out to {name} ({row.address})", channel=BY_OPERATOR)
    return RedirectResponse(f"/incursions/{number}", 303)


def _timeline(here: Web, visitor: Visitor, before: int | None) -> tuple[Park, dict[str, object]]:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        found = incursions.newest(session, visitor.park, PAGE + 1, before)
        earlier = found[PAGE - 1].number if len(found) > PAGE else None
        reading = Responses(session, visitor.park, visitor.person, here.now())
        standings = response_page.standings(reading, found[:PAGE])
    return park, {"cards": found[:PAGE], "earlier": earlier, "before": before, "standings": standings}


def _cameras(here: Web, visitor: Visitor) -> dict[str, object]:
    with here.store.reading() as session:
        places = Places.read(session, visitor.park)
    now = here.now()
    units = [cameras.unit(row, places.area(name), now) for name, row in places.cameras.items()]
    return {"units": cameras.by_need(units)}


def _notices(here: Web, visitor: Visitor) -> dict[str, object]:
    now = here.now()
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        reading = Responses(session, visitor.park, visitor.person, now)
        return {
            "notices": open_notices(session, park, reading.names, now),
            "calls": response_page.calls(session, reading, visitor.park),
        }


def _incursion(
    here: Web, visitor: Visitor, number: int, replied: Reply | None = None
) -> tuple[Park, dict[str, object]]:
    """Raises HTTPException when the visitor's park has none of this number."""
    now = here.now()
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        card = incursions.card(session, visitor.park, number)
        if card is None:
            raise HTTPException(404)
        stored = incursions.previews_of(session, visitor.park, [number])
        places = Places.read(session, visitor.park)
        reading = Responses(session, visitor.park, visitor.person, now)
        response = response_page.read(session, reading, card, now)
    first = min(card.sightings, key=lambda each: each.stored_at, default=None)
    return park, {
        "card": card,
        "first": first,
        "places": places,
        "shots_of": [(sighting, shots.shots(sighting, stored)) for sighting in card.sightings],
        "lines": [steps.line(told, first) for told in card.told] if first else [],
        "page": response,
        "replied": replied,
    }
