"""The part that fake services have in common: a server on a free port that takes troubles as well as requests."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes

    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: Any
    """To be JSON; bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class FakeHttp:
    """Answers by `respond`, one request at a time. Safe to use while it runs."""

    def __init__(self, respond: Callable[[Request], Answered]) -> None:
        self.requests: list[Request] = []
        """As they came, those that met trouble among them."""
        self._respond = respond
        self._lock = threading.Lock()
        self._troubles: list[Answered | threading.Event] = []
        self._lost = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake-service")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Once or more."""
        for trouble in self._troubles:
            if isinstance(trouble, threading.Event):
                trouble.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def answer_next(self, status: int, body: Any, **headers: str) -> None:
        """The next request that has no trouble yet gets this; `retry_after=` is the header Retry-After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._troubles.append(Answered(status, body, named))

    def stall_next(self) -> threading.Event:
        """The next request is not carried out until the event is set or the server stops."""
        until = threading.Event()
        self._troubles.append(until)
        return until

    def lose_next_answer(self) -> None:
        """The next request is carried out, and its connection is closed before the answer leaves."""
        self._lost = True

    def _answer(self, request: Request) -> Answered | None:
        """None: no answer."""
        self.requests.append(request)
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, threading.Event):
            trouble.wait(60)
        elif trouble is not None:
            return trouble
        with self._lock:
            answered = self._respond(request)
        lost, self._lost = self._lost, False
        return None if lost else answered

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answered = server._answer(Request(self.command, self.path, headers, body))
                self.close_connection = True  # a test may stop the server between two requests
                if answered is None:
                    return
                payload = answered.body if isinstance(answered.body, bytes) else json.dumps(answered.body).encode()
                self.send_response(answered.status)
                named = {"Content-Type": "application/json", **answered.headers, "Content-Length": str(len(payload))}
                for name, value in {**named, "Connection": "close"}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(payload)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the caller did not wait

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Addresses may hold secrets: not a word."""

        return Handler
