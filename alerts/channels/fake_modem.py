"""ModemManager with one modem, as a service on a D-Bus that behaves, and the mobile network behind it.

`api` stands for https://www.freedesktop.org/software/ModemManager/api/latest/. A test looks at what a phone got, lets
people write, and puts modem and network into the troubles that real ones have.
"""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Self, TypeVar

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt32, DBusObjectPath, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from alerts.channels.gsm import split

NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
ERROR = f"{NAME}.Error"
IMEI = "490154203237518"
DISABLED, ENABLED, SEARCHING, REGISTERED = 3, 6, 7, 8
"""api ModemManager-Flags-and-Enumerations.html#MMModemState."""
UNKNOWN, RECEIVING, RECEIVED, SENT = 0, 2, 3, 5
"""#MMSmsState."""
DELIVER, SUBMIT, STATUS_REPORT = 1, 2, 3
"""#MMSmsPduType."""
READ = PropertyAccess.READ

T = TypeVar("T")


@dataclass(slots=True)
class Stored:
    """What an Sms object says: api gdbus-org.freedesktop.ModemManager1.Sms.html."""

    number: str
    text: str
    kind: int
    state: int
    wants_report: bool = False
    reference: int = 0
    delivery: int = 0
    timestamp: str = ""
    discharged: str = ""


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
        self.objects: dict[str, _Sms] = {}
        self._last = -1
        self._hangs = False
        self._stopping = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-modem")
        self._bus: MessageBus | None = None
        self._modem = _Modem()
        self._messaging = _Messaging(self)

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

    async def create(self, properties: dict[str, Variant]) -> str:
        """api gdbus-org.freedesktop.ModemManager1.Modem.Messaging.html#…-Create."""
        self._held_to(ENABLED)
        values = {name: value.value for name, value in properties.items()}
        if not values.get("number") or not values.get("text"):
            raise DBusError(f"{ERROR}.Core.InvalidArgs", "Cannot create SMS: mandatory parameter 'number' is missing")
        wanted = bool(values.get("delivery-report-request"))
        return await self._store(Stored(values["number"], values["text"], SUBMIT, UNKNOWN, wanted), received=False)

    async def send(self, sms: "_Sms") -> None:
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
        await bus.release_name(NAME)
        bus.disconnect()
        await bus.wait_for_disconnect()

    async def _store(self, stored: Stored, *, received: bool) -> str:
        self._last += 1
        path = f"{ROOT}/SMS/{self._last}"
        self.objects[path] = _Sms(self, stored)
        self._connected.export(path, self.objects[path])
        self._messaging.added(path, received)
        return path

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class _Modem(ServiceInterface):
    """api gdbus-org.freedesktop.ModemManager1.Modem.html."""

    def __init__(self) -> None:
        super().__init__(f"{NAME}.Modem")
        self.state, self.failure, self.lock = REGISTERED, 0, 1

    @dbus_method("Enable")
    def enable(self, on: DBusBool) -> None:
        self.state = REGISTERED if on else DISABLED

    @dbus_property(READ, "State")
    def get_state(self) -> DBusInt32:
        return self.state

    @dbus_property(READ, "StateFailedReason")
    def get_failure(self) -> DBusUInt32:
        return self.failure

    @dbus_property(READ, "UnlockRequired")
    def get_lock(self) -> DBusUInt32:
        return self.lock

    @dbus_property(READ, "EquipmentIdentifier")
    def get_imei(self) -> DBusStr:
        return IMEI


class _Messaging(ServiceInterface):
    """api gdbus-org.freedesktop.ModemManager1.Modem.Messaging.html."""

    def __init__(self, modem: FakeModem) -> None:
        super().__init__(f"{NAME}.Modem.Messaging")
        self._modem = modem

    @dbus_method("List")
    def list_all(self) -> Annotated[list[str], DBusSignature("ao")]:
        return list(self._modem.objects)

    @dbus_method("Create")
    async def create(self, properties: DBusDict) -> DBusObjectPath:
        return await self._modem.create(properties)

    @dbus_method("Delete")
    def delete(self, path: DBusObjectPath) -> None:
        self._modem.delete(path)

    @dbus_signal("Added")
    def added(self, path: str, received: bool) -> Annotated[list[Any], DBusSignature("ob")]:
        return [path, received]

    @dbus_signal("Deleted")
    def deleted(self, path: str) -> DBusObjectPath:
        return path


class _Sms(ServiceInterface):
    """api gdbus-org.freedesktop.ModemManager1.Sms.html."""

    def __init__(self, modem: FakeModem, stored: Stored) -> None:
        super().__init__(f"{NAME}.Sms")
        self._modem = modem
        self.stored = stored

    @dbus_method("Send")
    async def send(self) -> None:
        await self._modem.send(self)

    @dbus_property(READ, "State")
    def get_state(self) -> DBusUInt32:
        return self.stored.state

    @dbus_property(READ, "PduType")
    def get_kind(self) -> DBusUInt32:
        return self.stored.kind

    @dbus_property(READ, "Number")
    def get_number(self) -> DBusStr:
        return self.stored.number

    @dbus_property(READ, "Text")
    def get_text(self) -> DBusStr:
        return self.stored.text

    @dbus_property(READ, "DeliveryReportRequest")
    def get_wants_report(self) -> DBusBool:
        return self.stored.wants_report

    @dbus_property(READ, "MessageReference")
    def get_reference(self) -> DBusUInt32:
        return self.stored.reference

    @dbus_property(READ, "Timestamp")
    def get_timestamp(self) -> DBusStr:
        return self.stored.timestamp

    @dbus_property(READ, "DischargeTimestamp")
    def get_discharged(self) -> DBusStr:
        return self.stored.discharged

    @dbus_property(READ, "DeliveryState")
    def get_delivery(self) -> DBusUInt32:
        return self.stored.delivery
