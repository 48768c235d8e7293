"""The pages' web server, in a thread of its own: no signal handlers, and open streams do not hold up its end."""

import asyncio
import socket
import threading
from typing import Protocol

import uvicorn
from fastapi import FastAPI

STOP_WITHIN_S = 5


class Endless(Protocol):
    """What must be closed before the server can wait for its connections."""

    def close(self) -> None: ...


class AddressTaken(OSError):
    """The address cannot be listened on: one sentence."""


class WebServer:
    """Listens from `start()` to `stop()`."""

    def __init__(self, app: FastAPI, host: str = "127.0.0.1", port: int = 8080) -> None:
        """Port 0 takes any free one. `app` is one made by gateway.web.app.create."""
        self._host = host
        self._port = port
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # a link's token must not come into a log
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=STOP_WITHIN_S,
            timeout_keep_alive=30,
        )
        self._server = _Server(config, app.state.web.live)
        self._thread: threading.Thread | None = None
        self.address: tuple[str, int] | None = None
        """Host and port, once it listens."""

    def start(self) -> None:
        """Returns when it listens. Raises AddressTaken."""
        listener = _listen(self._host, self._port)
        host, port = listener.getsockname()[:2]
        self.address = (host, port)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="web", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it serves; False before `start`, after `stop`, and when it ended by itself."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends the streams, lets other answers finish, and returns when it is over."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_WITHIN_S * 2)
            self._thread = None


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, endless: Endless) -> None:
        super().__init__(config)
        self._endless = endless

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._endless.close()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # who came as we closed, or did not go in time
            if (transport := getattr(connection, "transport", None)) is not None:
                transport.abort()
        await asyncio.sleep(0)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that already takes connections, so that whoever is told the address can use it at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By name: asyncio turns Nagle's algorithm off only where it reads TCP, and each answer would wait 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as wrong:
        listener.close()
        raise AddressTaken(
            f"web address {host}:{port} cannot be used ({wrong.strerror or wrong}); "
            f"end the program that has it, or set another in gateway.toml"
        ) from wrong
    return listener
