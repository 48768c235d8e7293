"""`park.toml`: what a park is made of, checked whole. Described by docs/park.example.toml, which a test loads."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, ValidationError, field_validator

from alerts.incursion import Grouping
from gateway.mistakes import BadSettings, Section, read_toml, refuse, sentences
from wire.keys import PublicKey
from wire.topics import checked_name


def _key(text: str) -> str:
    PublicKey.parse(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        near = [zone for zone in sorted(available_timezones()) if name and name.casefold() in zone.casefold()]
        raise ValueError(f"expected an IANA time zone such as {', '.join(near[:3]) or 'Asia/Bangkok'}") from wrong
    return name


Name = Annotated[str, AfterValidator(checked_name)]
Title = Annotated[str, Field(min_length=1, max_length=100)]


class ParkSection(Section):
    name: Name
    title: Title
    """For people."""
    zone: Annotated[str, AfterValidator(_zone)]
    tell: tuple[Annotated[str, Field(min_length=1)], ...] = ("person", "vehicle")
    """Which kinds are told: person, vehicle, animal, or a label of a model of one's own."""


class GroupingSection(Section):
    gap_s: float = Field(default=Grouping().gap.total_seconds(), ge=0, le=86_400)
    """How long a party may stay out of sight."""
    reach_m: float = Field(default=Grouping().reach, ge=0)
    """Cameras farther apart are never joined directly."""
    speed_m_s: float = Field(default=Grouping().speed, gt=0)
    """The fastest that a party goes from camera to camera."""


class AreaSection(Section):
    name: Name
    title: Title
    team: Name


class CameraSection(Section):
    name: Name
    area: Name
    place: Title
    """In words, for people who know the park. No coordinates: chats carry it."""
    key: Annotated[str, AfterValidator(_key)]
    """As `sambar camera key` prints it."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    revoked: bool = False
    """Its messages are no longer taken."""


class TeamSection(Section):
    name: Name
    title: Title
    members: tuple[Name, ...] = ()


class ChannelSection(Section):
    channel: Literal["telegram", "web"]
    address: str = Field(min_length=1, max_length=200)
    """On telegram the chat's number; on web the person's name."""


class PersonSection(Section):
    name: Name
    title: Title
    role: Literal["ranger", "operator"] = "ranger"
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    channels: tuple[ChannelSection, ...] = ()
    """In order of preference."""

    @field_validator("channels")
    @classmethod
    def _each_once(cls, channels: tuple[ChannelSection, ...]) -> tuple[ChannelSection, ...]:
        if len({(each.channel, each.address) for each in channels}) < len(channels):
            raise ValueError("expected each channel's address once")
        return channels


class ParkSettings(Section):
    """The whole of park.toml."""

    park: ParkSection
    grouping: GroupingSection = GroupingSection()
    area: tuple[AreaSection, ...] = ()
    camera: tuple[CameraSection, ...] = ()
    team: tuple[TeamSection, ...] = ()
    person: tuple[PersonSection, ...] = ()

    @classmethod
    def checked(cls, plain: dict[str, Any]) -> tuple[Self | None, list[str]]:
        """The park, and every mistake in it."""
        try:
            park = cls.model_validate(plain)
        except ValidationError as wrong:
            return None, sentences(wrong)
        return park, park.contradictions()

    def contradictions(self) -> list[str]:
        """Names that are given twice or that nothing bears, and what else one field alone cannot show."""
        mistakes: list[str] = []
        for kind, entries in (
            ("area", self.area),
            ("camera", self.camera),
            ("team", self.team),
            ("person", self.person),
        ):
            mistakes += _twice(kind, [entry.name for entry in entries])
        areas, teams = {area.name for area in self.area}, {team.name for team in self.team}
        persons = {person.name for person in self.person}
        for at, area in enumerate(self.area):
            mistakes += _unknown(f"area.{at}.team", area.team, teams)
        for at, camera in enumerate(self.camera):
            mistakes += _unknown(f"camera.{at}.area", camera.area, areas)
            if (camera.latitude is None) != (camera.longitude is None):
                mistakes.append(f"camera.{at}: expected latitude and longitude together")
        for at, team in enumerate(self.team):
            for member in team.members:
                mistakes += _unknown(f"team.{at}.members", member, persons)
        keys: dict[str, str] = {}
        for at, camera in enumerate(self.camera):
            if camera.key in keys:
                mistakes.append(f"camera.{at}.key: is that of {keys[camera.key]!r} too; expected each unit's own")
            keys.setdefault(camera.key, camera.name)
        return mistakes + self._web_addresses()

    def _web_addresses(self) -> list[str]:
        return [
            f"person.{at}.channels: web address {each.address!r}; expected the person's own name, {person.name!r}"
            for at, person in enumerate(self.person)
            for each in person.channels
            if each.channel == "web" and each.address != person.name
        ]


def load_park(path: Path) -> ParkSettings:
    """Raises BadSettings."""
    park, mistakes = ParkSettings.checked(read_toml(path, "a park's settings"))
    refuse(path, mistakes)
    if park is None:
        raise BadSettings(f"{path}: cannot be read as a park")
    return park


def _twice(kind: str, names: list[str]) -> list[str]:
    return [
        f"{kind}.{at}.name: {name!r} is there twice; expected each name once"
        for at, name in enumerate(names)
        if name in names[:at]
    ]


def _unknown(where: str, name: str, known: set[str]) -> list[str]:
    return (
        [] if name in known else [f"{where}: {name!r}; expected one of: {', '.join(sorted(known)) or 'none is there'}"]
    )
