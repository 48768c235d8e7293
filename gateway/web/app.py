"""The pages put together: wiring only."""

import os
from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from alerts import Clock
from alerts.decide import Pace
from gateway.photos import Photos
from gateway.store import Store
from gateway.web import Marks
from gateway.web.doors import Forbidden
from gateway.web.guard import Guard
from gateway.web.here import Web
from gateway.web.live import Live
from gateway.web.outside import Gate, Outside
from gateway.web.render import STATIC, Pages
from gateway.web.replies import Replies
from gateway.web.routes import operations, phone, push, shared
from gateway.web.routes import outside as outside_routes
from gateway.web.settings import WebSettings

REFUSALS = {
    401: ("Who is there?", "These pages open by your own link. Open it again, or ask your operations centre for one."),
    403: ("Not for you", "This page is for the operations centre."),
    404: ("Not here", "There is no such page, or it belongs to another park."),
    422: ("Not understood", "A part of the address or of what was sent is not as expected."),
    500: ("Something is broken here", "The server met an error of its own, and has written it into its log."),
    503: ("Not now", "The server is busy or its store does not answer. Try again in half a minute."),
}


def create(
    store: Store, photos: Photos, marks: Marks, settings: WebSettings, clock: Clock, *,
    pace: Pace | None = None, planned: Callable[[], None] = lambda: None,
    outside: Outside | None = None,
) -> FastAPI:  # fmt: skip
    """The application, for gateway.web.serve.WebServer. Raises MissingAssets.

    `planned` is called when an answer may have made something to tell.
    """

    def now() -> datetime:
        return clock.now()

    pages = Pages(now)
    live = Live(store, settings, now)
    app = FastAPI(title="Sambar", docs_url=None, redoc_url=None, openapi_url=None)
    replies = Replies(store, clock, pace or Pace(), planned)
    app.state.web = Web(store, photos, marks, settings, pages, live, now, replies)
    app.state.gate = Gate.on(outside or Outside(), store, photos, now)
    for kind in (operations, outside_routes, phone, push, shared):
        app.include_router(kind.router)
    app.mount(f"/static/{pages.version}", _Forever(directory=STATIC))
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, origin=settings.origin)

    async def refuse(request: Request, wrong: Exception) -> Response:  # noqa: ARG001 - its place's signature
        status = _status(wrong)
        way_on = ("/phone", "To your alerts") if isinstance(wrong, Forbidden) else None
        title, sentence = REFUSALS.get(status, ("Not possible", "The server cannot do that."))
        answer = pages.refusal(status, title, sentence, way_on)
        if isinstance(wrong, HTTPException) and wrong.headers:
            answer.headers.update(wrong.headers)
        return answer

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(OperationalError, refuse)
    app.add_exception_handler(Exception, refuse)
    return app


def _status(wrong: Exception) -> int:
    if isinstance(wrong, HTTPException):
        return wrong.status_code
    if isinstance(wrong, RequestValidationError):
        return 422
    return 503 if isinstance(wrong, OperationalError) else 500


class _Forever(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
