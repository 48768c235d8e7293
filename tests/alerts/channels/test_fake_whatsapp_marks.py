import pytest

from alerts.channels.fake_whatsapp_marks import shown_text
from alerts.channels.whatsapp_words import escaped


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a *bold* gate", "a bold gate"),
        ("_all of it_", "all of it"),
        ("~gone~, and `code`", "gone, and code"),
        ("```tt```", "tt"),
        ("2*3*4", "2*3*4"),
        ("a * b * c", "a * b * c"),
        ("*over\nlines*", "*over\nlines*"),
        ("> quoted", "quoted"),
        ("- listed", "listed"),
    ],
)
def test_marks_take_effect_as_whatsapp_documents(sent: str, shown: str) -> None:
    assert shown_text(sent) == shown


@pytest.mark.parametrize(
    "words",
    ["a *bold* gate", "_all_ ~of~ `it`", "```tt```", "> quoted", "- listed", "* listed", "**", "(*a*)", "*_~`a`~_*"],
)
def test_words_that_were_escaped_show_as_they_are(words: str) -> None:
    assert shown_text(escaped(words)) == words
