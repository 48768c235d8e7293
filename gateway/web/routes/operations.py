"""The operations centre: the timeline, the cameras and an incursion."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.web import cameras, incursions, shots, steps
from gateway.web.access import Visitor
from gateway.web.doors import Operator
from gateway.web.here import Here, Web
from gateway.web.incursions import Park, Places

PAGE = 30
"""Incursions on a page of the timeline."""

Before = Annotated[int | None, Query(ge=1, lt=2**63)]
Number = Annotated[int, Path(ge=1, lt=2**63)]

router = APIRouter()


@router.get("/")
def timeline(here: Here, visitor: Operator, before: Before = None) -> Response:
    park, values = _timeline(here, visitor, before)
    return here.pages.page("timeline.html", visitor, park, **values, **_cameras(here, visitor))


@router.get("/timeline")
def timeline_piece(here: Here, visitor: Operator, request: Request, before: Before = None) -> Response:
    park, values = _timeline(here, visitor, before)
    return here.pages.piece(request, "pieces/timeline.html", visitor, park, **values)


@router.get("/cameras")
def cameras_piece(here: Here, visitor: Operator, request: Request) -> Response:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
    return here.pages.piece(request, "pieces/cameras.html", visitor, park, **_cameras(here, visitor))


@router.get("/incursions/{number}")
def incursion(here: Here, visitor: Operator, number: Number) -> Response:
    park, values = _incursion(here, visitor, number)
    return here.pages.page("incursion.html", visitor, park, **values)


@router.get("/incursions/{number}/piece")
def incursion_piece(here: Here, visitor: Operator, request: Request, number: Number) -> Response:
    park, values = _incursion(here, visitor, number)
    return here.pages.piece(request, "pieces/incursion.html", visitor, park, **values)


def _timeline(here: Web, visitor: Visitor, before: int | None) -> tuple[Park, dict[str, object]]:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        found = incursions.newest(session, visitor.park, PAGE + 1, before)
    earlier = found[PAGE - 1].number if len(found) > PAGE else None
    return park, {"cards": found[:PAGE], "earlier": earlier, "before": before}


def _cameras(here: Web, visitor: Visitor) -> dict[str, object]:
    with here.store.reading() as session:
        places = Places.read(session, visitor.park)
    now = here.now()
    units = [cameras.unit(row, places.area(name), now) for name, row in places.cameras.items()]
    return {"units": cameras.by_need(units)}


def _incursion(here: Web, visitor: Visitor, number: int) -> tuple[Park, dict[str, object]]:
    """Raises HTTPException when the visitor's park has none of this number."""
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        card = incursions.card(session, visitor.park, number)
        if card is None:
            raise HTTPException(404)
        stored = incursions.previews_of(session, visitor.park, [number])
        places = Places.read(session, visitor.park)
    first = min(card.sightings, key=lambda each: each.stored_at, default=None)
    return park, {
        "card": card,
        "first": first,
        "places": places,
        "shots_of": [(sighting, shots.shots(sighting, stored)) for sighting in card.sightings],
        "lines": [steps.line(told, first) for told in card.told] if first else [],
    }
