"""Notifications for the phone page: a browser asks by which key, says where it is to be reached, and takes it back."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from alerts.channels.push import Subscription
from alerts.page_words import texts
from gateway.store import tables
from gateway.store.subscriptions import StoreSubscriptions
from gateway.web.doors import Holder
from gateway.web.outside import Reached

Text = Annotated[str, Form(max_length=2_000)]

router = APIRouter()


@router.get("/phone/push/key")
def key(gate: Reached, visitor: Holder) -> Response:
    """The key, and what the button says, in the person's language.

    No key where no notifications are set up, rather than a 404: a page that asks would complain on its console.
    """
    if gate.outside.push_key is None:
        return JSONResponse({"key": None})
    with gate.store.reading() as session:
        words = texts(session.get_one(tables.Person, (visitor.park, visitor.person)).language)
    return JSONResponse({"key": gate.outside.push_key, "offer": words["push_offer"], "failed": words["push_failed"]})


@router.post("/phone/push")
def subscribe(gate: Reached, visitor: Holder, endpoint: Text, p256dh: Text, auth: Text) -> Response:
    """The visitor's browser is to be called from now on."""
    if gate.outside.push_key is None:
        raise HTTPException(404)
    try:
        subscription = Subscription(endpoint, p256dh, auth)
    except ValueError:
        raise HTTPException(422) from None
    if not endpoint.startswith("https://"):
        raise HTTPException(422)
    StoreSubscriptions(gate.store).add(visitor.park, visitor.person, subscription, gate.now())
    return Response(status_code=204)


@router.post("/phone/push/gone")
def gone(gate: Reached, visitor: Holder, endpoint: Text) -> Response:
    StoreSubscriptions(gate.store).taken_back(visitor.park, visitor.person, endpoint)
    return Response(status_code=204)
