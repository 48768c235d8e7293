"""Buttons under a message, for services that hand back a string once somebody has pressed one."""

from dataclasses import dataclass

from alerts.caption import answer_label
from alerts.delivery import Answer

MARK = "sambar"
"""Before what is ours: a service may carry buttons of others to us."""


MOST_TITLE = 20
"""LINE's and WhatsApp's limit."""


@dataclass(frozen=True, slots=True)
class Pressed:
    delivery: int
    answer: Answer


def carried(pressed: Pressed) -> str:
    """The string that the button carries: short, and without anything secret."""
    return f"{MARK}:{pressed.delivery}:{pressed.answer}"


def pressed(data: str) -> Pressed | None:
    """What `carried` made `data` of; None when it was not made there."""
    mark, _, rest = data.partition(":")
    number, _, word = rest.partition(":")
    if mark != MARK or not (number.isascii() and number.isdigit() and len(number) <= 18):  # 18: an SQL integer
        return None
    try:
        return Pressed(int(number), Answer(word))
    except ValueError:
        return None


def title(answer: Answer, language: str) -> str:
    """The button's word in at most `MOST_TITLE` letters: without the English beside it where both are too long."""
    label = answer_label(answer, language)
    if _length(label) > MOST_TITLE:
        label = label.partition(" · ")[0]
    return fitting(label, MOST_TITLE)


def fitting(words: str, most: int) -> str:
    """`words`, cut to at most `most` letters as services count them: UTF-16 code units."""
    if _length(words) <= most:
        return words
    while words and _length(words) >= most:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _length(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2
