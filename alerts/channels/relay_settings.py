"""The relay's section in the settings: apart from the channel, as every channel's."""

from pydantic import BaseModel, ConfigDict

from alerts.channels.traits import Traits

TRAITS = Traits(
    third_party=True,  # a radio is heard by others
    says_delivered=False,
    edits=True,  # the script is made afresh each time that it is looked at
    hears=False,
    groups=True,  # a call sign may be a post's
)


class RelaySettings(BaseModel):
    """Section [channels.relay] of gateway.toml: nothing to set, it is there once it is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")
