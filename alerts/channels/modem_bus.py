"""The modem, by ModemManager on D-Bus: https://www.freedesktop.org/software/ModemManager/api/latest/ref-dbus.html."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from alerts.channels.modem_errors import ModemState, meaning, not_ready
from alerts.errors import Busy

NAME = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
MODEM = f"{NAME}.Modem"
MESSAGING = f"{MODEM}.Messaging"
SMS = f"{NAME}.Sms"
CALL_S = 10.0
SEND_S = 50.0
"""For all parts of a message: a modem takes some seconds for each. Below the dispatcher's lease."""


class SmsState(IntEnum):
    """MMSmsState."""

    UNKNOWN = 0
    STORED = 1
    RECEIVING = 2
    RECEIVED = 3
    SENDING = 4
    SENT = 5


STATUS_REPORT = 3
"""MMSmsPduType."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A message in the modem: ours, somebody's, or the network's report on one of ours."""

    path: str
    state: int
    is_report: bool
    number: str
    text: str
    reference: int
    """0 to 255. Of ours, its last part's; of a report, that of the part it is about."""
    delivery: int
    """Of a report: TP-Status, 3GPP TS 23.040, section 9.2.3.15."""
    at: str
    """When the message centre had it (or, of a report, had delivered it): ISO 8601, or empty."""
    wants_report: bool

    @property
    def index(self) -> int:
        return int(self.path.rpartition("/")[2])


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[MessageBus, None]:
    """Raises Busy."""
    bus = MessageBus(bus_address=address)
    try:
        await asyncio.wait_for(bus.connect(), CALL_S)
    except (OSError, DBusFastError, EOFError, TimeoutError) as wrong:
        raise Busy(f"the bus {address} cannot be reached ({type(wrong).__name__}); expected D-Bus there") from wrong
    try:
        yield bus
    finally:
        bus.disconnect()
        with suppress(Exception):  # whatever ended it: it is over, and the trouble was told where it was met
            await asyncio.wait_for(bus.wait_for_disconnect(), CALL_S)


async def call(
    bus: MessageBus, path: str, method: str, signature: str = "", *body: Any, name: str = NAME, within_s: float = CALL_S
) -> list[Any]:
    """`method` with its interface. Raises DBusError, or Busy when there is no answer."""
    if not bus.connected:
        raise Busy("the bus closed the connection")
    interface, _, member = method.rpartition(".")
    message = Message(
        destination=name, path=path, interface=interface, member=member, signature=signature, body=list(body)
    )
    try:
        reply = await asyncio.wait_for(bus.call(message), within_s)
    except TimeoutError:
        raise Busy(f"the modem did not answer in {within_s:g} s ({member})") from None
    except (OSError, EOFError) as wrong:
        raise Busy(f"the bus closed the connection ({type(wrong).__name__})") from wrong
    if reply.message_type is MessageType.ERROR:
        raise DBusError(reply.error_name or f"{NAME}.Error.Core.Failed", " ".join(map(str, reply.body)))
    return reply.body


class Modem:
    """One modem, on a bus that stays connected. Every method raises Refused or Busy."""

    def __init__(self, bus: MessageBus, path: str, service: str) -> None:
        self._bus = bus
        self._path = path
        self.service = service
        """Names this run of ModemManager for ever: numbers of messages begin anew with each."""

    async def create(self, number: str, text: str, *, report: bool) -> str:
        """A message that is not sent yet; its path."""
        properties = {
            "number": Variant("s", number),
            "text": Variant("s", text),
            "delivery-report-request": Variant("b", report),
        }
        (path,) = await self._call(self._path, f"{MESSAGING}.Create", "a{sv}", properties)
        return path

    async def send(self, path: str) -> None:
        """Returns once the network has taken every part."""
        await self._call(path, f"{SMS}.Send", within_s=SEND_S)

    async def messages(self) -> list[Sms]:
        """All in the modem, oldest first."""
        (paths,) = await self._call(self._path, f"{MESSAGING}.List")
        found: list[Sms] = []
        for path in paths:
            with suppress(Gone):
                found.append(await self._message(path))
        return sorted(found, key=lambda sms: sms.index)

    async def delete(self, path: str) -> None:
        """One that is gone already is no error."""
        with suppress(Gone):
            await self._call(self._path, f"{MESSAGING}.Delete", "o", path)

    async def _message(self, path: str) -> Sms:
        (values,) = await self._call(path, "org.freedesktop.DBus.Properties.GetAll", "s", SMS)
        kept = {name: value.value for name, value in values.items()}
        is_report = kept.get("PduType") == STATUS_REPORT
        return Sms(
            path=path,
            state=kept.get("State", SmsState.UNKNOWN),
            is_report=is_report,
            number=kept.get("Number", ""),
            text=kept.get("Text", ""),
            reference=kept.get("MessageReference", 0),
            delivery=kept.get("DeliveryState", 0),
            at=kept.get("DischargeTimestamp" if is_report else "Timestamp", ""),
            wants_report=kept.get("DeliveryReportRequest", False),
        )

    async def _call(self, path: str, method: str, *arguments: Any, within_s: float = CALL_S) -> list[Any]:
        try:
            return await call(self._bus, path, method, *arguments, within_s=within_s)
        except DBusError as error:
            if path != self._path and error.type.endswith((".UnknownObject", ".UnknownMethod", ".UnknownInterface")):
                raise Gone(path) from error
            if error.type.endswith(".Core.NotFound"):
                raise Gone(path) from error
            raise meaning(error) from error


class Gone(Busy):
    """A message that is not in the modem any more."""


async def find(bus: MessageBus, imei: str | None, at_least: ModemState) -> Modem:
    """The modem of the settings, switched on where that was missing. Raises Busy."""
    try:
        (objects,) = await call(bus, ROOT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects")
        modems = {path: each[MODEM] for path, each in sorted(objects.items()) if MODEM in each}
        for path, values in modems.items():
            if imei is None or values["EquipmentIdentifier"].value == imei:
                await _ready(bus, path, values, at_least)
                return Modem(bus, path, await _service(bus))
    except DBusError as error:
        raise meaning(error) from error
    if imei is not None and modems:
        raise Busy(f"no modem has the IMEI …{imei[-3:]} of channels.modem; there are {len(modems)} others")
    raise Busy("ModemManager knows no modem; expected one that is plugged in, has power and shows in `mmcli -L`")


async def _ready(bus: MessageBus, path: str, values: dict[str, Variant], at_least: ModemState) -> None:
    state = values["State"].value
    if state == ModemState.DISABLED:  # nobody else switches on a modem that carries no data
        await call(bus, path, f"{MODEM}.Enable", "b", True, within_s=SEND_S)
        (fresh,) = await call(bus, path, "org.freedesktop.DBus.Properties.Get", "ss", MODEM, "State")
        state = fresh.value
    if state < at_least:
        raise not_ready(state, values["StateFailedReason"].value, values["UnlockRequired"].value)


async def _service(bus: MessageBus) -> str:
    """The bus' own id, and the name that it never gives twice."""
    path, name = "/org/freedesktop/DBus", "org.freedesktop.DBus"
    (guid,) = await call(bus, path, f"{name}.GetId", name=name)
    (owner,) = await call(bus, path, f"{name}.GetNameOwner", "s", NAME, name=name)
    return f"{guid[:8]}{owner}"
