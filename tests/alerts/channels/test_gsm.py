import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.gsm import BASIC, EXTENDED, Alphabet, alphabet, fitted, split

LINK = "https://sambar.example.org/a/42"
THAI = "พบ 2 คน ที่ประตูเหนือ คลองอีเฒ่า เวลา 03:40 น. "
GREEK_AND_SIGNS = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"

sms_texts = st.text(st.sampled_from(sorted(BASIC | EXTENDED | set("·…ก็្មြ😀𝒳é"))), max_size=400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 persons - North gate", Alphabet.GSM7),
        (GREEK_AND_SIGNS, Alphabet.GSM7),
        ("[~] {a|b} ^ \\ €", Alphabet.GSM7),
        ("2 persons · North gate", Alphabet.UCS2),
        ("ประตู", Alphabet.UCS2),
        ("Cổng phía Bắc", Alphabet.UCS2),
        ("a`b", Alphabet.UCS2),
        ("ç", Alphabet.UCS2),  # only the capital stands in the table
    ],
    ids=["plain", "whole table", "extension", "middle dot", "Thai", "Vietnamese", "backtick", "small c cedilla"],
)
def test_the_alphabet_is_the_smallest_that_has_every_letter(text: str, expected: Alphabet) -> None:
    assert alphabet(text) is expected


def test_the_basic_table_has_its_127_letters_and_the_extension_its_ten() -> None:
    assert (len(BASIC), len(EXTENDED), BASIC & EXTENDED) == (127, 10, frozenset())  # the 128th is the escape


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("€" * 152, 2),  # 76 of two septets in each part of 153
        ("€" * 153, 3),
        ("ก" * 70, 1),
        ("ก" * 71, 2),
        ("ก" * 134, 2),
        ("ก" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),  # 33 pairs in each part of 67
        ("😀" * 67, 3),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(text: str, parts: int) -> None:
    assert len(split(text)) == parts


@given(sms_texts)
def test_the_parts_are_the_whole_text_and_each_fits(text: str) -> None:
    parts = split(text)
    letters = alphabet(text)
    most = letters.alone if len(parts) == 1 else letters.joined
    assert "".join(parts) == text
    assert all(sum(map(letters.cost, part)) <= most for part in parts)


@given(sms_texts, st.integers(1, 4), st.sampled_from([None, LINK]))
def test_what_is_fitted_never_takes_more_parts_and_never_loses_its_link(
    text: str, most_parts: int, link: str | None
) -> None:
    whole = fitted(text, link, most_parts)
    assert len(split(whole)) <= most_parts
    assert whole.endswith(link or "")


def test_what_fits_is_left_as_it_is() -> None:
    assert fitted("2 persons, North gate", LINK, 2) == f"2 persons, North gate {LINK}"


def test_a_sign_that_would_halve_the_room_is_replaced_by_a_plain_one() -> None:
    assert fitted("2 persons · North gate \u2013 \u2018now\u2019", LINK, 2) == f"2 persons - North gate - 'now' {LINK}"


def test_signs_stay_where_another_letter_needs_ucs2_anyhow() -> None:
    assert fitted("2 คน · ประตู", LINK, 2) == f"2 คน · ประตู {LINK}"


def test_words_that_are_too_many_lose_their_end() -> None:
    whole = fitted("word " * 80, LINK, 1)
    assert whole == "word " * 24 + "word... " + LINK
    assert len(whole) == 159


def test_a_language_of_its_own_script_loses_its_end_sooner() -> None:
    whole = fitted(THAI * 10, LINK, 2)
    assert len(split(whole)) == 2
    assert whole.startswith(THAI)
    assert whole.endswith(f"… {LINK}")


@pytest.mark.parametrize(
    "script", ["កម្ពុជា", "မြန်မာ", "ที่นี่", "👩\u200d🚒👩\u200d🚒"], ids=["Khmer", "Burmese", "Thai", "joined"]
)
@pytest.mark.parametrize("padding", range(8))
def test_a_cut_never_tears_a_letter_from_its_marks(script: str, padding: int) -> None:
    words = "x" * padding + script * 40
    kept = fitted(words, LINK, 2).removesuffix(f"… {LINK}")
    assert words.startswith(kept)
    assert kept[-1] not in "\u17d2\u1039\u200d"
    assert words[len(kept)] not in "\u200d\u17d2\u1039"
    assert not unicodedata.category(words[len(kept)]).startswith("M")


def test_a_link_that_is_too_long_alone_goes_alone() -> None:
    link = "https://sambar.example.org/" + "a" * 200
    assert fitted("2 persons", link, 1) == link
