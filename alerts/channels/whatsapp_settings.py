"""WhatsApp's section in the settings: apart from the channel, to be read where its library is missing."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from alerts.channels.secrets import read_secret
from alerts.channels.traits import Traits
from alerts.delivery import Answer
from alerts.limits import Limit

TRAITS = Traits(
    third_party=True,
    says_delivered=True,
    edits=False,
    hears=True,
    apart=timedelta(seconds=6),
    overall=(Limit(80, timedelta(seconds=1)),),
)
# https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput, and error 131056: one message
# to one person in six seconds.

TemplateName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,512}$")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]


class WhatsAppSettings(BaseModel):
    """Section [channels.whatsapp] of gateway.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    phone_number_id: Annotated[str, Field(pattern=r"^[0-9]{5,20}$")]
    """Of the number that sends, as App Dashboard > WhatsApp > API Setup shows it. Not the number itself."""
    token: SecretStr | None = None
    """A system user's, with whatsapp_business_messaging."""
    token_file: Path | None = None
    app_secret: SecretStr | None = None
    """With which Meta signs what it sends to us."""
    app_secret_file: Path | None = None
    verify_token: SecretStr | None = None
    """Any word, entered at Meta too when the webhook is set up."""
    verify_token_file: Path | None = None
    template: TemplateName
    """The approved one for words alone: docs/channels/whatsapp.md has its text."""
    template_with_photo: TemplateName | None = None
    """The approved one with an image above; without it, photos come only within 24 hours of a person's word."""
    template_languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1)] = ("en",)
    """In which both are approved. Who reads none of them gets the first."""
    template_answers: Annotated[tuple[Answer, ...], Field(max_length=10)] = ()
    """What the quick-reply buttons of both templates mean, in their order."""
    api_version: Annotated[str, Field(pattern=r"^[1-9][0-9]\.[0-9]$")] | None = None
    """Of the Graph API; None for the newest that the library knows."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")] = "https://graph.facebook.com"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self.read_token()
        self.read_app_secret()
        self.read_verify_token()
        return self

    def read_token(self) -> str:
        """Raises ValueError, which never says what it is."""
        return _ascii("token", read_secret("token", self.token, self.token_file))

    def read_app_secret(self) -> str:
        """As `read_token`."""
        return _ascii("app_secret", read_secret("app_secret", self.app_secret, self.app_secret_file))

    def read_verify_token(self) -> str:
        """As `read_token`."""
        return _ascii("verify_token", read_secret("verify_token", self.verify_token, self.verify_token_file))


def _ascii(name: str, secret: str) -> str:
    if not secret.isascii() or " " in secret:
        raise ValueError(f"{name}: expected what Meta's App Dashboard shows: ASCII, no space")
    return secret
