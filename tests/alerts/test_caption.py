import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from alerts.caption import Caption, answer_label, caption, html, one_line, plain, short, spoken
from alerts.channels.gsm import split
from alerts.delivery import Alarm, Answer, Kind, Movement, Progress, Telling
from alerts.words import LANGUAGES
from tests.alerts.tellings import SEEN, notice, telling

SOON = SEEN + timedelta(seconds=4)
OURS = [Alarm.HELP, Alarm.OVERDUE]
TRANSLATED = LANGUAGES[1:]


def test_it_says_what_where_when_how_sure_and_which_incursion_in_short_lines() -> None:
    assert plain(caption(telling(), SOON)).splitlines() == [
        "2 persons · North gate",
        "Thu 5 Mar 03:40:12, told 4 s later",
        "87% sure",
        "Khlong E-Thao, Khao Yai",
        "Incursion 42",
    ]


def test_the_time_is_in_the_parks_zone() -> None:
    assert "Wed 4 Mar 15:40:12" in plain(caption(telling(zone="America/Lima"), SOON))


def test_one_is_singular_and_several_kinds_are_all_named() -> None:
    assert caption(telling(counts={"person": 1, "motorcycle": 2, "bus": 2}), SOON).headline == (
        "1 person, 2 motorcycles, 2 buses · North gate"
    )


def test_people_are_named_first_and_many_kinds_are_not_all_named() -> None:
    counts = {"car": 1, "dog": 1, "bus": 1, "truck": 1, "person": 3}
    assert caption(telling(counts=counts), SOON).headline == "3 persons, 1 car, 1 dog, 1 bus and more · North gate"


def test_a_longer_visit_says_from_when_to_when() -> None:
    grown = telling(last_seen=SEEN + timedelta(minutes=4, seconds=38), cameras=2)
    words = plain(caption(grown, SEEN + timedelta(minutes=5)))
    assert "03:40:12 to 03:44:50, told 22 s later" in words
    assert "87% sure, 2 cameras" in words


def test_a_visit_over_midnight_names_both_days() -> None:
    late_evening = SEEN - timedelta(hours=4)
    words = plain(caption(telling(first_seen=late_evening, last_seen=SEEN), SOON))
    assert "Wed 4 Mar 23:40:12 to Thu 5 Mar 03:40:12" in words


def test_late_news_says_so_before_anything_but_the_headline() -> None:
    words = caption(telling(late=True), SEEN + timedelta(hours=2, minutes=10))
    assert words.lines[0] == "LATE: the news came 2 h 10 min after it happened"


def test_without_a_photo_it_says_that_there_is_none_yet() -> None:
    assert "87% sure, no photo yet" in caption(telling(has_photo=False, photo=None), SOON).lines


def test_a_photo_in_the_store_is_not_called_missing_where_its_bytes_are_not_carried() -> None:
    assert "no photo" not in plain(caption(telling(has_photo=True, photo=None), SOON))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h 0 min"), (60 * 3600 * 4, "10 days")],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits(seconds: int, words: str) -> None:
    assert f"told {words} later" in plain(caption(telling(), SEEN + timedelta(seconds=seconds)))


def test_a_clock_that_runs_ahead_never_makes_it_told_before_it_happened() -> None:
    assert "told 0 s later" in plain(caption(telling(), SEEN - timedelta(seconds=30)))


def test_an_unknown_language_is_told_in_english() -> None:
    assert caption(telling(language="fr-FR"), SOON) == caption(telling(language="en"), SOON)


def test_markup_in_any_value_is_escaped_in_html() -> None:
    hostile = telling(
        place="<b>&", area='"><a href="x">', park="<i>", counts={"<u>person": 2}, link="https://x/?a=1&b=2"
    )
    words = html(caption(hostile, SOON))
    assert re.findall(r"<[^>]*>", words) == ["<b>", "</b>", '<a href="https://x/?a=1&amp;b=2">', "</a>"]


def test_a_value_cannot_begin_a_line_of_its_own() -> None:
    words = plain(caption(telling(place="North gate\nLATE: run\u2028now"), SOON))
    assert words.splitlines()[0] == "2 persons · North gate LATE: run now"


def test_a_value_cannot_turn_a_line_around() -> None:
    assert one_line("gate\u202eetag") == "gateetag"


@pytest.mark.parametrize(
    "name",
    ["ประตูเหนือ", "ច្រក\u200bខាងជើង", "ປະຕູທາງເໜືອ", "မြောက်ဘက်\u200bတံခါး", "Cổng phía Bắc", "क्\u200dष"],
    ids=["Thai", "Khmer", "Lao", "Burmese", "Vietnamese", "joiner"],
)
def test_a_name_in_any_script_stays_as_it_is(name: str) -> None:
    assert one_line(name) == name


def test_a_long_value_is_cut_with_a_mark() -> None:
    assert one_line("x" * 121) == "x" * 119 + "…"


def test_plain_words_end_with_the_link() -> None:
    assert plain(Caption("what", ("when",), "https://x")) == "what\nwhen\nhttps://x"


def test_a_cut_never_parts_a_vowel_mark_from_its_letter() -> None:
    assert one_line("กกกกกกำ" + "ก" + "\u0e35" + "กกกก", 9) == "กกกกกกำ…"


# --- What else is known of an incursion.


def test_where_they_go_is_a_compass_point_and_a_whole_speed() -> None:
    assert "heading NE, 4 km/h" in caption(telling(movement=Movement("NE", 4.2)), SOON).lines


def test_a_speed_below_half_a_kilometre_an_hour_is_left_out() -> None:
    assert "heading NE" in caption(telling(movement=Movement("NE", 0.4)), SOON).lines


def test_progress_is_told_in_counts() -> None:
    progress = Progress(seen=2, ready=1, approved=True, stage=Answer.ON_THE_WAY)
    assert "seen by 2 · 1 ready · approved · on the way" in caption(telling(progress=progress), SOON).lines


def test_without_any_progress_there_is_no_line_for_it() -> None:
    assert len(caption(telling(progress=Progress()), SOON).lines) == 4


def test_an_incursion_that_is_over_says_so_and_how_right_under_the_headline() -> None:
    over = telling(progress=Progress(seen=2, stage=Answer.CAUGHT, closed_by=Answer.CAUGHT))
    assert caption(over, SOON).lines[0] == "OVER: caught"
    assert plain(caption(over, SOON)).count("caught") == 1


def test_where_our_own_are_expected_it_says_so() -> None:
    words = caption(telling(possibly_ours=True), SOON)
    assert words.lines[0] == "Possibly ours: people of ours are expected there"
    assert words.headline == "2 persons · North gate"


def test_a_quiet_one_where_our_own_are_expected_begins_with_that() -> None:
    words = caption(telling(possibly_ours=True, quiet=True), SOON)
    assert words.headline == "EXPECTED: our patrol is there · 2 persons · North gate"


def test_a_quiet_hour_alone_does_not_make_them_expected() -> None:
    assert caption(telling(quiet=True), SOON).headline == "2 persons · North gate"


@pytest.mark.parametrize(
    ("alarm", "headline"),
    [
        (Alarm.APPROVAL_WANTED, "APPROVAL WANTED · 2 persons · North gate"),
        (Alarm.APPROVED, "APPROVED · 2 persons · North gate"),
        (Alarm.UNANSWERED, "UNANSWERED · 2 persons · North gate"),
        (Alarm.OVERDUE, "OVERDUE · Incursion 42"),
        (Alarm.HELP, "NEED HELP · Incursion 42"),
    ],
)
def test_an_alarm_comes_first(alarm: Alarm, headline: str) -> None:
    assert caption(telling(alarm=alarm, possibly_ours=True, quiet=True), SOON).headline == headline


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", OURS)
def test_no_alarm_of_our_own_says_where_they_are(alarm: Alarm, language: str) -> None:
    ours = telling(alarm=alarm, language=language, movement=Movement("NE", 4.0))
    for said in (plain(caption(ours, SOON)), short(ours, SOON), spoken(ours, SOON)):
        assert "42" in said
        assert not re.search(r"North gate|Khlong E-Thao|CAM-12|\bNE\b", said)


# --- Notices.


def test_a_silent_camera_is_told_with_what_is_known() -> None:
    facts = {
        "battery_percent": 12.4,
        "signal_dbm": -105.0,
        "last_photo": "2026-03-04T20:31:00+00:00",
        "neighbours_silent": 2.0,
    }
    assert plain(caption(notice(facts=facts), SEEN + timedelta(hours=3, minutes=10))).splitlines() == [
        "Camera silent · North gate",
        "nothing heard since Thu 5 Mar 03:40, for 3 h 10 min",
        "battery 12%, signal -105 dBm",
        "last photo Thu 5 Mar 03:31",
        "2 neighbours are silent too",
        "CAM-12 · Khlong E-Thao, Khao Yai",
    ]


def test_no_silent_neighbour_is_said_as_good_news() -> None:
    assert "its neighbours are heard" in caption(notice(facts={"neighbours_silent": 0}), SOON).lines


@pytest.mark.parametrize(
    ("kind", "facts", "lines"),
    [
        (Kind.CAMERA_BACK, {"silent_for_s": 11_400.0}, ["was silent for 3 h 10 min"]),
        (Kind.TAMPER, {"cause": "its box was opened"}, ["since Thu 5 Mar 03:40", "cause: its box was opened"]),
        (Kind.LOW_BATTERY, {"battery_percent": 8.0}, ["battery 8%", "since Thu 5 Mar 03:40"]),
        (Kind.CANARY, {"camera": "CAM-3"}, ["The daily test of CAM-3 came the whole way", "since Thu 5 Mar 03:40"]),
        (
            Kind.CANARY_MISSING,
            {"expected_by": "2026-03-04T23:00:00+00:00"},
            ["The daily test of CAM-12 has not come", "expected by Thu 5 Mar 06:00"],
        ),
        (
            Kind.TROUBLE,
            {"channel": "telegram", "person": "Malee", "why": "blocked the bot"},
            ["since Thu 5 Mar 03:40", "channel: telegram", "does not reach: Malee", "reason: blocked the bot"],
        ),
        (
            Kind.MUTED,
            {"by": "Malee", "until": "2026-03-04T23:00:00+00:00", "reason": "camera work"},
            ["muted by Malee", "until Thu 5 Mar 06:00", "reason: camera work"],
        ),
        (
            Kind.TEST,
            {"by": "Malee"},
            ["Malee tries whether alerts reach you", "This is only a test. Nothing has happened"],
        ),
    ],
)
def test_each_kind_of_notice_tells_its_facts(kind: Kind, facts: dict[str, str | float], lines: list[str]) -> None:
    words = caption(notice(kind=kind, facts=facts), SOON)
    assert list(words.lines) == [*lines, "CAM-12 · Khlong E-Thao, Khao Yai"]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_of_which_nothing_more_is_known_can_be_told(kind: Kind, language: str) -> None:
    words = caption(notice(kind=kind, facts={}, language=language), SOON)
    assert words.headline
    assert all(words.lines)


def test_a_fact_that_the_kind_does_not_have_is_still_said() -> None:
    assert "colour: blue" in caption(notice(kind=Kind.TEST, facts={"colour": "blue"}), SOON).lines


def test_a_moment_that_is_none_is_said_as_it_was_given() -> None:
    assert "until tomorrow" in caption(notice(kind=Kind.MUTED, facts={"until": "tomorrow"}), SOON).lines


def test_a_notice_about_no_place_says_none() -> None:
    nowhere = notice(kind=Kind.TROUBLE, place="", camera="", area="", facts={})
    assert plain(caption(nowhere, SOON)).splitlines() == ["Alerts in trouble", "since Thu 5 Mar 03:40", "Khao Yai"]


def test_a_fact_cannot_begin_a_line_of_its_own() -> None:
    words = caption(notice(kind=Kind.MUTED, facts={"reason": "rain\nNEED HELP", "odd\nname": "a\nb"}), SOON)
    assert not any("\n" in line for line in words.lines)


# --- Languages.


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_that_nobody_reviewed_keeps_one_english_line_under_its_own(language: str) -> None:
    words = caption(telling(language=language), SOON)
    assert words.headline != "2 persons · North gate"
    assert words.lines[-1] == "EN: 2 persons · North gate"
    assert sum(line.startswith("EN: ") for line in words.lines) == 1


def test_the_english_line_keeps_what_must_not_be_misread() -> None:
    late = telling(language="th", late=True, possibly_ours=True, alarm=Alarm.UNANSWERED)
    line = caption(late, SEEN + timedelta(minutes=40)).lines[-1]
    assert line == "EN: UNANSWERED · LATE · possibly ours · 2 persons · North gate"


def test_english_needs_nothing_beside_it() -> None:
    assert "EN:" not in plain(caption(telling(), SOON))


def test_a_language_may_come_with_its_country() -> None:
    assert caption(telling(language="km-KH"), SOON) == caption(telling(language="km"), SOON)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_places_and_the_hour_are_the_same_in_every_language(language: str) -> None:
    words = plain(caption(telling(language=language), SOON))
    for part in ("2 ", "North gate", "03:40:12", "87%", "Khlong E-Thao", "42"):
        assert part in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_digit_is_one_that_everybody_reads(language: str) -> None:
    words = plain(caption(telling(language=language, cameras=3, movement=Movement("SW", 5.0)), SOON))
    assert all(letter in "0123456789" for letter in words if letter.isdigit())


def test_no_year_is_told_since_calendars_count_it_differently() -> None:
    for language in LANGUAGES:
        assert not re.search(r"2026|2569", plain(caption(telling(language=language), SOON)))


def test_a_button_keeps_the_english_beside_it() -> None:
    assert answer_label(Answer.SEEN, "lo") == "ເຫັນແລ້ວ · Seen"


def test_a_button_in_english_is_one_word_for_one_thing() -> None:
    assert [answer_label(answer, "en") for answer in (Answer.READY, Answer.CHECK_IN)] == ["Ready to go", "I am well"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_buttons_read_the_same(language: str) -> None:
    assert len({answer_label(answer, language) for answer in Answer}) == len(Answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_is_short_enough_for_line_and_whatsapp_at_least_without_its_english(language: str) -> None:
    # https://developers.line.biz/en/reference/messaging-api/#postback-action: 20 letters, and WhatsApp's buttons too.
    labels = [answer_label(answer, language).partition(" · ")[0] for answer in Answer]
    assert [label for label in labels if len(label) > 20] == []


LONG = "ក" * 500
KINDS = {letter * 32: 10**9 for letter in "abcdefghijklmnop"}
LONGEST_LINK = "https://" + "x" * 192
WORST = telling(
    place=LONG, area=LONG, park=LONG, late=True, possibly_ours=True, cameras=50, counts=KINDS, has_photo=False,
    last_seen=SEEN + timedelta(days=1), movement=Movement("NE", 40.0), link=LONGEST_LINK,
    progress=Progress(9999, 9999, approved=True, stage=Answer.NOTHING_FOUND, closed_by=Answer.OUR_PATROL),
)  # fmt: skip
FACTS = (
    "battery_percent", "signal_dbm", "last_photo", "neighbours_silent", "cause", "camera", "expected_by",
    "channel", "person", "why", "by", "until", "reason", "silent_for_s", "and", "many", "more", "of", "them",
)  # fmt: skip


def worst() -> list[Telling]:
    sad = notice(place=LONG, area=LONG, park=LONG, camera=LONG, link=LONGEST_LINK, facts=dict.fromkeys(FACTS, LONG))
    return [
        *(replace(WORST, alarm=alarm, quiet=quiet) for alarm, quiet in product([None, *Alarm], [True, False])),
        *(replace(sad, kind=kind) for kind in Kind),
    ]


@pytest.mark.parametrize("letter", ["ក", "🦌"], ids=["of one unit", "of two units"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_values_together_still_fit_under_a_photo(language: str, letter: str) -> None:
    for each in worst():
        name = letter * 500
        words = caption(replace(each, language=language, place=name, area=name, park=name), SEEN + timedelta(days=9))
        assert len(plain(words).encode("utf-16-le")) // 2 <= 1024


def test_values_are_cut_no_further_than_needed() -> None:
    assert "ก" * 119 + "…" in plain(caption(telling(place="ก" * 500), SOON))


def test_the_documentation_shows_what_an_alert_really_says() -> None:
    shown = telling(
        language="th", movement=Movement("NE", 4.2), cameras=2,
        progress=Progress(seen=2, ready=1, approved=True, stage=Answer.ON_THE_WAY),
    )  # fmt: skip
    text = (Path(__file__).parents[2] / "docs" / "words.md").read_text(encoding="utf-8")
    assert f"```\n{plain(caption(shown, SOON))}\n```" in text


# --- Short, for an SMS.


def parts_of(text: str) -> int:
    return len(split(text))


def test_an_sms_says_what_where_and_when_in_one_line() -> None:
    assert short(telling(), SOON) == "2 persons, North gate, Thu 5 Mar 03:40"


def test_an_sms_says_when_news_are_late_ours_or_over() -> None:
    words = short(telling(late=True, possibly_ours=True, progress=Progress(closed_by=Answer.LEFT)), SOON)
    assert words == "OVER: left, LATE, possibly ours, 2 persons, North gate, Thu 5 Mar 03:40"


def test_an_sms_of_an_alarm_begins_with_it() -> None:
    assert short(telling(alarm=Alarm.HELP), SOON) == "NEED HELP, Incursion 42, Khao Yai, 03:40"


def test_an_sms_of_a_notice_says_what_where_and_since_when() -> None:
    assert short(notice(), SOON) == "Camera silent, North gate, Thu 5 Mar 03:40"


@pytest.mark.parametrize("language", ["en", "ms", "id"])
def test_an_sms_in_latin_letters_is_one_part_with_its_link(language: str) -> None:
    for alarm in [None, *Alarm]:
        words = short(telling(alarm=alarm, late=True, language=language), SOON)
        assert parts_of(f"{words} https://park.example.org/a/Xk3d9") == 1


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("link", [None, "https://park.example.org/a/Xk3d9"])
def test_english_in_an_sms_costs_no_further_part(language: str, link: str | None) -> None:
    for alarm in [None, *Alarm]:
        words = short(telling(alarm=alarm, language=language, link=link), SOON)
        end = f" {link}" if link else ""
        assert parts_of(words + end) == parts_of(words.split(". EN: ")[0] + end)


def test_where_there_is_room_an_sms_keeps_the_english() -> None:
    assert short(telling(language="ms"), SOON) == "2 orang, North gate, Kha, 5 Mac 03:40. EN: 2 persons"


def test_the_longest_values_make_an_sms_of_a_few_parts_only() -> None:
    for language, each in product(LANGUAGES, worst()):
        assert parts_of(short(replace(each, language=language, link=None), SOON)) <= 4


# --- Spoken.


def test_what_is_read_aloud_is_sentences_without_signs() -> None:
    assert spoken(telling(), SOON) == ("2 persons, North gate. Thursday 5 March, 03:40. Khlong E-Thao. Incursion 42.")


def test_what_is_read_aloud_spells_a_length_of_time() -> None:
    words = spoken(telling(late=True), SEEN + timedelta(hours=1, minutes=1))
    assert "LATE: the news came 1 hour 1 minute after it happened." in words


def test_an_alarm_is_read_aloud_as_a_sentence() -> None:
    assert spoken(telling(alarm=Alarm.HELP), SOON).startswith("A party of ours asks for help. ")


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_read_aloud_is_said_again_in_english_while_nobody_reviewed_the_language(language: str) -> None:
    assert spoken(telling(language=language), SOON).endswith(spoken(telling(), SOON))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_read_aloud_is_a_sign(language: str) -> None:
    for alarm in [None, *Alarm]:
        assert not set(spoken(telling(language=language, alarm=alarm), SOON)) & set("·/#_*<>")
