"""The section of calls by a provider."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from alerts.channels.traits import Traits
from alerts.channels.twilio_settings import TwilioAccount

TRAITS = Traits(rings=True, third_party=True, says_delivered=True, edits=False, hears=True, apart=timedelta(seconds=1))
# https://www.twilio.com/docs/voice/api/call-resource: one call a second for a new account, and the provider lines up
# the rest.


class VoiceSettings(TwilioAccount):
    """Section [channels.voice] of gateway.toml."""

    sender: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    """The number that calls: one of the account's, or one that it has verified."""
    ring_s: Annotated[int, Field(ge=5, le=600)] = 40
    """For how long it rings."""
    detect_machines: bool = True
    """Whether the provider listens if a human answered (at a charge per call). Without it only a key that somebody
    presses shows that a human heard it."""
