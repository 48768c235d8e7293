"""The phone page's section in the settings."""

from pydantic import BaseModel, ConfigDict

from alerts.channels.traits import Traits

TRAITS = Traits(third_party=False, says_delivered=True, edits=True, hears=True)


class WebSettings(BaseModel):
    """Section [channels.web] of gateway.toml: nothing to set."""

    model_config = ConfigDict(frozen=True, extra="forbid")
