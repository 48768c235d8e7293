"""E-mail's section in the settings: apart from the channel, as every channel's."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_optional_secret
from alerts.channels.traits import Traits

TRAITS = Traits(third_party=True, says_delivered=False, edits=False, hears=False, groups=True)

PLAIN_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
"""RFC 5321, section 4.1.2: a dot-string at a domain, 254 letters at most (section 4.5.3.1.3, less the brackets)."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""RFC 6409, RFC 8314, RFC 5321."""


class EmailSettings(BaseModel):
    """Section [channels.email] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]+$")]
    """Of the server that sends our mail on."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """None for the one that belongs to `security`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    """Of a server whose certificate no public authority has signed."""
    user: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    sender: str
    """The address that mails come from."""
    sender_name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")] = "Sambar"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not PLAIN_ADDRESS.fullmatch(self.sender):
            raise ValueError(f"sender: {self.sender!r:.80}; expected one plain mail address: alerts@park.example")
        if (self.user is None) != (self.read_password() is None):
            raise ValueError("expected both of user and password (or password_file), or neither")
        if not f"{self.user or ''}{self.read_password() or ''}".isascii():
            raise ValueError("user, password: expected letters of ASCII; no others can be sent to a mail server")
        if self.user is not None and self.security == "none" and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("security: 'none'; expected 'starttls' or 'tls' where a password goes over a network")
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError(f"ca_file: {self.ca_file}; expected a file that is there")
        return self

    def read_password(self) -> str | None:
        """Raises ValueError, which never says what the password is."""
        return read_optional_secret("password", self.password, self.password_file)

    def server_port(self) -> int:
        return self.port or PORTS[self.security]
