"""What may stand in whose chat: every kind of alert, on every channel, for a ranger and for a village."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.caption import caption, plain, short, spoken
from alerts.channels import TRAITS
from alerts.delivery import Alarm, Answer, IncursionTelling, Kind, Movement, NoticeTelling, Progress, Telling
from alerts.discretion import ABOUT_OURS, FACTS, discreet
from alerts.response import OUTCOMES
from alerts.rota import Rota
from alerts.route import Area, Directory, Matter, Person, Reach, Route, route
from alerts.words import LANGUAGES, Words
from tests.alerts.tellings import SEEN, notice, telling

SOON = SEEN + timedelta(seconds=4)
COORDINATE = re.compile(r"\d[.,]\d{3,}|°")
PLACE, AREA, CAMERA = "Sandstone ford", "Khlong E-Thao", "CAM-12"
RESPONDER = "Malee Srisuk"
NOWHERE = "14.4390, 101.3720"
THIRD_PARTIES = sorted(name for name, traits in TRAITS.items() if traits.third_party)
OURS = sorted(TRAITS.keys() - set(THIRD_PARTIES))
PATROL = {"kind": "patrol", "by": RESPONDER, "reason": f"we sleep at {PLACE}", "where": CAMERA, "agreed": RESPONDER}
FACTS_OF: dict[Kind, dict[str, str | float]] = {
    Kind.CAMERA_SILENT: {
        "battery_percent": 12.3456, "signal_dbm": -97.1234, "last_photo": SEEN.isoformat(), "neighbours_silent": 2,
    },
    Kind.CAMERA_BACK: {"silent_for_s": 812.34567},
    Kind.TAMPER: {"cause": f"moved to {NOWHERE}"},
    Kind.LOW_BATTERY: {"battery_percent": 12.3456},
    Kind.CANARY: {"camera": CAMERA},
    Kind.CANARY_MISSING: {"camera": CAMERA, "expected_by": SEEN.isoformat()},
    Kind.TROUBLE: {"channel": "sms", "person": "chai", "why": f"no mast at {NOWHERE}"},
    Kind.MUTED: {**PATROL, "until": SEEN.isoformat()},
    Kind.TEST: {"by": "chai"},
}  # fmt: skip


def progresses() -> Iterator[Progress]:
    for stage in (None, Answer.ON_THE_WAY, Answer.IN_PLACE):
        yield Progress(seen=3, ready=2, approved=stage is not None, stage=stage)
    for outcome in (*OUTCOMES, Answer.FALSE_ALARM, Answer.OUR_PATROL):
        yield Progress(seen=3, ready=2, approved=True, stage=Answer.IN_PLACE, closed_by=outcome)


def incursions(alarm: Alarm | None, **more: Any) -> list[IncursionTelling]:
    plainly: dict[str, Any] = {"place": PLACE, "area": AREA, "camera": CAMERA, "score": 0.87654321, "cameras": 3}
    return [
        telling(
            **plainly | more, alarm=alarm, progress=progress, possibly_ours=progress.approved,
            movement=Movement("NE", 4.123456), quiet=alarm is None, late=progress.stage is None,
            link="https://park.example/i/42", photo_url="https://park.example/p/42",
        )
        for progress in progresses()
    ]  # fmt: skip


def a_notice(kind: Kind) -> NoticeTelling:
    unforeseen = {"latitude": 14.4390, "longitude": 101.3720, "position": NOWHERE}
    return notice(kind=kind, place=PLACE, area=AREA, camera=CAMERA, facts=FACTS_OF[kind] | unforeseen)


WHAT: dict[str, list[Telling]] = {
    **{f"incursion, {alarm or 'no alarm'}": [*incursions(alarm)] for alarm in (None, *Alarm)},
    "incursion of animals": [*incursions(None, counts={"elephant": 3})],
    "incursion of animals and people": [*incursions(Alarm.HELP, counts={"elephant": 3, "person": 2})],
    **{f"notice, {kind}": [a_notice(kind)] for kind in Kind},
}


@cache
def rendered(what: str, third_party: bool, village: bool) -> dict[str, list[str]]:
    """Language → all that any channel would make of it."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for each in WHAT[what]:
        told = discreet(each, third_party=third_party, village=village)
        for language in LANGUAGES:
            own = replace(told, language=language)
            words = caption(own, SOON)
            found[language] += [plain(replace(words, link=None)), short(own, SOON), spoken(own, SOON)]
    return found


def all_words(what: str, channel: str, *, village: bool = False) -> str:
    words = rendered(what, TRAITS[channel].third_party, village)
    return "\n".join(each for language in words.values() for each in language)


def tellings(what: str, channel: str, *, village: bool = False) -> list[Telling]:
    return [discreet(each, third_party=TRAITS[channel].third_party, village=village) for each in WHAT[what]]


ABOUT_RESPONDERS = [f"incursion, {alarm}" for alarm in sorted(ABOUT_OURS)]
readers = pytest.mark.parametrize("village", [False, True], ids=["ranger", "villager"])
everything = pytest.mark.parametrize("what", WHAT)
third_parties = pytest.mark.parametrize("channel", THIRD_PARTIES)
every_channel = pytest.mark.parametrize("channel", sorted(TRAITS))


def test_only_the_parks_own_page_is_no_third_party() -> None:
    assert OURS == ["web"]


# Coordinates


def test_no_telling_has_a_field_for_a_coordinate() -> None:
    names = {each.name for kind in (IncursionTelling, NoticeTelling, Movement, Progress) for each in fields(kind)}
    assert not {name for name in names if re.search("latitude|longitude|coord|position|gps|bearing", name)}


@readers
@third_parties
@everything
def test_no_third_partys_chat_ever_holds_a_coordinate(what: str, channel: str, village: bool) -> None:
    assert COORDINATE.search(all_words(what, channel, village=village)) is None


@third_parties
@everything
def test_no_coordinate_hides_in_what_a_third_party_is_handed(what: str, channel: str) -> None:
    """A webhook may pass on more than the words: names and facts hold none either."""
    for told in tellings(what, channel):
        handed = [told.place, told.area, told.camera, told.park]
        if isinstance(told, NoticeTelling):
            moments = {"last_photo", "expected_by", "until"}
            handed += [value for name, value in told.facts.items() if isinstance(value, str) and name not in moments]
            assert told.facts.keys() <= FACTS[told.kind]
        assert not any(COORDINATE.search(each) for each in handed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ford 14.4390,101.3720", "Ford …,…"),
        ("Ford (14.439 / -101.372)", "Ford (… / …)"),
        ("Ford 14,4390 101,3720", "Ford … …"),
        ("Ford 14°26'20\"N 101°22'19\"E, east", "Ford …, east"),
        ("km 3.5 on route 3077", "km 3.5 on route 3077"),
        ("no answer from 192.168.10.5", "no answer from 192.168.10.5"),
    ],
    ids=["a pair", "signed", "with commas", "in degrees", "a distance", "an address of a network"],
)
def test_coordinates_that_somebody_typed_into_a_name_do_not_leave(typed: str, kept: str) -> None:
    told = discreet(telling(place=typed), third_party=True, village=False)
    assert told.place == kept


def test_on_the_parks_own_page_a_name_stands_as_it_was_typed() -> None:
    assert discreet(telling(place="Ford 14.4390"), third_party=False, village=False).place == "Ford 14.4390"


# Responders


@third_parties
@pytest.mark.parametrize("what", ABOUT_RESPONDERS)
def test_an_alarm_about_responders_names_no_place_and_no_stage_there(what: str, channel: str) -> None:
    words = all_words(what, channel)
    assert not [each for each in (PLACE, AREA, CAMERA, RESPONDER) if each in words]
    for told in tellings(what, channel):
        assert isinstance(told, IncursionTelling)
        assert (told.place, told.area, told.camera, told.movement, told.photo, told.photo_url) == (
            "", "", "", None, None, None,
        )  # fmt: skip


@third_parties
@pytest.mark.parametrize("what", [each for each in WHAT if each.startswith("incursion")])
def test_how_far_a_response_is_never_stands_there(what: str, channel: str) -> None:
    assert all(
        isinstance(told, IncursionTelling) and not told.progress.approved and told.progress.stage is None
        for told in tellings(what, channel)
    )
    for language, texts in rendered(what, third_party=True, village=False).items():
        steps = {Words(language).answer(stage) for stage in (Answer.ON_THE_WAY, Answer.IN_PLACE)}
        lines = [line for text in texts for line in text.splitlines()]
        assert not [line for line in lines for step in steps if step.casefold() in line.casefold()]


@third_parties
def test_a_patrols_mute_says_nothing_of_who_is_where(channel: str) -> None:
    words = all_words("notice, muted", channel)
    assert not [each for each in (PLACE, AREA, CAMERA, RESPONDER, "we sleep") if each in words]


@third_parties
def test_a_mute_of_which_nobody_says_what_it_is_is_taken_for_a_patrols(channel: str) -> None:
    unknown = replace(a_notice(Kind.MUTED), facts={name: value for name, value in PATROL.items() if name != "kind"})
    told = discreet(unknown, third_party=TRAITS[channel].third_party, village=False)
    assert isinstance(told, NoticeTelling)
    assert (dict(told.facts), told.place, told.camera) == ({}, "", "")


@third_parties
def test_of_a_silence_the_chief_reads_who_where_and_why(channel: str) -> None:
    silence = replace(a_notice(Kind.MUTED), facts={**PATROL, "kind": "silence", "reason": "a wedding"})
    told = discreet(silence, third_party=TRAITS[channel].third_party, village=False)
    words = plain(caption(told, SOON))
    assert all(each in words for each in (RESPONDER, "a wedding", CAMERA, PLACE))


@pytest.mark.parametrize("what", ABOUT_RESPONDERS)
@pytest.mark.parametrize("channel", OURS)
def test_on_the_parks_own_page_responders_are_found(what: str, channel: str) -> None:
    assert all(told.place == PLACE for told in tellings(what, channel))


# Villages


@every_channel
@everything
def test_what_a_village_may_read_is_an_area_and_animals(what: str, channel: str) -> None:
    for told in tellings(what, channel, village=True):
        assert (told.answers, told.link, told.photo, told.photo_url, told.camera) == ((), None, None, None, "")
        assert told.place in {AREA, ""}
        if isinstance(told, IncursionTelling):
            assert told.counts.keys() <= {"elephant"}
            assert (told.alarm, told.movement, told.progress, told.possibly_ours) == (None, None, Progress(), False)
        elif isinstance(told, NoticeTelling):
            assert not told.facts


@every_channel
@pytest.mark.parametrize("what", [each for each in WHAT if each.startswith("incursion")])
def test_no_word_of_people_or_of_a_response_reaches_a_village(what: str, channel: str) -> None:
    words = all_words(what, channel, village=True)
    assert not [
        each for each in (PLACE, CAMERA, RESPONDER, "person", "NEED HELP", "OVERDUE", "APPROV") if each in words
    ]


NIGHT = datetime(2026, 3, 5, 3, 40, tzinfo=ZoneInfo("Asia/Bangkok"))
ROUTES: dict[str, tuple[Route, ...]] = {
    "no route": (),
    "by name": (Route("village", people=("headman",)),),
    "by team": (Route("village", teams=("village",)),),
    "as a copy": (Route("village", people=("headman",), goes_on=True),),
    "deep below": (Route("a", children=(Route("b", children=(Route("village", teams=("village",)),)),)),),
    "its own area's team": (),
}
PEOPLE_OF_ALL_KINDS = ["person", "vehicle", "poacher", *(str(kind) for kind in Kind)]


def park(routes: str, channel: str, *, rangers: bool) -> Directory:
    ranger, headman = (
        Person("malee", "ranger", (Reach(channel, "m"),)),
        Person("headman", "villager", (Reach(channel, "h"),)),
    )
    known = {"headman": replace(headman, villager=True)} | ({"malee": ranger} if rangers else {})
    team = "village" if routes == "its own area's team" else "rangers"
    return Directory(
        {"east": Area("east", "East", team, chief="headman")},
        {"rangers": Rota(("malee",)), "village": Rota(("headman", "malee"))},
        known,
        ROUTES[routes],
    )


@pytest.mark.parametrize("kind", PEOPLE_OF_ALL_KINDS)
@every_channel
@pytest.mark.parametrize("routes", ROUTES)
def test_no_alert_about_people_reaches_a_village_by_any_route(routes: str, channel: str, kind: str) -> None:
    for rangers in (True, False):
        for kinds in ({kind}, {kind, "animal"}):
            matter = Matter(frozenset(kinds), "east", CAMERA, NIGHT, 3)
            routed = route(park(routes, channel, rangers=rangers), matter)
            called = [each.person for each in (*routed.first, *routed.reserve)]
            assert called == (["malee"] if rangers else [])


@every_channel
@pytest.mark.parametrize("routes", [each for each in ROUTES if each != "no route"])
def test_an_elephant_does_reach_the_village(routes: str, channel: str) -> None:
    """So the table above can fail."""
    routed = route(park(routes, channel, rangers=True), Matter(frozenset({"animal"}), "east", CAMERA, NIGHT, 1))
    assert "headman" in [each.person for each in routed.first]


def test_what_is_no_telling_is_refused() -> None:
    bare = Telling(
        delivery=1, revision=1, park="Khao Yai", area="", place="", camera="", zone="Asia/Bangkok", language="en"
    )
    with pytest.raises(TypeError, match="a telling of Telling; expected one of an incursion or a notice"):
        discreet(bare, third_party=True, village=False)
