"""What those outside reach who have no cookie: services that speak to us, services that fetch a photo, a watcher.

Nothing here believes a session or an Origin. Each stands by itself: a hook by its service's signature, a photo by the
signature in its address, and what /health says is for everybody.
"""

from dataclasses import asdict
from typing import Annotated

import structlog
from fastapi import APIRouter, Path
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from alerts.heard import Forged
from gateway.web.health import health
from gateway.web.hooks import Answers, Ear
from gateway.web.outside import Gate, Reached
from gateway.web.shots import detections_of

MOST_BODY = 1_000_000
"""Bytes of what a service says at once. LINE and Meta bundle events, Twilio sends one; none comes near."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Channel = Annotated[str, Path(max_length=40)]

router = APIRouter()


@router.get("/hooks/{channel}")
def challenge(gate: Reached, request: Request, channel: Channel) -> Response:
    """A service asks whether the address is ours."""
    answer = _ear(gate, channel).hook.challenge(dict(request.query_params))
    if answer is None:
        raise HTTPException(404)
    return PlainTextResponse(answer)


@router.post("/hooks/{channel}")
async def hook(gate: Reached, request: Request, channel: Channel) -> Response:
    """A service tells of what people said and of what phones have. 200 once that is durable."""
    ear = _ear(gate, channel)
    if not ear.allowance.one() or ear.full:
        raise HTTPException(429, headers={"retry-after": "5"})
    body = await _body(request)
    try:
        answers = await ear.take({name.lower(): value for name, value in request.headers.items()}, body)
    except Forged as forged:
        log.warning("a webhook was not signed by its service, and is not heard", channel=channel, why=str(forged))
        return Response(status_code=403)

    async def reply(answers: Answers) -> None:
        ear.reply(answers)

    kind = "text/xml" if ear.hook.taken else "text/plain"
    return Response(ear.hook.taken, media_type=kind, background=BackgroundTask(reply, answers))


@router.get("/p/{token}.jpg")
def photo(gate: Reached, token: Annotated[str, Path(max_length=1_000)]) -> Response:
    """The photo that a signed address names, with its boxes: as in a message."""
    path = gate.outside.links.path(token) if gate.outside.links is not None else None
    if path is None:
        raise HTTPException(404)
    with gate.store.reading() as session:
        detections = detections_of(session, path)
    image = None if detections is None else gate.jpegs(path, detections)
    if image is None:
        raise HTTPException(404)
    return Response(image, media_type="image/jpeg", headers={"cache-control": "private", "x-robots-tag": "noindex"})


@router.get("/health")
def how_it_is(gate: Reached) -> Response:
    """503 by the application's own rule when the database does not answer."""
    with gate.store.reading() as session:
        found = health(session, gate.now())
    return JSONResponse({"ok": True, **asdict(found)})


def _ear(gate: Gate, channel: str) -> Ear:
    """Raises HTTPException for a channel that is not set up gate."""
    ear = gate.outside.hooks.get(channel) if gate.outside.hooks is not None else None
    if ear is None:
        raise HTTPException(404)
    return ear


async def _body(request: Request) -> bytes:
    """Raises HTTPException for one that is too long, before it is all gate."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            raise HTTPException(413, headers={"connection": "close"})
    return bytes(body)
