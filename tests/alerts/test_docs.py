"""docs/alerts.md and the examples beside it against the code."""

import re
import shlex
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from alerts.channels import SETTINGS, TRAITS
from alerts.channels.email_settings import PLAIN_ADDRESS
from alerts.channels.line import ADDRESS
from alerts.channels.ntfy import TOPIC
from alerts.channels.numbers import E164
from alerts.decide import CAME_BACK, FIRST, GREW, LATE, NEW_CAMERA, PHOTO_CAME
from alerts.delivery import Alarm, Answer, Kind
from alerts.mute import MuteKind
from alerts.rota import on_duty
from gateway.config import Settings, load
from gateway.explain import Explanation, explain
from gateway.park import ParkSettings, apply, load_park
from gateway.store import Store, open_store, tables
from gateway.store.directory import rota
from sambar.cli import main

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "alerts.md").read_text(encoding="utf-8")
GATEWAY = (DOCS / "gateway.example.toml").read_text(encoding="utf-8")
CHANNELS = GATEWAY[GATEWAY.index("# [channels.") :]

RECEIPTS = re.compile(r"^\| (?:\[(\w+)\]\(channels/\1\.md\)) \|" + r"([^|]+)\|" * 7 + "$", re.MULTILINE)
"""A row: channel, accepted, delivered, seen, edits, photo, deletes within, what stays with others."""


def row(name: str) -> str:
    """The row of a table that begins with this, or the sentence's fragment."""
    return f"\n| {name} |"


def test_every_channel_is_in_the_table_of_receipts() -> None:
    assert {found[0] for found in RECEIPTS.findall(TEXT)} == set(SETTINGS)


@pytest.mark.parametrize("found", RECEIPTS.findall(TEXT), ids=lambda found: found[0])
def test_the_table_of_receipts_says_what_the_channels_traits_say(found: tuple[str, ...]) -> None:
    channel, _, delivered, seen, edits, _, deletes, _ = (each.strip() for each in found)
    traits = TRAITS[channel]
    assert edits.startswith("yes") == traits.edits
    assert (deletes == "-") == (traits.deletes_within is None)
    if channel != "relay":  # an operator says what no service can
        assert (delivered != "-") == traits.says_delivered
        assert (seen != "-") <= traits.hears


def test_every_channel_has_a_page_of_its_own() -> None:
    assert {page.stem for page in (DOCS / "channels").glob("*.md")} == set(SETTINGS)


@pytest.mark.parametrize("reason", [FIRST, LATE, PHOTO_CAME, GREW, NEW_CAMERA, CAME_BACK, *Alarm])
def test_every_reason_is_explained(reason: str) -> None:
    assert row(reason) in TEXT


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_is_explained(answer: Answer) -> None:
    assert f"`{answer}`" in TEXT


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_notice_is_explained(kind: Kind) -> None:
    assert row(kind) in TEXT


@pytest.mark.parametrize("kind", MuteKind)
def test_every_kind_of_mute_is_explained(kind: MuteKind) -> None:
    assert row(kind) in TEXT


def test_every_module_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"(?<![\w/])((?:alerts|gateway|sambar)/[\w/]+)\.py\b", TEXT))
    assert named
    assert [name for name in sorted(named) if find_spec(name.replace("/", ".")) is None] == []


# The example settings: both files whole, every line of a channel in force.

SECRETS = {
    "telegram": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    "apprise.toml": 'hall = "json://hall.park.example"',
}
"""What must have a form of its own; any other secret may be anything."""


@pytest.fixture(scope="module")
def gateway_toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gateway")
    for name in ("secrets", "state", "tls"):
        (folder / name).mkdir()
    for name in re.findall(r'"secrets/([\w.-]+)"', CHANNELS):
        (folder / "secrets" / name).write_text(SECRETS.get(name, "a-secret-of-more-than-sixteen-letters"))
    (folder / "tls" / "mail-ca.pem").write_text("")
    path = folder / "gateway.toml"
    path.write_text(re.sub(r"^# (?=\[channels\.|\w+ = )", "", CHANNELS, flags=re.MULTILINE))
    return path


@pytest.fixture(scope="module")
def settings(gateway_toml: Path) -> Settings:
    return load(gateway_toml)


@pytest.fixture(scope="module")
def park() -> ParkSettings:
    return load_park(DOCS / "park.example.toml")


@pytest.fixture(scope="module")
def store(park: ParkSettings, settings: Settings) -> Iterator[Store]:
    opened = open_store(settings.database.url)
    apply(opened, park)
    yield opened
    opened.close()


def explained(session: Session, settings: Settings, kind: str, camera: str, at: datetime) -> Explanation:
    own = session.get_one(tables.Park, "khao-yai")
    channels = frozenset(settings.channels)
    return explain(session, own, camera, kinds=frozenset([kind]), persons=1, at=at, channels=channels)


def test_the_example_settings_set_up_every_channel(settings: Settings) -> None:
    assert settings.channels.keys() == SETTINGS.keys()


def test_the_example_park_has_no_mistake_and_nothing_to_warn_of(park: ParkSettings) -> None:
    assert (park.contradictions(), park.warnings()) == ([], [])


def test_the_example_park_reaches_somebody_over_every_channel(park: ParkSettings) -> None:
    assert {each.channel for person in park.person for each in person.channels} == set(SETTINGS)


FORMS = {
    "email": PLAIN_ADDRESS,
    "line": ADDRESS,
    "modem": E164,
    "ntfy": TOPIC,
    "signal": E164,
    "sms": E164,
    "telegram": re.compile(r"-?[0-9]+"),
    "voice": E164,
    "whatsapp": E164,
}


def test_the_example_persons_have_addresses_of_the_form_that_each_channel_takes(
    park: ParkSettings, settings: Settings
) -> None:
    named = {"webhook": settings.channels["webhook"].to.keys(), "apprise": {"hall"}}
    for person in park.person:
        for each in person.channels:
            if each.channel in FORMS:
                assert FORMS[each.channel].fullmatch(each.address), each
            elif each.channel in named:
                assert each.address in named[each.channel]
            else:
                assert each.channel == "relay" or each.address == person.name


def test_the_example_park_uses_every_setting_of_people_and_routes(park: ParkSettings) -> None:
    nodes = [*park.route, *(child for route in park.route for child in route.route)]
    for part in (nodes, park.area, park.person, park.team, [each for team in park.team for each in team.shift]):
        unused = set(type(part[0]).model_fields) - {name for each in part for name in each.model_fields_set}
        assert unused == set()
    assert {person.role for person in park.person} == {"ranger", "operator", "analyst", "administrator", "villager"}


@pytest.mark.parametrize("kind", ["person", "vehicle", "animal", "tamper", "camera-silent", "low-battery"])
def test_the_example_park_tells_somebody_at_once_at_every_hour_of_a_week(
    store: Store, settings: Settings, kind: str
) -> None:
    monday = datetime.combine(date(2026, 11, 23), time(), ZoneInfo("Asia/Bangkok"))
    with store.reading() as session:
        for hour in range(7 * 24):
            camera = ("gate", "road")[(hour + hour // 24) % 2]  # each at each hour of the day, over the week
            found = explained(session, settings, kind, camera, monday + timedelta(hours=hour))
            told = {step.person for step in found.steps if not step.after and step.held is None}
            assert told - {"wall", "ban-tha-chang"}, (camera, hour)
            assert found.not_set_up == found.unreachable == ()


def test_the_example_park_has_an_officer_on_each_night(park: ParkSettings) -> None:
    (north,) = [team for team in park.team if team.name == "north"]
    zone = ZoneInfo(park.park.zone)
    shifts = rota(list(north.members), [each.model_dump() for each in north.shift], [], zone)
    nights = [datetime(2026, 11, 23, 3, 40, tzinfo=zone) + timedelta(days=day) for day in range(7)]
    assert [on_duty(shifts, night).officers for night in nights] == [
        ("niran",), *[("duangjai",)] * 5, ("niran",),
    ]  # fmt: skip


def test_the_example_village_hears_of_animals_and_of_nothing_else(store: Store, settings: Settings) -> None:
    at = datetime(2026, 11, 24, 3, 40, tzinfo=ZoneInfo("Asia/Bangkok"))
    with store.reading() as session:
        told = {
            kind: "ban-tha-chang" in {step.person for step in explained(session, settings, kind, "gate", at).steps}
            for kind in ("person", "vehicle", "animal", "tamper")
        }
    assert told == {"person": False, "vehicle": False, "animal": True, "tamper": False}


@pytest.mark.usefixtures("store")
def test_the_sample_of_explain_is_what_the_command_says_of_the_example_park(gateway_toml: Path) -> None:
    command, _, rest = TEXT.partition("$ sambar ")[2].partition("\n")
    arguments = [*shlex.split(command), "--settings", str(gateway_toml)]
    said = CliRunner().invoke(main, arguments, env={"COLUMNS": "120"})
    assert said.exit_code == 0, said.output
    shown = rest.partition("```")[0]
    assert shown.splitlines() == [line.rstrip() for line in said.output.splitlines()]
