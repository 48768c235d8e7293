"""ModemManager with one modem, as a service on a D-Bus that behaves, and the mobile network behind it.

`api` stands for https://www.freedesktop.org/software/ModemManager/api/latest/. A test looks at what a phone got, lets
people write, and puts modem and network into the troubles that real ones have.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self, TypeVar

from dbus_fast import DBusError, Variant
from dbus_fast.aio import MessageBus

from alerts.channels.fake_modem_objects import (
    ENABLED,
    NAME,
    REGISTERED,
    MessagingObject,
    ModemObject,
    SmsObject,
    Stored,
)
from alerts.channels.gsm import split

ROOT = "/org/freedesktop/ModemManager1"
ERROR = f"{NAME}.Error"
UNKNOWN, RECEIVING, RECEIVED, SENT = 0, 2, 3, 5
"""api ModemManager-Flags-and-Enumerations.html#MMSmsState."""
DELIVER, SUBMIT, STATUS_REPORT = 1, 2, 3
"""#MMSmsPduType."""

T = TypeVar("T")


class FakeModem:
    """On the bus at `address`, in a thread of its own. Safe to use while it runs."""

    def __init__(self, address: str, first_reference: int = 1) -> None:
        self.address = address
        self.reference = first_reference
        """Of the next part that is sent: counted up to 255, then from 0."""
        self.got: dict[str, list[str]] = {}
        """Number → the texts that its phone got."""
        self.refused: set[str] = set()
        self.failing: list[tuple[str, str]] = []
        """Name and words of the errors that the next sendings meet."""
        self.objects: dict[str, SmsObject] = {}
        self._last = -1
        self._hangs = False
        self._stopping = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-modem")
        self._bus: MessageBus | None = None
        self._modem = ModemObject()
        self._messaging = MessagingObject(self)

    # Its life.

    def start(self) -> None:
        self._thread.start()
        self._run(self._appear())

    def stop(self) -> None:
        """Once or more."""
        if not self._thread.is_alive():
            return
        self._run(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # What a test arranges and looks at.

    def be(self, state: int, failure: int = 0, lock: int = 1) -> None:
        """#MMModemState, #MMModemStateFailedReason, #MMModemLock."""
        self._modem.state, self._modem.failure, self._modem.lock = state, failure, lock

    def hang_next(self) -> None:
        """The next message goes out, and nobody learns of it."""
        self._hangs = True

    def unplug(self) -> None:
        async def gone() -> None:
            self._connected.unexport(f"{ROOT}/Modem/0")

        self._run(gone())

    def write(self, number: str, text: str, timestamp: str = "2026-03-05T03:40:12+07") -> str:
        """Somebody's message, whole; its path."""
        return self._run(self._store(Stored(number, text, DELIVER, RECEIVED, timestamp=timestamp), received=True))

    def write_half(self, number: str, text: str) -> str:
        """The first part of somebody's message: api gdbus-…Messaging.html#…-Added: parts may be missing."""
        return self._run(self._store(Stored(number, text, DELIVER, RECEIVING), received=True))

    def complete(self, path: str, text: str) -> None:
        async def arrive() -> None:
            sms = self.objects[path]
            sms.stored.text += text
            sms.stored.state = RECEIVED
            sms.emit_properties_changed({"State": RECEIVED, "Text": sms.stored.text})

        self._run(arrive())

    def report(self, number: str, reference: int, delivery: int = 0) -> str:
        """The network's: 3GPP TS 23.040, section 9.2.3.15; it comes as a message of its own."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        whole = Stored(number, "", STATUS_REPORT, RECEIVED, False, reference, delivery, now, "2026-03-05T03:41:00+07")
        return self._run(self._store(whole, received=True))

    def held(self) -> list[Stored]:
        """What is in the modem, oldest first."""
        return [sms.stored for sms in list(self.objects.values())]

    # What its objects do.

    def paths(self) -> list[str]:
        return list(self.objects)

    async def create(self, properties: dict[str, Variant]) -> str:
        """api gdbus-org.freedesktop.ModemManager1.Modem.Messaging.html#…-Create."""
        self._held_to(ENABLED)
        values = {name: value.value for name, value in properties.items()}
        if not values.get("number") or not values.get("text"):
            raise DBusError(f"{ERROR}.Core.InvalidArgs", "Cannot create SMS: mandatory parameter 'number' is missing")
        wanted = bool(values.get("delivery-report-request"))
        return await self._store(Stored(values["number"], values["text"], SUBMIT, UNKNOWN, wanted), received=False)

    async def send(self, sms: "SmsObject") -> None:
        """api gdbus-org.freedesktop.ModemManager1.Sms.html#…-Send."""
        stored = sms.stored
        self._held_to(ENABLED)
        if stored.state == SENT:
            raise DBusError(f"{ERROR}.Core.Failed", "This SMS was already sent, cannot send it again")
        if self._modem.state < REGISTERED:
            raise DBusError(f"{ERROR}.Message.NoNetwork", "No network")
        if self.failing:
            raise DBusError(*self.failing.pop(0))
        if stored.number in self.refused:
            raise DBusError(f"{ERROR}.MobileEquipment.DialStringInvalid", "Invalid characters in dial string")
        for _ in split(stored.text):  # MessageReference: of the last part
            stored.reference, self.reference = self.reference, (self.reference + 1) % 256
        stored.state = SENT
        self.got.setdefault(stored.number, []).append(stored.text)
        sms.emit_properties_changed({"State": SENT, "MessageReference": stored.reference})
        hangs, self._hangs = self._hangs, False
        if hangs:
            await self._stopping.wait()

    def delete(self, path: str) -> None:
        if path not in self.objects:
            raise DBusError(f"{ERROR}.Core.NotFound", f"No SMS found with path '{path}'")
        del self.objects[path]
        self._connected.unexport(path)
        self._messaging.deleted(path)

    @property
    def _connected(self) -> MessageBus:
        if self._bus is None:
            raise RuntimeError("the fake modem is not started")
        return self._bus

    def _held_to(self, state: int) -> None:
        if self._modem.state < state:
            raise DBusError(f"{ERROR}.Core.WrongState", "modem not enabled yet")

    async def _appear(self) -> None:
        self._bus = await MessageBus(bus_address=self.address).connect()
        self._bus.export(f"{ROOT}/Modem/0", self._modem)
        self._bus.export(f"{ROOT}/Modem/0", self._messaging)
        await self._bus.request_name(NAME)

    async def _leave(self) -> None:
        self._stopping.set()
        bus = self._connected
        with suppress(OSError, EOFError):  # the bus may have died before
            await bus.release_name(NAME)
            bus.disconnect()
            await bus.wait_for_disconnect()

    async def _store(self, stored: Stored, *, received: bool) -> str:
        self._last += 1
        path = f"{ROOT}/SMS/{self._last}"
        self.objects[path] = SmsObject(self, stored)
        self._connected.export(path, self.objects[path])
        self._messaging.added(path, received)
        return path

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
