"""`gateway.toml`: read once, at the start. Described by docs/gateway.example.toml, which a test loads.

Every setting can also come from the environment, as SAMBAR_GATEWAY_DATABASE__URL for `[database] url`. What is secret
can also stand in a file of its own: `url_file` for `url`. Paths are taken from the settings file's own folder.
"""

import os
import re
import typing
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from alerts.channels import SETTINGS
from alerts.decide import Pace
from gateway.mistakes import BadSettings, Section, read_toml, refuse, sentences

__all__ = ["BadSettings", "Settings", "load", "read_channels"]

SECRET = frozenset({"url", "token", "secret_access_key", "ping_url"})
"""Never shown when they are wrong: an address may hold a password."""


class GatewaySection(Section):
    state: Path = Path("state")
    """The folder for what has no other place: the key, the SQLite database, photos."""
    key: Path | None = None
    """The signing key, made at the first start; cameras pin its public half. Default: gateway.key in `state`."""


class DatabaseSection(Section):
    url: str = ""
    """Default: SQLite in `state`."""
    url_file: Path | None = None


class PhotosSection(Section):
    url: str = ""
    """A folder, or s3://BUCKET/PREFIX. Default: `photos` in `state`."""
    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = Field(default=None, repr=False)
    secret_access_key_file: Path | None = None


class BrokerSection(Section):
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    client_id: str = Field(default="sambar-gateway", min_length=1, max_length=64)
    """Another for each process that connects to the same broker."""
    share: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    """A name under which several inboxes share the work. Not with the embedded broker."""
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    cert_key: Path | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if (self.cert is None) != (self.cert_key is None):
            raise ValueError("expected cert and cert_key together")
        if not self.tls and (self.ca or self.cert):
            raise ValueError("expected tls = true where there is a ca or a cert")
        return self


class InboxSection(Section):
    group: int = Field(default=256, ge=1, le=1000)
    """Messages at most in one transaction."""
    quarantine: int = Field(default=1000, ge=1)
    """How many messages that were set aside are kept."""
    late_after_s: float = Field(default=300, gt=0)
    """A sighting stored so long after it happened is told as late."""


class WebSection(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    """Where browsers find the pages. Default: host and port."""
    photo_links_h: float = Field(default=24, gt=0, le=24 * 30)
    """How long an address opens by which a service fetches one photo. There are such addresses only by https."""

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, text: str | None) -> str | None:
        parts = urlsplit(text or "http://host")
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError("expected http://HOST[:PORT] or https://HOST[:PORT]")
        return text

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


class AlertsSection(Section):
    photo_wait_s: float = Field(default=Pace().photo_wait.total_seconds(), ge=0, le=60)
    """How long the first notification waits for a photo."""
    edit_interval_s: float = Field(default=Pace().edit_interval.total_seconds(), ge=1)
    """Between two edits of one alert."""

    keep_photos_h: float = Field(default=24, gt=0)
    """Photos lie so long in chats of third parties, where the service lets us delete them."""

    def pace(self) -> Pace:
        return Pace(
            photo_wait=timedelta(seconds=self.photo_wait_s), edit_interval=timedelta(seconds=self.edit_interval_s)
        )


class HealthSection(Section):
    ping_url: str | None = Field(default=None, repr=False)
    """Asked for each minute while all is well: of a healthchecks server, which tells a person when that ends."""
    ping_url_file: Path | None = None


class Settings(BaseSettings):
    """The whole of gateway.toml but its channels, with every default filled in by `load`."""

    model_config = SettingsConfigDict(
        env_prefix="SAMBAR_GATEWAY_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    gateway: GatewaySection = GatewaySection()
    database: DatabaseSection = DatabaseSection()
    photos: PhotosSection = PhotosSection()
    broker: BrokerSection = BrokerSection()
    inbox: InboxSection = InboxSection()
    web: WebSection = WebSection()
    alerts: AlertsSection = AlertsSection()
    health: HealthSection = HealthSection()
    channels: dict[str, Any] = Field(default_factory=dict[str, Any], repr=False)
    """By name, each as its channel's own model (alerts.channels.SETTINGS)."""

    @property
    def key(self) -> Path:
        assert self.gateway.key is not None  # noqa: S101 - load fills it in
        return self.gateway.key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(path: Path) -> Settings:
    """The settings in `path`, complete. Raises BadSettings."""
    plain = read_toml(path, "the gateway's settings")
    mistakes: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings(**plain)
    except ValidationError as wrong:
        mistakes += sentences(wrong, secret=SECRET)
    folder = Path(os.path.abspath(path.parent))  # noqa: PTH100 - resolve() would follow links
    named: Any = settings.channels if settings is not None else plain.get("channels")
    # The web channel, which needs nothing, is always there.
    channels = (
        read_channels({"web": {}, **cast("dict[str, Any]", named)}, path, mistakes) if isinstance(named, dict) else {}
    )
    if settings is not None:
        settings = _completed(settings, folder, mistakes)
    refuse(path, mistakes)
    assert settings is not None  # noqa: S101 - else there were mistakes
    return settings.model_copy(update={"channels": channels})


def read_channels(plain: Mapping[str, Any], path: Path, mistakes: list[str]) -> dict[str, BaseModel]:
    """The sections [channels.NAME] of the settings file at `path`, each by its channel's own model."""
    folder = Path(os.path.abspath(path.parent))  # noqa: PTH100 - resolve() would follow links
    channels: dict[str, BaseModel] = {}
    for name, fields in plain.items():
        if name not in SETTINGS:
            mistakes.append(f"channels.{name}: there is no such channel; expected one of: {', '.join(SETTINGS)}")
            continue
        try:
            channels[name] = SETTINGS[name].model_validate(_whole_paths(fields, folder))
        except ValidationError as wrong:
            mistakes += sentences(wrong, f"channels.{name}", SECRET | _secrets(SETTINGS[name]))
    return channels


def _secrets(model: type[BaseModel]) -> frozenset[str]:
    """Fields whose value no error may show, of a channel's settings and of what stands inside them."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        words = str(field.annotation)
        found |= {name} if "Secret" in words else set()
        for inner in typing.get_args(field.annotation) or (field.annotation,):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found |= _secrets(inner)
    return frozenset(found)


def _whole_paths(fields: Any, folder: Path) -> Any:
    if not isinstance(fields, dict):
        return fields
    return {
        key: str(folder / value) if key.endswith("_file") and isinstance(value, str) else _whole_paths(value, folder)
        for key, value in cast("dict[str, Any]", fields).items()
    }


def _completed(settings: Settings, folder: Path, mistakes: list[str]) -> Settings:
    """With defaults that depend on `state`, paths made whole and secrets read from their files."""

    def whole(path: Path | None) -> Path | None:
        return None if path is None else Path(os.path.abspath(folder / path.expanduser()))  # noqa: PTH100 - as above

    def secret(name: str, value: str | None, file: Path | None) -> str | None:
        if file is None:
            return value
        if value:
            mistakes.append(f"{name}: expected only one of {name} and {name}_file")
        try:
            return (folder / file.expanduser()).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as missing:
            mistakes.append(f"{name}_file: {str(file)!r}; expected a file that can be read ({missing})")
            return None

    state = folder / settings.gateway.state.expanduser()
    gateway = {"state": whole(state), "key": whole(settings.gateway.key or state / "gateway.key")}
    database = settings.database
    url = secret("database.url", database.url, database.url_file) or f"sqlite:///{whole(state / 'sambar.db')}"
    photos = settings.photos
    place = {
        "url": _place(photos.url or str(state / "photos"), folder),
        "secret_access_key": secret(
            "photos.secret_access_key", photos.secret_access_key, photos.secret_access_key_file
        ),
    }
    ping = secret("health.ping_url", settings.health.ping_url, settings.health.ping_url_file)
    if ping is not None and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", ping):
        mistakes.append("health.ping_url: expected http://… or https://…")
    broker = {name: whole(getattr(settings.broker, name)) for name in ("ca", "cert", "cert_key")}
    for name, path in broker.items():
        if path is not None and not path.is_file():
            mistakes.append(f"broker.{name}: {str(path)!r}; expected a file that is there")
    return settings.model_copy(
        update={
            "gateway": settings.gateway.model_copy(update=gateway),
            "database": database.model_copy(update={"url": url}),
            "photos": photos.model_copy(update=place),
            "broker": settings.broker.model_copy(update=broker),
            "health": settings.health.model_copy(update={"ping_url": ping}),
        }
    )


def _place(url: str, folder: Path) -> str:
    """A folder's whole path for a folder, however it is written; s3://… as it is."""
    if url.startswith("file://"):
        return unquote(urlsplit(url).path)
    return url if "://" in url else os.path.abspath(folder / Path(url).expanduser())  # noqa: PTH100 - as above
