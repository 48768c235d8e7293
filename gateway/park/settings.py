"""`park.toml`: what a park is made of, checked whole. Described by docs/park.example.toml, which a test loads."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from alerts.channels import SETTINGS
from alerts.delivery import Kind
from alerts.incursion import Grouping
from alerts.plan import Timers
from alerts.response import Rules
from alerts.rota import holes
from gateway.mistakes import BadSettings, Section, read_toml, refuse, sentences
from gateway.store.directory import rota
from wire.keys import PublicKey
from wire.topics import checked_name


def _key(text: str) -> str:
    PublicKey.parse(text)
    return text


def _told(kind: str) -> str:
    if kind == Kind.CANARY:
        raise ValueError("expected a kind that is seen: the daily test alarms nobody")
    return kind


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        near = [zone for zone in sorted(available_timezones()) if name and name.casefold() in zone.casefold()]
        raise ValueError(f"expected an IANA time zone such as {', '.join(near[:3]) or 'Asia/Bangkok'}") from wrong
    return name


def _clock(text: str) -> str:
    try:
        moment = time.fromisoformat(text)
    except ValueError as wrong:
        raise ValueError("expected a time of day such as 18:00") from wrong
    if moment.tzinfo is not None:
        raise ValueError("expected a time of day by the park's clock, without a zone")
    return moment.strftime("%H:%M")


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise ValueError("expected a moment such as 2027-04-13T18:00") from wrong
    if moment.tzinfo is not None:
        raise ValueError("expected a moment by the park's clock, without a zone")
    return moment.isoformat(timespec="minutes")


Name = Annotated[str, AfterValidator(checked_name)]
Clock = Annotated[str, AfterValidator(_clock)]
Moment = Annotated[str, AfterValidator(_moment)]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Title = Annotated[str, Field(min_length=1, max_length=100)]


MONDAY = date(2024, 1, 1)
"""Any Monday: a week of a rota is looked at."""


class ParkSection(Section):
    name: Name
    title: Title
    """For people."""
    zone: Annotated[str, AfterValidator(_zone)]
    tell: tuple[Annotated[str, Field(min_length=1), AfterValidator(_told)], ...] = ("person", "vehicle")
    """Which kinds are told: person, vehicle, animal, or a label of a model of one's own."""


class GroupingSection(Section):
    gap_s: float = Field(default=Grouping().gap.total_seconds(), ge=0, le=86_400)
    """How long a party may stay out of sight."""
    reach_m: float = Field(default=Grouping().reach, ge=0)
    """Cameras farther apart are never joined directly."""
    speed_m_s: float = Field(default=Grouping().speed, gt=0)
    """The fastest that a party goes from camera to camera."""


class ResponseSection(Section):
    """How an incursion is answered. Every default is alerts.plan.Timers' and alerts.response.Rules' own."""

    next_in_line_s: float = Field(default=Timers().next_in_line.total_seconds(), gt=0)
    """Without an answer the next in line is told, and after as long again the one after."""
    chief_s: float = Field(default=Timers().chief.total_seconds(), gt=0)
    superiors_s: float = Field(default=Timers().superiors.total_seconds(), gt=0)
    accepted_s: float = Field(default=Timers().accepted.total_seconds(), gt=0)
    """A channel that has not taken a message by then: the person's next channel."""
    delivered_s: float = Field(default=Timers().delivered.total_seconds(), gt=0)
    """Neither shown nor answered so long after it was taken: the person's next channel."""
    party: int = Field(default=Rules().least, ge=2, le=50)
    """The least that may go: nobody goes alone."""
    approval: bool = True
    """Whether the duty officer approves a party."""
    check_in_s: float = Field(default=Rules().check_in.total_seconds(), ge=10)
    """A party out there is missed when it says no word for so long."""
    canary_to: tuple[Name, ...] = ()
    """Whom each camera's daily canary goes to; nobody named: administrators, or else operators. docs/canary.md."""


class HoursSection(Section):
    begins: Clock
    ends: Clock
    """By the park's clock; not after `begins`: on the next day."""


class RouteSection(Section):
    """A node of the routing tree; docs/alerts.md."""

    name: Name
    areas: tuple[Name, ...] = ()
    cameras: tuple[Name, ...] = ()
    kinds: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    hours: HoursSection | None = None
    severity: int = Field(default=0, ge=0, le=3)
    teams: tuple[Name, ...] = ()
    people: tuple[Name, ...] = ()
    quiet: bool = False
    goes_on: bool = False
    route: tuple["RouteSection", ...] = ()

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not (self.teams or self.people):
            raise ValueError("expected teams or people: a route that tells nobody")
        return self


class AreaSection(Section):
    name: Name
    title: Title
    team: Name
    chief: Name | None = None
    """Told when nobody answers; sees each mute."""


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


class ShiftSection(Section):
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = DAYS
    """On which it begins."""
    begins: Clock
    ends: Clock
    """By the park's clock; not after `begins`: on the next day."""
    members: tuple[Name, ...]
    officer: Name | None = None
    """Who approves a party."""


class ExchangeSection(Section):
    """In place of whatever shift would run."""

    begins: Moment
    ends: Moment
    members: tuple[Name, ...]
    officer: Name | None = None

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("expected ends after begins")
        return self


class TeamSection(Section):
    name: Name
    title: Title
    members: tuple[Name, ...] = ()
    """In the order in which they are called."""
    shift: tuple[ShiftSection, ...] = ()
    exchange: tuple[ExchangeSection, ...] = ()


class ChannelSection(Section):
    channel: str
    address: str = Field(min_length=1, max_length=200)
    """What the channel calls the person: on telegram the chat's number, on web the person's name; docs/channels/."""

    @field_validator("channel")
    @classmethod
    def _known(cls, channel: str) -> str:
        if channel not in SETTINGS:
            raise ValueError(f"expected one of: {', '.join(sorted(SETTINGS))}")
        return channel


class PersonSection(Section):
    name: Name
    title: Title
    role: Literal["ranger", "operator", "analyst", "administrator", "villager"] = "ranger"
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    channels: tuple[ChannelSection, ...] = ()
    """In order of preference."""
    superior: Name | None = None
    quiet_hours: HoursSection | None = None

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
    response: ResponseSection = ResponseSection()
    route: tuple[RouteSection, ...] = ()
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
        return mistakes + self._web_addresses() + self._people_named(persons, teams) + self._chain_of_command()

    def _people_named(self, persons: set[str], teams: set[str]) -> list[str]:
        mistakes: list[str] = []
        for at, area in enumerate(self.area):
            mistakes += _unknown(f"area.{at}.chief", area.chief, persons) if area.chief else []
        for at, team in enumerate(self.team):
            for kind, turns in (("shift", team.shift), ("exchange", team.exchange)):
                for place, turn in enumerate(turns):
                    for name in (*turn.members, *([turn.officer] if turn.officer else [])):
                        mistakes += _unknown(f"team.{at}.{kind}.{place}", name, persons)
        for at, person in enumerate(self.person):
            mistakes += _unknown(f"person.{at}.superior", person.superior, persons) if person.superior else []
        mistakes += self._canary_readers(persons)
        cameras, areas = {camera.name for camera in self.camera}, {area.name for area in self.area}
        for where, route in _routes("route", self.route):
            for field, names, known in (
                ("teams", route.teams, teams),
                ("people", route.people, persons),
                ("areas", route.areas, areas),
                ("cameras", route.cameras, cameras),
            ):
                mistakes += [each for name in names for each in _unknown(f"{where}.{field}", name, known)]
        return mistakes

    def _canary_readers(self, persons: set[str]) -> list[str]:
        mistakes: list[str] = []
        able = {each.name for each in self.person if each.channels and each.role != "villager"}
        for name in self.response.canary_to:
            mistakes += _unknown("response.canary_to", name, persons)
            if name in persons - able:
                mistakes.append(f"response.canary_to: {name!r}; expected somebody with a channel, and of no village")
        return mistakes

    def _chain_of_command(self) -> list[str]:
        above = {person.name: person.superior for person in self.person}
        mistakes: list[str] = []
        for at, person in enumerate(self.person):
            met, superior = [person.name], person.superior
            while superior is not None and superior not in met:
                met.append(superior)
                superior = above.get(superior)
            if superior == person.name:
                way = " under ".join([*met, person.name])
                mistakes.append(f"person.{at}.superior: {way} is a circle; expected a chain that ends")
        return mistakes

    def warnings(self) -> list[str]:
        """What is no mistake, and what somebody should know all the same."""
        found = [
            f"person {person.name}: has no channel, and is told nothing"
            for person in self.person
            if not person.channels and person.role not in {"operator", "analyst", "administrator"}
        ]
        zone = ZoneInfo(self.park.zone)
        for team in self.team:
            plain = [shift.model_dump() for shift in team.shift]
            for begins, ends in holes(rota(list(team.members), plain, [], zone), MONDAY):
                span = f"{begins:%a %H:%M} to {ends:%a %H:%M}"
                found.append(f"team {team.name}: nobody is on shift {span}; the whole team is told then")
        return found

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


def _routes(where: str, routes: Sequence[RouteSection]) -> Iterator[tuple[str, RouteSection]]:
    for at, route in enumerate(routes):
        yield f"{where}.{at}", route
        yield from _routes(f"{where}.{at}.route", route.route)


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
