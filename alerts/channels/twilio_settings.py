"""What the channels by Twilio, sms and voice, have in common in the settings."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_secret


class TwilioAccount(BaseModel):
    """The account, and where Twilio finds our hooks."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    account_sid: Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")]
    """As the Twilio Console shows it."""
    auth_token: SecretStr | None = None
    """The account's own, not an API key's: it also signs what Twilio sends to our hooks."""
    auth_token_file: Path | None = None
    """A file with the token alone in it, instead of `auth_token`."""
    public_url: Annotated[str, Field(pattern=r"^https?://[^/\s?#@]+/?$")] | None = None
    """Where Twilio reaches the gateway: 'https://sambar.example.org'. Without it nothing is heard back."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")] = "https://api.twilio.com"

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        self.read_token()
        return self

    def read_token(self) -> str:
        """Raises ValueError, which never says what the token is."""
        return read_secret("auth_token", self.auth_token, self.auth_token_file)

    def hook(self, channel: str) -> str | None:
        """The address of a channel's hook, exactly as it is given to Twilio: the signature covers it."""
        return None if self.public_url is None else f"{self.public_url.rstrip('/')}/hooks/{channel}"
