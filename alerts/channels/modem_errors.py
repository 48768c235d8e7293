"""What ModemManager's states and errors mean for a message. Here, and nowhere else, its words become ours.

https://www.freedesktop.org/software/ModemManager/api/latest/ModemManager-Flags-and-Enumerations.html and
https://www.freedesktop.org/software/ModemManager/api/latest/ModemManager-Errors.html. On D-Bus an error is called
org.freedesktop.ModemManager1.Error., its group, and its name.
"""

from enum import IntEnum

from dbus_fast import DBusError

from alerts.channels.numbers import without_numbers
from alerts.errors import Busy, ChannelError, Refused

PREFIX = "org.freedesktop.ModemManager1.Error."
CHECK = "; check channels.modem and `mmcli -m any`"


class ModemState(IntEnum):
    """MMModemState."""

    FAILED = -1
    UNKNOWN = 0
    INITIALIZING = 1
    LOCKED = 2
    DISABLED = 3
    DISABLING = 4
    ENABLING = 5
    ENABLED = 6
    SEARCHING = 7
    REGISTERED = 8


STATES: dict[int, str] = {
    ModemState.UNKNOWN: "is in an unknown state",
    ModemState.INITIALIZING: "is starting",
    ModemState.DISABLED: "is switched off",
    ModemState.DISABLING: "is being switched off",
    ModemState.ENABLING: "is being switched on",
    ModemState.ENABLED: "is in no network",
    ModemState.SEARCHING: "is looking for a network",
}
FAILURES = {
    2: "has no SIM",
    3: "cannot read its SIM",
    4: "does not say what it can do",
    5: "has an eSIM without a profile",
}
"""MMModemStateFailedReason."""
LOCKS = {2: "PIN", 4: "PUK"}
"""MMModemLock: those that ask a person for a number. The rest are locks of the phone's maker or operator."""

NOT_THIS_NUMBER = frozenset(
    {
        "Core.InvalidArgs",
        "Message.InvalidPduParameter",
        "MobileEquipment.DialStringInvalid",
        "MobileEquipment.DialStringTooLong",
    }
)
"""What concerns one number for ever. Most modems give a network's own reasons, an unknown number among them, as
'Unknown': that may as well be a SIM without credit, so such a message waits."""
WORDS = {
    "MemoryFull": "its memory for messages is full",
    "NetworkNotAllowed": "the network allows emergency calls only",
    "NetworkTimeout": "the network did not answer in time",
    "NoNetwork": "there is no network",
    "NotAllowed": "the network or the SIM does not allow it",
    "NotSupported": "it cannot send messages",
    "SimBusy": "the SIM is busy",
    "SimFailure": "the SIM fails",
    "SimNotInserted": "there is no SIM",
    "SimPin": "the SIM asks for its PIN",
    "SimPuk": "the SIM asks for its PUK",
    "SimWrong": "the SIM is the wrong one",
    "SmscAddressUnknown": "the SIM does not know its message centre's number",
    "Unauthorized": "the gateway may not use it; expected the rule for polkit of docs/channels/modem.md",
    "Unknown": "the network or the modem refuses without a reason (no credit? an unknown number?)",
    "Unsupported": "it cannot send messages",
    "WrongState": "it is not ready",
}
"""Names that mean the same in each group."""


def not_ready(state: int, failure: int, lock: int) -> Busy:
    if state == ModemState.FAILED:
        return Busy(f"the modem {FAILURES.get(failure, 'has failed')}{CHECK}")
    if state == ModemState.LOCKED:
        asked = LOCKS.get(lock, "code of the maker or the operator")
        return Busy(f"the modem is locked: it asks for the {asked}; expected a SIM whose PIN is switched off{CHECK}")
    return Busy(f"the modem {STATES.get(state, 'is not ready')}{CHECK}")


def meaning(error: DBusError) -> ChannelError:
    """Refused for what concerns one number for ever, else Busy."""
    words = without_numbers(error.text)
    if not error.type.startswith(PREFIX):
        return _of_the_bus(error.type, words)
    kind = error.type.removeprefix(PREFIX)
    if kind in NOT_THIS_NUMBER:
        return Refused(f"the modem does not take this number: {words} ({kind})")
    return Busy(f"the modem: {WORDS.get(kind.partition('.')[2], words)} ({kind}){CHECK}")


def _of_the_bus(kind: str, words: str) -> Busy:
    """https://dbus.freedesktop.org/doc/dbus-specification.html."""
    name = kind.rpartition(".")[2]
    match name:
        case "ServiceUnknown" | "NameHasNoOwner" | "SpawnServiceNotFound":
            return Busy(f"ModemManager does not run ({name}); expected the service ModemManager on this computer")
        case "UnknownObject" | "UnknownMethod" | "UnknownInterface":
            return Busy(f"the modem is gone, or cannot send messages ({name}){CHECK}")
        case "AccessDenied":
            return Busy(f"the gateway may not speak to ModemManager ({name}); expected D-Bus to allow it")
        case _:
            return Busy(f"ModemManager: {words} ({name}){CHECK}")
