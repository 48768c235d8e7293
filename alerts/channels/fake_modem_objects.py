"""The objects that ModemManager shows on D-Bus, as far as we use them, for its fake.

`api` stands for https://www.freedesktop.org/software/ModemManager/api/latest/.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from dbus_fast import PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt32, DBusObjectPath, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

NAME = "org.freedesktop.ModemManager1"
DISABLED, ENABLED, SEARCHING, REGISTERED = 3, 6, 7, 8
"""api ModemManager-Flags-and-Enumerations.html#MMModemState."""
IMEI = "490154203237518"
READ = PropertyAccess.READ


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


class Inside(Protocol):
    """The modem behind the objects."""

    def paths(self) -> list[str]: ...

    async def create(self, properties: dict[str, Variant]) -> str: ...

    async def send(self, sms: "SmsObject") -> None: ...

    def delete(self, path: str) -> None: ...


class ModemObject(ServiceInterface):
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


class MessagingObject(ServiceInterface):
    """api gdbus-org.freedesktop.ModemManager1.Modem.Messaging.html."""

    def __init__(self, inside: Inside) -> None:
        super().__init__(f"{NAME}.Modem.Messaging")
        self._inside = inside

    @dbus_method("List")
    def list_all(self) -> Annotated[list[str], DBusSignature("ao")]:
        return self._inside.paths()

    @dbus_method("Create")
    async def create(self, properties: DBusDict) -> DBusObjectPath:
        return await self._inside.create(properties)

    @dbus_method("Delete")
    def delete(self, path: DBusObjectPath) -> None:
        self._inside.delete(path)

    @dbus_signal("Added")
    def added(self, path: str, received: bool) -> Annotated[list[Any], DBusSignature("ob")]:
        return [path, received]

    @dbus_signal("Deleted")
    def deleted(self, path: str) -> DBusObjectPath:
        return path


class SmsObject(ServiceInterface):
    """api gdbus-org.freedesktop.ModemManager1.Sms.html."""

    def __init__(self, inside: Inside, stored: Stored) -> None:
        super().__init__(f"{NAME}.Sms")
        self._inside = inside
        self.stored = stored

    @dbus_method("Send")
    async def send(self) -> None:
        await self._inside.send(self)

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
