"""Signal's section in the settings."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from alerts.channels.numbers import E164
from alerts.channels.traits import Traits

DELETES_WITHIN = timedelta(hours=24)
"""Signal's apps take no later deletion: https://github.com/signalapp/signal-desktop/issues/6689."""

TRAITS = Traits(
    third_party=True,  # its servers read nothing, but a phone, a group and a linked computer keep it
    says_delivered=True,
    # `edit_timestamp` of /v2/send would change words. But apps pass over an eleventh edit, and over one that does not
    # name the edit before it (https://github.com/NousResearch/hermes-agent/pull/34561), which a crash would forget; and
    # no edit is known to bring a photo.
    edits=False,
    hears=True,
    groups=True,
    deletes_within=DELETES_WITHIN,
)


class SignalSettings(BaseModel):
    """Section [channels.signal] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: Annotated[str, Field(pattern=rf"^{E164.pattern}$")]
    """With which the gateway is registered at Signal: '+66812345678'."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s@]+(/\S*)?$")] = "http://127.0.0.1:8080"
    """Of signal-cli-rest-api. It asks nobody who they are: let it listen on this machine only."""
    poll_s: Annotated[float, Field(ge=0.5, le=3600)] = 2.0
    """Between two questions what people have written."""
