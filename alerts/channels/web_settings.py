"""The phone page's section in the settings."""

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from alerts.channels.traits import Traits

TRAITS = Traits(third_party=False, says_delivered=True, edits=True, hears=True)

CONTACT = re.compile(r"mailto:[^\s@:?]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class WebSettings(BaseModel):
    """Section [channels.web] of gateway.toml. The page needs nothing; its notifications need both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vapid_key_file: Path | None = None
    """The key by which push services know us; made at first use. Another key, and every phone has to allow anew."""
    contact: str | None = None
    """'mailto:…': whom the push services write to when something of ours goes wrong (RFC 8292, section 2.1)."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.contact is not None and not CONTACT.fullmatch(self.contact):
            raise ValueError(f"contact: {self.contact!r:.80}; expected mailto: and a mail address")
        if self.vapid_key_file is not None and self.contact is None:
            raise ValueError("contact: expected mailto: and a mail address, with vapid_key_file")
        return self
