"""The webhook's section in the settings: apart from the channel, as every channel's."""

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_secret
from alerts.channels.traits import Traits

TRAITS = Traits(third_party=True, says_delivered=False, edits=True, hears=False, groups=True)

URL = re.compile(r"(https?)://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][!-~]*)?")
SHORTEST_SECRET = 16
"""Letters."""


class Receiver(BaseModel):
    """Section [channels.webhook.to.NAME] of gateway.toml; NAME is the address in park.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretStr | None = None
    """Secret, since many services put a password into it."""
    url_file: Path | None = None
    secret: SecretStr | None = None
    """By which each request is signed; the receiver has it too."""
    secret_file: Path | None = None
    photos: bool = True
    """Whether the photo is sent along."""
    allow_private: bool = False
    """Whether the receiver may stand in our own network, and then speak http."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.read_url()
        self.read_secret()
        return self

    def read_url(self) -> str:
        """Raises ValueError, which never says what the address is."""
        url = read_secret("url", self.url, self.url_file)
        found = URL.fullmatch(url)
        if found is None or (found[1] == "http" and not self.allow_private):
            raise ValueError("url: expected https://HOST/…, or http://… with allow_private = true")
        return url

    def read_secret(self) -> bytes:
        """Raises ValueError, which never says what the secret is."""
        secret = read_secret("secret", self.secret, self.secret_file)
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"secret: expected at least {SHORTEST_SECRET} letters that nobody can guess")
        return secret.encode()


class WebhookSettings(BaseModel):
    """Section [channels.webhook] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    to: dict[str, Receiver] = Field(min_length=1)
