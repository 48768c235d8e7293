"""`watch.toml`, for `sambar watch` on another machine than the gateway's. docs/watch.example.toml describes it."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError, field_validator

from alerts.channels import SETTINGS
from gateway.config import read_channels
from gateway.mistakes import Section, read_toml, refuse, sentences

OF_THE_GATEWAY = frozenset({"web", "relay"})
"""Channels that reach nobody without the gateway's own pages."""


class TellSection(Section):
    channel: str
    address: str = Field(min_length=1, max_length=500)
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")

    @field_validator("channel")
    @classmethod
    def _reaches_by_itself(cls, name: str) -> str:
        if name not in SETTINGS or name in OF_THE_GATEWAY:
            raise ValueError(f"expected one of: {', '.join(sorted(SETTINGS.keys() - OF_THE_GATEWAY))}")
        return name


class WatchSection(Section):
    url: str = Field(pattern=r"^https?://[^/\s@]+/\S*$")
    """The gateway's /health."""
    name: str = Field(default="Sambar", min_length=1, max_length=80)
    """What those who are told call it: the park's name."""
    zone: str = "UTC"
    """In which hours are told: an IANA name."""
    every_s: float = Field(default=60, ge=1, le=600)
    after_s: float = Field(default=300, ge=0)
    """Not well for so long: told."""
    again_s: float = Field(default=3600, ge=60)
    """And again, as long as it lasts."""
    waiting_s: float | None = Field(default=1800, gt=0)
    """An alert that has waited for so long is not well, though the gateway answers."""
    silent_s: float | None = Field(default=None, gt=0)
    """Nothing heard from any camera for so long is not well either. Default: however long."""
    tell: tuple[TellSection, ...]

    @field_validator("tell")
    @classmethod
    def _somebody(cls, tell: tuple[TellSection, ...]) -> tuple[TellSection, ...]:
        if not tell:
            raise ValueError("expected somebody")
        return tell

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("expected an IANA time zone, 'Asia/Bangkok' say") from None
        return name


class _Whole(Section):
    watch: WatchSection
    channels: dict[str, dict[str, object]] = Field(default_factory=dict[str, "dict[str, object]"], repr=False)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    watch: WatchSection
    channels: dict[str, BaseModel]
    """Each as its channel's own settings."""


def load_watch(path: Path) -> WatchSettings:
    """Raises BadSettings."""
    plain = read_toml(path, "the watch's settings")
    mistakes: list[str] = []
    whole: _Whole | None = None
    try:
        whole = _Whole.model_validate(plain)
    except ValidationError as wrong:
        mistakes += sentences(wrong)
    channels = read_channels(whole.channels if whole is not None else {}, path, mistakes)
    if whole is not None:
        for at, each in enumerate(whole.watch.tell):
            if each.channel not in whole.channels:
                mistakes.append(
                    f"watch.tell.{at}.channel: {each.channel!r}; expected a section [channels.{each.channel}]"
                )
    refuse(path, mistakes)
    assert whole is not None  # noqa: S101 - else there were mistakes
    return WatchSettings(whole.watch, channels)
