"""The section of SMS by a provider."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from alerts.channels.traits import Traits
from alerts.channels.twilio_settings import TwilioAccount

TRAITS = Traits(third_party=True, says_delivered=True, edits=False, hears=True, apart=timedelta(seconds=1))
# https://www.twilio.com/docs/api/errors/30001: a long number sends one part a second; the provider lines up the rest.


class SmsSettings(TwilioAccount):
    """Section [channels.sms] of gateway.toml."""

    sender: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}|[A-Za-z][A-Za-z0-9 ]{0,10})$")]
    """A number of the account, a Messaging Service's SID, or a name, to which nobody can answer."""
    parts: Annotated[int, Field(ge=1, le=10)] = 2
    """At most, per message: each is paid for."""
