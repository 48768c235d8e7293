"""The link to the broker: publishes from the spool, and forgets only on the gateway's signed receipt.

Each connection is a client of its own, so that nothing waits in a library's memory: what is not receipted is in the
spool, and comes from there again. The broker may be away for days.
"""

import queue
import random
import threading
import time
from collections.abc import Callable

import structlog

from edge.config import BrokerSection
from edge.connection import CONNECT_WITHIN_S, Connection, tls_context
from edge.outbox import Outbox
from edge.spool import Spool
from edge.spool_order import RECEIPT_WITHIN_S
from wire.codec import Message
from wire.envelope import unseal
from wire.errors import WireError
from wire.keys import PublicKey
from wire.messages import Command, Receipt, decode
from wire.topics import parse

_log = structlog.get_logger()

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
_COMMANDS_KEPT = 32


def wait_before_connecting(failures: int, chance: float) -> float:
    """Seconds before the next try after `failures` (1 or more) in a row: 1, 2, 4 … 60, by `chance` (0 to 1) ± a third.

    The spread keeps a park's cameras from coming back all at once when the broker does.
    """
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures - 1, 10)) * (2 / 3 + chance * 2 / 3)


class Uplink:
    """Keeps a connection as far as there is a broker, and the spool flowing through it."""

    def __init__(
        self,
        broker: BrokerSection,
        outbox: Outbox,
        spool: Spool,
        obey: Callable[[Command], None],
        chance: random.Random | None = None,
    ) -> None:
        self.bytes_sent = 0
        self.forged = 0
        """Messages on our downlinks that the gateway did not sign."""
        self.failures = 0
        """Tries to connect that failed, since the last that did not."""
        self._broker = broker
        self._tls = tls_context(broker)
        self._gateway = PublicKey.parse(broker.gateway_key)
        self._outbox = outbox
        self._spool = spool
        self._obey = obey
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, keeps no secret
        self._commands: queue.Queue[Command] = queue.Queue(_COMMANDS_KEPT)
        self._stopping = threading.Event()
        self._connections = 0
        self.connection: Connection | None = None
        """The newest, whether it still stands or not."""
        self._waiting_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)  # a name server may not answer

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_s: float = 5.0) -> None:
        """Says goodbye and ends."""
        self._stopping.set()
        self._spool.filled.set()
        self._thread.join(within_s)

    @property
    def runs(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                connected = self._connect_and_serve()
            except Exception:  # noqa: BLE001 - the link must outlive anything: what is spooled goes with the next connection
                _log.exception("the link failed")
                connected = False
            self.failures = 0 if connected else self.failures + 1
            if not self._stopping.is_set():
                self._stopping.wait(wait_before_connecting(max(1, self.failures), self._chance.random()))

    def _connect_and_serve(self) -> bool:
        """Whether there was a connection. Returns when it ended."""
        self._connections += 1
        connection = Connection(
            self._broker, self._tls, self._outbox,
            number=self._connections, take=self._take, woken=self._spool.filled,
        )  # fmt: skip
        self.connection = connection
        where = f"{self._broker.host}:{self._broker.port}"
        try:
            connection.open()
        except OSError as fault:
            _log.warning("no broker; trying again", broker=where, error=str(fault), waiting=self._spool.waiting())
            return False
        try:
            if not self._until(connection.ready, CONNECT_WITHIN_S) or connection.ended.is_set():
                _log.warning("no connection; trying again", broker=where, error=connection.fault)
                return False
            _log.info("connected", broker=where, connection=self._connections, waiting=self._spool.waiting())
            self._spool.all_due()
            self._waiting_since = None
            while not self._stopping.is_set() and not connection.ended.is_set():
                self._serve(connection)
            if connection.ended.is_set():
                _log.warning("disconnected", broker=where, error=connection.fault)
            return True
        finally:
            connection.close(leaving=self._stopping.is_set())

    def _serve(self, connection: Connection) -> None:
        """Sends what is due and waits for what is next."""
        self._spool.filled.clear()
        self._obey_all()
        now = time.monotonic()
        silent = self._waiting_since is not None and now - self._waiting_since > RECEIPT_WITHIN_S
        sent = 0
        for message in self._spool.due(now, words_only=silent):
            if not connection.send(message.topic, message.sealed):
                break
            self._spool.sent(message, now)
            self.bytes_sent += len(message.sealed)
            sent += 1
            if self._waiting_since is None:
                self._waiting_since = now
        if not sent:
            again = self._spool.next_due()
            self._spool.filled.wait(1.0 if again is None else min(1.0, max(0.05, again - now)))

    def _take(self, topic: str, sealed: bytes) -> None:
        """What came down. Runs in the library's thread."""
        try:
            address = parse(topic)
            message: Message = decode(address.kind, unseal(sealed, address, self._gateway))
        except WireError as wrong:
            self.forged += 1
            _log.warning("refused what is not the gateway's", topic=topic, bytes=len(sealed), error=str(wrong))
            return
        if (address.park, address.camera) != (self._outbox.park, self._outbox.camera):
            self.forged += 1
            _log.warning("refused what is another camera's", topic=topic)
        elif isinstance(message, Receipt):
            self._receive(message)
        elif isinstance(message, Command):
            self._queue(message)

    def _receive(self, receipt: Receipt) -> None:
        forgotten = self._spool.stored(receipt.stored)
        refused = self._spool.refused(receipt.refused)
        since = self._waiting_since
        self._waiting_since = None
        if since is not None and time.monotonic() - since > RECEIPT_WITHIN_S:
            self._spool.all_due()
        _log.debug("receipt", stored=len(receipt.stored), forgotten=forgotten, refused=refused)
        self._spool.filled.set()

    def _queue(self, command: Command) -> None:
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            _log.warning("too many commands at once; dropped without a reply", number=command.number)
        self._spool.filled.set()

    def _obey_all(self) -> None:
        while True:
            try:
                self._obey(self._commands.get_nowait())
            except queue.Empty:
                return

    def _until(self, event: threading.Event, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and not self._stopping.is_set():
            if event.wait(0.2):
                return True
        return event.is_set()
