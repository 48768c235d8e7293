"""The section of SMS by the gateway's own modem."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from alerts.channels.traits import Traits

TRAITS = Traits(third_party=True, says_delivered=True, edits=False, hears=True, apart=timedelta(seconds=1))


class ModemSettings(BaseModel):
    """Section [channels.modem] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    imei: Annotated[str, Field(pattern=r"^[0-9]{15}$")] | None = None
    """Of the modem to use, where there are several. Default: the first that ModemManager knows."""
    parts: Annotated[int, Field(ge=1, le=10)] = 2
    """At most, per message."""
    delivery_reports: bool = True
    """Whether the network is asked to say that the phone has a message; some operators charge for it."""
    most_per_hour: Annotated[int, Field(ge=1, le=3600)] = 100
    """Messages, so that no storm empties the SIM's credit or has the operator bar it."""
    bus: Annotated[str, Field(pattern=r"^[a-z]+:\S+$")] = "unix:path=/run/dbus/system_bus_socket"
    """D-Bus' address of the bus that ModemManager is on."""
