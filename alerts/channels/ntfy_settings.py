"""ntfy's section in the settings: apart from the channel, as every channel's."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_optional_secret
from alerts.channels.traits import Traits

TRAITS = Traits(
    third_party=True,
    says_delivered=False,
    edits=True,
    hears=False,
    groups=True,
    deletes_within=timedelta(days=365),  # https://docs.ntfy.sh/publish/#deleting-notifications names no end
)


class NtfySettings(BaseModel):
    """Section [channels.ntfy] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-~]*)?$")] = "https://ntfy.sh"
    """Of the server; a park's own keeps everything in its hands."""
    token: SecretStr | None = None
    """An access token ('tk_…') of a user who may write to the topics."""
    token_file: Path | None = None
    edits: bool = True
    """Whether news replace the notification. False where the phones' app cannot: an iPhone shows each anew."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.read_token()
        return self

    def read_token(self) -> str | None:
        """Raises ValueError, which never says what the token is."""
        token = read_optional_secret("token", self.token, self.token_file)
        if token is not None and not (token.isascii() and " " not in token):
            raise ValueError("token: expected an access token as ntfy makes it: 'tk_…'")
        return token
