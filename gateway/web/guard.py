"""What holds for every answer: headers that keep the pages to themselves, and no word from a foreign page.

Services speak to /hooks/ and come from no page: there each request bears its service's signature instead.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HOOKS = "/hooks/"

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware. Streams pass through it untouched."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        """`origin` is the public one: scheme, host and port."""
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        reads, by_service = scope["method"] in {"GET", "HEAD"}, scope["path"].startswith(HOOKS)
        if not (reads or by_service or self._ours(Headers(scope=scope), scope["scheme"])):
            refusal = PlainTextResponse("This was not sent from Sambar's own pages, so it was not done.\n", 403)
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _ours(self, headers: Headers, scheme: str) -> bool:
        """Whether a request that changes something comes from our own page. Every browser in use says so itself."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return headers.get("origin") in {self._origin, f"{scheme}://{headers.get('host')}"}
