"""What every route works with. The application holds one, and FastAPI hands it to the routes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from gateway.photos import Photos
from gateway.store import Store
from gateway.web import Marks
from gateway.web.live import Live
from gateway.web.render import Pages
from gateway.web.replies import Replies
from gateway.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class Web:
    store: Store
    photos: Photos
    marks: Marks
    settings: WebSettings
    pages: Pages
    live: Live
    now: Callable[[], datetime]
    replies: Replies


async def _here(request: Request) -> Web:
    return cast("Web", request.app.state.web)


Here = Annotated[Web, Depends(_here)]
