"""Telegram's section in the settings: apart from the channel, to be read where its library is missing."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.traits import Traits
from alerts.limits import Limit

TRAITS = Traits(
    third_party=True,
    says_delivered=False,
    edits=True,
    hears=True,
    groups=True,
    group_mark="-",
    overall=(Limit(30, timedelta(seconds=1)),),
    in_group=(Limit(20, timedelta(minutes=1), reserved=8),),
    apart=timedelta(seconds=1),  # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    deletes_within=timedelta(hours=48),  # https://core.telegram.org/bots/api#deletemessage
)


class TelegramSettings(BaseModel):
    """Section [channels.telegram] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr | None = None
    """As BotFather gave it: '123456:ABC…'."""
    token_file: Path | None = None
    """A file with the token alone in it, instead of `token`."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")] = "https://api.telegram.org"
    """Of a Bot API server of one's own, when there is one."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if (self.token is None) == (self.token_file is None):
            raise ValueError("expected one of token and token_file")
        self.read_token()
        return self

    def read_token(self) -> str:
        """Raises ValueError, which never says what the token is."""
        if self.token_file is None:
            source, text = "token", self.token.get_secret_value() if self.token is not None else ""
        else:
            source, text = f"token_file {self.token_file}", _read(self.token_file)
        number, _, secret = text.strip().partition(":")
        if not (number.isascii() and number.isdigit() and secret and secret.isascii() and secret.isprintable()) or (
            set(secret) & set(" /?#")
        ):
            raise ValueError(f"{source}: holds no bot token; expected what BotFather gave: digits, ':' and letters")
        return text.strip()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ValueError(f"token_file: {file}; expected a file with the token in it ({type(wrong).__name__})") from None
