"""Apprise's section in the settings: apart from the channel, as every channel's."""

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from alerts.channels.traits import Traits

TRAITS = Traits(third_party=True, says_delivered=False, edits=False, hears=False, groups=True)


class AppriseSettings(BaseModel):
    """Section [channels.apprise] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    urls: dict[str, SecretStr] | None = None
    """Name → Apprise URL, which holds secrets. The name is the address in park.toml."""
    urls_file: Path | None = None
    """A TOML file with such a table alone in it: NAME = "URL" in each line."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.read_urls()
        return self

    def read_urls(self) -> dict[str, str]:
        """Raises ValueError, which never says what the URLs are."""
        if (self.urls is None) == (self.urls_file is None):
            raise ValueError("expected one of urls and urls_file")
        if self.urls_file is not None:
            found = _read(self.urls_file)
        else:
            found = {name: url.get_secret_value() for name, url in (self.urls or {}).items()}
        if not found:
            raise ValueError("urls: expected at least one NAME with its Apprise URL")
        for name, url in found.items():
            if "://" not in url:
                raise ValueError(f"urls.{name}: expected an Apprise URL: SCHEMA://…")
        return found


def _read(file: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:  # a TOML error's words would hold a piece of the file
        raise ValueError(f'urls_file: {file}; expected lines NAME = "URL" ({type(wrong).__name__})') from None
    if not all(isinstance(url, str) for url in table.values()):
        raise ValueError(f'urls_file: {file}; expected lines NAME = "URL" and nothing else')
    return table
