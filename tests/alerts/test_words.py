from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.page_words import PageWords, texts
from alerts.reply_words import CAMERAS_SILENT, ReplyWords
from alerts.words import LANGUAGES, Words, catalogue_of

BANGKOK = ZoneInfo("Asia/Bangkok")
NIGHT = datetime(2026, 3, 4, 20, 40, 12, tzinfo=UTC)


def test_a_sentence_is_said_in_its_language() -> None:
    assert Words("th").say("Incursion {number}", number=42) == "เหตุบุกรุก 42"


@pytest.mark.parametrize("tag", ["th", "TH", "th-TH", "th_TH"])
def test_a_language_is_known_however_its_tag_is_written(tag: str) -> None:
    assert Words(tag).language == "th"


def test_what_is_said_is_plain_text_though_its_key_is_an_enums_name() -> None:
    for language in ("en", "th"):
        words = Words(language)
        said = (words.say(ReplyWords.HELP), words.reply(ReplyWords.HELP), words.template(ReplyWords.HELP))
        assert [type(each) for each in said] == [str, str, str]


@pytest.mark.parametrize("tag", ["", "fr", "zh-Hant-TW", "../../etc"])
def test_a_language_without_a_catalogue_is_english(tag: str) -> None:
    assert Words(tag).say("Seen") == "Seen"


def test_a_sentence_that_no_catalogue_has_is_said_in_english() -> None:
    unknown = "Never {heard} of"
    assert Words("th").say(unknown, heard="x") == "Never x of"


@pytest.mark.parametrize(("n", "said"), [(0, "0 cameras"), (1, "1 camera"), (2, "2 cameras")])
def test_english_has_two_forms(n: int, said: str) -> None:
    assert Words("en").count("{count} camera", "{count} cameras", n) == said


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_other_language_of_ours_has_one_form(language: str) -> None:
    words = Words(language)
    one, many = (words.count("{count} camera", "{count} cameras", n) for n in (1, 2))
    assert one.replace("1", "2") == many


def test_a_value_in_braces_is_not_filled_in_again() -> None:
    assert Words("en").say("No camera {camera}.", camera="{number}") == "No camera {number}."


def test_a_value_cannot_begin_a_line_of_its_own() -> None:
    assert Words("th").say("No camera {camera}.", camera="x\ny\u202e") == "ไม่มีกล้อง x y"


def test_a_button_keeps_the_english_beside_it_while_nobody_reviewed_it() -> None:
    assert Words("lo").beside("Seen") == "ເຫັນແລ້ວ · Seen"


def test_a_reply_keeps_the_english_in_a_line_of_its_own() -> None:
    assert Words("ms").reply(ReplyWords.NO_CAMERA, camera="X") == "Tiada kamera X.\nEN: No camera X."


def test_english_keeps_nothing_beside_it() -> None:
    words = Words("en")
    assert (words.beside("Seen"), words.reply("Seen")) == ("Seen", "Seen")


def test_a_reviewed_language_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    words = Words("ms")
    monkeypatch.setattr(words, "reviewed", True)
    assert words.beside("Seen") == "Sudah lihat"


def test_a_catalogue_is_read_once() -> None:
    catalogue_of.cache_clear()
    for _ in range(3):
        Words("th").say("Seen")
    assert catalogue_of.cache_info().misses == 1


def test_a_label_is_counted() -> None:
    assert [Words("en").label("person", n) for n in (1, 2)] == ["1 person", "2 persons"]
    assert Words("th").label("motorcycle", 2) == "มอเตอร์ไซค์ 2 คัน"


def test_a_label_that_no_catalogue_has_is_said_as_it_is() -> None:
    assert [Words("en").label("pangolin", n) for n in (1, 2)] == ["1 pangolin", "2 pangolins"]
    assert Words("th").label("pangolin", 2) == "2 pangolin"


def test_a_heading_has_its_name_and_one_that_is_none_is_said_as_it_is() -> None:
    assert [Words("vi").compass(heading) for heading in ("NW", "NNW")] == ["Tây Bắc", "NNW"]


def test_a_day_has_its_name_and_no_year() -> None:
    assert Words("en").day_and_time(NIGHT, BANGKOK) == "Thu 5 Mar 03:40"
    assert Words("th").day_and_time(NIGHT, BANGKOK) == "พฤ. 5 มี.ค. 03:40"
    assert Words("vi").day_and_time(NIGHT, BANGKOK, seconds=True) == "Th 5, 5 thg 3 03:40:12"


def test_a_day_can_be_spelt_to_be_read_aloud() -> None:
    assert Words("id").day(NIGHT, BANGKOK, spelt=True) == "Kamis 5 Maret"


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(seconds=120), "2 min"),
        (timedelta(minutes=130), "2 h 10 min"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits(time: timedelta, said: str) -> None:
    assert Words("en").length(time) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_length_of_time_can_be_spelt(time: timedelta, said: str) -> None:
    assert Words("en").spelt_length(time) == said


@pytest.mark.parametrize(("score", "said"), [(0.874, "87% sure"), (0.999, "99% sure"), (1.0, "100% sure")])
def test_nothing_is_called_surer_than_it_is(score: float, said: str) -> None:
    assert Words("en").sure(score) == said


def test_a_count_in_a_reply_goes_with_its_names() -> None:
    assert Words("en").count(*CAMERAS_SILENT, 1, names="CAM-1") == "1 camera silent: CAM-1"


def test_the_page_gets_every_word_by_its_name() -> None:
    page = texts("en")
    assert (page["live"], page["answer.seen"], page["day"], page["days"]) == (
        "live", "Seen", "{count} day", "{count} days",
    )  # fmt: skip
    assert {each.name.lower() for each in PageWords} <= page.keys()


def test_the_page_keeps_the_english_beside_what_must_not_be_misread() -> None:
    page = texts("th")
    assert page["answer.seen"] == "เห็นแล้ว · Seen"
    assert page["not_connected"].endswith(" · not connected")
    assert page["live"] == "เชื่อมต่ออยู่"
