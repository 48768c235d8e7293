"""What both kinds of page use: the way in and out, photos, and the streams of news."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from gateway.photos import PhotoTrouble
from gateway.store import tables
from gateway.web import access, doors
from gateway.web.access import Visitor
from gateway.web.doors import Everybody, Holder, Operator
from gateway.web.here import Here, Web
from gateway.web.phone import may_see_photo

SUFFIXES = {"webp": "image/webp", "jpg": "image/jpeg"}

Since = Annotated[int, Query(ge=0, lt=2**63)]
LastEventId = Annotated[int | None, Header(ge=0, lt=2**63)]

router = APIRouter()


@router.get("/enter/{token}")
def enter(here: Here, token: Annotated[str, Path(max_length=200)]) -> Response:
    """Exchanges the secret link for a cookie, and leads on, so that the token stays in no address bar."""
    lifetime = here.settings.session_lifetime
    entered = access.enter(here.store, token, lifetime, here.now())
    if entered is None:
        return here.pages.refusal(
            401, "This link does not open anything",
            "It has expired, or a piece of it was lost on the way. Ask your operations centre for a new one.",
        )  # fmt: skip
    answer = RedirectResponse("/" if entered.visitor.operates else "/phone", 303)
    answer.set_cookie(
        doors.cookie_name(entered.visitor, here.settings), entered.cookie, max_age=int(lifetime.total_seconds()),
        httponly=True, secure=here.settings.secure, samesite="lax",
    )  # fmt: skip
    return answer


@router.post("/leave")
def leave(here: Here, request: Request) -> Response:
    """Ends the sessions of this browser, and has it forget what it kept."""
    answer = here.pages.refusal(200, "Signed out", "Open your own link to come back.")
    for name, cookie in doors.cookies(request, here.settings).items():
        access.leave(here.store, cookie)
        answer.delete_cookie(name, httponly=True, secure=here.settings.secure, samesite="lax")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


@router.get("/photos/{camera}/{original}")
def photo(
    here: Here,
    everybody: Everybody,
    camera: Annotated[str, Path(max_length=64)],
    original: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
) -> Response:
    path = _path(here, everybody, camera, original)
    if path is None:
        raise HTTPException(404)
    try:
        image = here.photos.read(path)
    except FileNotFoundError:
        raise HTTPException(404) from None
    except PhotoTrouble as wrong:
        raise HTTPException(503) from wrong
    kind = SUFFIXES.get(path.rpartition(".")[2], "application/octet-stream")
    # The address is the hash of the content: it never changes.
    return Response(image, media_type=kind, headers={"cache-control": "private, max-age=31536000, immutable"})


@router.get("/live")
async def stream(here: Here, visitor: Holder, since: Since = 0, last_event_id: LastEventId = None) -> Response:
    return _stream(here, visitor, since if last_event_id is None else last_event_id)


@router.get("/live/operations")
async def operations(here: Here, visitor: Operator, since: Since = 0, last_event_id: LastEventId = None) -> Response:
    return _stream(here, visitor, since if last_event_id is None else last_event_id)


def _stream(here: Web, visitor: Visitor, since: int) -> Response:
    if here.live.full:
        raise HTTPException(503, headers={"retry-after": "30"})
    return StreamingResponse(
        here.live.events(visitor.park, since), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


def _path(here: Web, visitors: tuple[Visitor, ...], camera: str, original: str) -> str | None:
    """The preview's path, for the first of the visitors who may see it."""
    with here.store.reading() as session:
        for visitor in visitors:
            row = session.get(tables.Photo, (visitor.park, camera, original))
            if row is not None and may_see_photo(session, visitor, row):
                return row.path
    return None
