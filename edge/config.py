"""`camera.toml`: read once, at the start. Described by docs/camera.example.toml, which a test loads.

Every setting can also come from the environment, as SAMBAR_CAMERA_BROKER__HOST for `[broker] host`.
Paths are taken from the settings file's own folder.
"""

import os
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from edge.cameras.scene import MOST_PASSES, parse
from edge.clock import ClockSetting
from edge.gate import GateSettings
from edge.sighting import SightingSettings
from edge.votes import VoteSettings
from wire.keys import PublicKey
from wire.messages import CANARY
from wire.topics import checked_name


class BadSettings(Exception):
    """Every mistake in the settings, one a line: dotted path, value, what was expected."""


def _key(text: str) -> str:
    PublicKey.parse(text)
    return text


def _script(text: str) -> str:
    parse(text)
    return text


def _of_models(labels: frozenset[str]) -> frozenset[str]:
    if CANARY in labels:
        raise ValueError(f"labels of the model; {CANARY!r} is the daily test's own")
    return labels


def _time_of_day(text: object) -> time:
    try:
        moment = time.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise ValueError('a time of day in UTC, in quotes, such as "12:00"')
    return moment


Name = Annotated[str, AfterValidator(checked_name)]
GatewayKey = Annotated[str, AfterValidator(_key)]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CameraSection(Section):
    park: Name
    name: Name
    key: Path = Path("camera.key")
    """The unit's private key. `sambar camera key` makes it."""
    state: Path = Path("state")
    """The folder for the spool, the originals and the counts that must survive."""


class VideoSource(Section):
    kind: Literal["video"]
    path: str = Field(min_length=1)
    """A file, or a stream's address such as rtsp://…"""
    pace: Literal["realtime", "fast"] = "realtime"
    loop: bool = False
    rest_s: float = Field(default=0, ge=0)
    """Between two rounds of a loop no frame comes for so long, so that each round is a passing of its own."""
    fps: Positive | None = None
    """Instead of the file's own."""

    @property
    def is_stream(self) -> bool:
        return "://" in self.path


class WebcamSource(Section):
    kind: Literal["webcam"]
    number: int = Field(default=0, ge=0)
    width: int = Field(default=1280, ge=64)
    height: int = Field(default=720, ge=64)


class FolderSource(Section):
    kind: Literal["folder"]
    path: str = Field(min_length=1)
    pace: Literal["realtime", "fast"] = "fast"
    loop: bool = False
    interval_s: Positive = 60.0
    """Time between two photos, as far as sightings are concerned (and in fact, when in real time)."""


class SceneSource(Section):
    kind: Literal["scene"]
    script: Annotated[str, AfterValidator(_script)]
    passes: int = Field(default=1, ge=1, le=MOST_PASSES)
    """How many times the script is played, each time with the next number painted into the frames."""
    pace: Literal["realtime", "fast"] = "realtime"
    fps: Positive = 10.0


Source = Annotated[VideoSource | WebcamSource | FolderSource | SceneSource, Field(discriminator="kind")]


class GateSection(Section):
    width: int = Field(default=GateSettings().width, ge=32, le=640)
    step: Positive = GateSettings().step
    deviations: Positive = GateSettings().deviations
    smallest: Fraction = GateSettings().smallest
    learn_s: Positive = GateSettings().learn_s
    flash: Fraction = GateSettings().flash

    def settings(self) -> GateSettings:
        return GateSettings(**self.model_dump())


class DetectorSection(Section):
    kind: Literal["tflite", "scripted"] = "tflite"
    """`scripted` finds the coloured figures of a scene: for trying everything but the model."""
    model: str = "nanodet_416_int8"
    threshold: Fraction | None = None
    """Instead of the one in the model's card."""
    threads: int = Field(default=2, ge=1, le=64)
    labels: Annotated[frozenset[str], AfterValidator(_of_models)] = frozenset(
        {"person", "bicycle", "car", "motorcycle", "bus", "truck"}
    )
    """What makes a sighting. Everything else that the model knows is passed over."""
    crops: int = Field(default=2, ge=0, le=8)
    """At most so many crops around motion besides the whole frame: each costs as much time as the frame."""


class VotesSection(Section):
    needed: int = Field(default=VoteSettings().needed, ge=1)
    of: int = Field(default=VoteSettings().of, ge=1)
    within_s: Positive = VoteSettings().within_s

    @model_validator(mode="after")
    def _checked(self) -> "VotesSection":
        self.settings()
        return self

    def settings(self) -> VoteSettings:
        return VoteSettings(**self.model_dump())


class SightingSection(Section):
    quiet_s: Positive = SightingSettings().quiet_s
    longest_s: Positive = SightingSettings().longest_s
    update_s: float = Field(default=SightingSettings().update_s, ge=0)
    better: float = Field(default=SightingSettings().better, ge=1)
    photos: int = Field(default=SightingSettings().photos, ge=1, le=8)

    @model_validator(mode="after")
    def _checked(self) -> "SightingSection":
        self.settings()
        return self

    def settings(self) -> SightingSettings:
        return SightingSettings(**self.model_dump())


class PhotosSection(Section):
    preview_bytes: int = Field(default=15_000, ge=2_000, le=60_000)
    original_quality: int = Field(default=92, ge=30, le=100)
    originals_bytes: int = Field(default=2_000_000_000, ge=1_000_000)
    """Disk for originals. The oldest goes first."""


class SpoolSection(Section):
    most_bytes: int = Field(default=256_000_000, ge=100_000)


class BrokerSection(Section):
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=1883, ge=1, le=65535)
    ca: Path | None = None
    """The certificate of who signed the broker's. With it the link is TLS."""
    cert: Path | None = None
    """The unit's own certificate, whose name is PARK/CAMERA."""
    cert_key: Path | None = None
    keepalive_s: int = Field(default=30, ge=5, le=3600)
    gateway_key: GatewayKey
    """Only receipts and commands that this key signed are taken: "ed25519:…"."""

    @model_validator(mode="after")
    def _checked(self) -> "BrokerSection":
        if (self.cert is None) != (self.cert_key is None):
            raise ValueError("cert and cert_key go together")
        if self.cert is not None and self.ca is None:
            raise ValueError("a cert needs the ca beside it")
        return self


class HealthSection(Section):
    every_s: int = Field(default=600, ge=5, le=86_400)


class ClockSection(Section):
    quality: ClockSetting = "auto"


class CanarySection(Section):
    """Once a day a frame goes the whole way to a person; docs/canary.md."""

    enabled: bool = True
    at: Annotated[time, BeforeValidator(_time_of_day)] = time(12)
    """By UTC, the only time that a unit knows. Each camera has its own moment within the hour after it."""


class Settings(BaseSettings):
    """The whole of camera.toml."""

    model_config = SettingsConfigDict(
        env_prefix="SAMBAR_CAMERA_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    camera: CameraSection
    source: Source
    gate: GateSection = GateSection()
    detector: DetectorSection = DetectorSection()
    votes: VotesSection = VotesSection()
    sighting: SightingSection = SightingSection()
    photos: PhotosSection = PhotosSection()
    spool: SpoolSection = SpoolSection()
    broker: BrokerSection
    health: HealthSection = HealthSection()
    clock: ClockSection = ClockSection()
    canary: CanarySection = CanarySection()

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
    """The settings in `path`, its own paths made whole. Raises BadSettings."""
    try:
        plain = tomllib.loads(path.read_text())
    except OSError as missing:
        raise BadSettings(f"{path}: cannot be read ({missing.strerror}); expected the camera's settings") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadSettings(f"{path}: is not TOML: {broken}") from broken
    try:
        settings = Settings(**plain)
    except ValidationError as wrong:
        raise BadSettings(_every_mistake(path, wrong)) from wrong
    return _from_folder(settings, path.parent)


def _every_mistake(path: Path, wrong: ValidationError) -> str:
    lines = [f"  {_mistake(error)}" for error in wrong.errors(include_url=False)]
    return "\n".join([f"{path}: {len(lines)} mistake{'s' if len(lines) > 1 else ''}", *lines])


def _mistake(error: Any) -> str:
    steps = [str(step) for step in error["loc"]]
    if steps[:1] == ["source"] and len(steps) > 1:
        del steps[1]  # the kind, by which pydantic chose the model: not a setting's name
    where = ".".join(steps)
    words = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{where}: is missing"
    if error["type"] == "extra_forbidden":
        return f"{where}: {error['input']!r:.80}; there is no such setting"
    if error["type"] == "union_tag_not_found":
        return f"{where}.kind: is missing; expected one of 'video', 'webcam', 'folder', 'scene'"
    return f"{where}: {error['input']!r:.80}; expected: {words}"


def _from_folder(settings: Settings, folder: Path) -> Settings:
    def whole(path: Path) -> Path:
        return Path(os.path.abspath(folder / path.expanduser()))  # noqa: PTH100 - resolve() would follow links

    camera = settings.camera.model_copy(
        update={"key": whole(settings.camera.key), "state": whole(settings.camera.state)}
    )
    files = {name: getattr(settings.broker, name) for name in ("ca", "cert", "cert_key")}
    broker = settings.broker.model_copy(update={name: whole(file) for name, file in files.items() if file is not None})
    source = settings.source
    if isinstance(source, FolderSource) or (isinstance(source, VideoSource) and not source.is_stream):
        source = source.model_copy(update={"path": str(whole(Path(source.path)))})
    return settings.model_copy(update={"camera": camera, "broker": broker, "source": source})
