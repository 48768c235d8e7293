"""The buttons under an alert, and what comes back when one is pressed.

https://core.telegram.org/bots/api#inlinekeyboardbutton: `callback_data` holds 1 to 64 bytes.
"""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from alerts.caption import answer_label
from alerts.delivery import Answer, Telling

IN_A_ROW = 2
"""Labels stay readable on a small phone, in the longer languages too."""
ANSWER = "a"
"""Begins the data of an answer's button."""


def keyboard(telling: Telling) -> InlineKeyboardMarkup | None:
    """None without answers: a message that is edited loses its buttons then."""
    buttons = [
        InlineKeyboardButton(
            answer_label(answer, telling.language), callback_data=f"{ANSWER}:{telling.delivery}:{answer}"
        )
        for answer in telling.answers
    ]
    rows = [buttons[first : first + IN_A_ROW] for first in range(0, len(buttons), IN_A_ROW)]
    return InlineKeyboardMarkup(rows) if rows else None


def pressed(data: str) -> tuple[int, Answer] | None:
    """The delivery's number and the answer; None for what no button of ours says."""
    kind, _, rest = data.partition(":")
    number, _, answer = rest.partition(":")
    if kind != ANSWER or not (number.isascii() and number.isdigit()):
        return None
    try:
        return int(number), Answer(answer)
    except ValueError:  # not an answer, or one of an older version; or a number of thousands of digits
        return None
