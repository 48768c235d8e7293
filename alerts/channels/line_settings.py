"""LINE's section in the settings: apart from the channel, to be read where its library is missing."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_secret
from alerts.channels.traits import Traits

TRAITS = Traits(third_party=True, says_delivered=False, edits=False, hears=True, groups=True, group_mark="C")
# 2,000 requests a second in all, and none to one address: #rate-limits of the reference. We never come near.


class LineSettings(BaseModel):
    """Section [channels.line] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    access_token: SecretStr | None = None
    """The channel access token (long-lived) of the Messaging API channel."""
    access_token_file: Path | None = None
    secret: SecretStr | None = None
    """The channel secret, with which LINE signs what it sends to us."""
    secret_file: Path | None = None
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")] = "https://api.line.me"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self.read_access_token()
        self.read_channel_secret()
        return self

    def read_access_token(self) -> str:
        """Raises ValueError, which never says what it is."""
        return _ascii("access_token", read_secret("access_token", self.access_token, self.access_token_file))

    def read_channel_secret(self) -> str:
        """Raises ValueError, which never says what it is."""
        return _ascii("secret", read_secret("secret", self.secret, self.secret_file))


def _ascii(name: str, secret: str) -> str:
    if not secret.isascii() or " " in secret:
        raise ValueError(f"{name}: expected what the LINE Developers Console shows: ASCII, no space")
    return secret
