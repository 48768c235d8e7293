"""The buttons under an alert: https://core.telegram.org/bots/api#inlinekeyboardmarkup."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from alerts.caption import answer_label
from alerts.channels.buttons import Pressed, carried
from alerts.delivery import Telling

IN_A_ROW = 2
"""Labels stay readable on a small phone, in the longer languages too."""


def keyboard(telling: Telling) -> InlineKeyboardMarkup | None:
    """None without answers: a message that is edited loses its buttons then."""
    buttons = [
        InlineKeyboardButton(
            answer_label(answer, telling.language), callback_data=carried(Pressed(telling.delivery, answer))
        )
        for answer in telling.answers
    ]
    rows = [buttons[first : first + IN_A_ROW] for first in range(0, len(buttons), IN_A_ROW)]
    return InlineKeyboardMarkup(rows) if rows else None
