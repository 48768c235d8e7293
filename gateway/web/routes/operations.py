"""The operations centre: the timeline, the cameras and an incursion."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from gateway.web import cameras, incursions, shots, steps
from gateway.web.access import Visitor
from gateway.web.doors import Operator
from gateway.web.here import Here, Web
from gateway.web.incursions import Places

PAGE = 30
"""Incursions on a page of the timeline."""

Before = Annotated[int | None, Query(ge=1, lt=2**63)]
Number = Annotated[int, Path(ge=1, lt=2**63)]

router = APIRouter()


@router.get("/")
def timeline(here: Here, visitor: Operator, before: Before = None) -> HTMLResponse:
    return _timeline("timeline.html", here, visitor, before)


@router.get("/timeline")
def timeline_piece(here: Here, visitor: Operator, before: Before = None) -> HTMLResponse:
    return _timeline("pieces/timeline.html", here, visitor, before)


@router.get("/cameras")
def cameras_piece(here: Here, visitor: Operator) -> HTMLResponse:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        units = _units(Places.read(session, visitor.park), here)
    return here.pages.page("pieces/cameras.html", visitor, park, units=units)


@router.get("/incursions/{number}")
def incursion(here: Here, visitor: Operator, number: Number) -> HTMLResponse:
    return _incursion("incursion.html", here, visitor, number)


@router.get("/incursions/{number}/piece")
def incursion_piece(here: Here, visitor: Operator, number: Number) -> HTMLResponse:
    return _incursion("pieces/incursion.html", here, visitor, number)


def _timeline(template: str, here: Web, visitor: Visitor, before: int | None) -> HTMLResponse:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        found = incursions.newest(session, visitor.park, PAGE + 1, before)
        units = _units(Places.read(session, visitor.park), here)
    earlier = found[PAGE - 1].number if len(found) > PAGE else None
    return here.pages.page(
        template, visitor, park, cards=found[:PAGE], earlier=earlier, before=before, units=units
    )  # fmt: skip


def _units(places: Places, here: Web) -> list[cameras.Unit]:
    now = here.now()
    return cameras.by_need([cameras.unit(row, places.area(name), now) for name, row in places.cameras.items()])


def _incursion(template: str, here: Web, visitor: Visitor, number: int) -> HTMLResponse:
    with here.store.reading() as session:
        park = incursions.park_of(session, visitor.park)
        card = incursions.card(session, visitor.park, number)
        if card is None:
            raise HTTPException(404)
        stored = incursions.previews_of(session, visitor.park, [number])
        places = Places.read(session, visitor.park)
    first = min(card.sightings, key=lambda each: each.stored_at, default=None)
    return here.pages.page(
        template, visitor, park, card=card, first=first, places=places,
        shots_of=[(sighting, shots.shots(sighting, stored)) for sighting in card.sightings],
        lines=[steps.line(told, first) for told in card.told] if first else [],
    )  # fmt: skip
