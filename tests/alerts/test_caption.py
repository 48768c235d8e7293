import re
from datetime import timedelta

import pytest

from alerts.caption import Caption, caption, html, one_line, plain
from tests.alerts.tellings import SEEN, telling

SOON = SEEN + timedelta(seconds=4)


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
    assert "Wed 4 Mar 23:40:12 to Thu 03:40:12" in words


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
    assert caption(telling(language="km-KH"), SOON) == caption(telling(language="en"), SOON)


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


def test_the_longest_values_together_still_fit_under_a_photo() -> None:
    long = "ก" * 500
    kinds = {letter * 32: 10**9 for letter in "abcdefghijklmnop"}
    words = caption(telling(place=long, area=long, park=long, late=True, cameras=50, counts=kinds), SOON)
    assert len(plain(words)) <= 1024


def test_a_long_value_is_cut_with_a_mark() -> None:
    assert one_line("x" * 121) == "x" * 119 + "…"


def test_plain_words_end_with_the_link() -> None:
    assert plain(Caption("what", ("when",), "https://x")) == "what\nwhen\nhttps://x"
