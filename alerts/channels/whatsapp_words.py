"""An alert in WhatsApp's words: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages."""

import re
from datetime import datetime
from typing import Any

from pywa.types.callback import Button

from alerts.caption import caption
from alerts.channels.buttons import Pressed, carried, fitting, title
from alerts.delivery import Answer, Telling

MOST_UNDER_PHOTO = 1_024
"""Letters of an image's caption, of the body above buttons, and of a template's body once it is filled in."""
MOST_PARAMETER = 400
"""Two of them and the template's own words stay below `MOST_UNDER_PHOTO`."""
BUTTONS = 3
"""#interactive-reply-buttons-messages; their titles have 20 letters."""
JOINER = "\u2060"
"""Invisible, and neither a space nor a sign: beside it, a mark is no markup."""
MARKS = re.compile(r"[*_~`]+|^[>-](?= )")
"""https://faq.whatsapp.com/539178204879377: bold, italic, struck out, monospaced; a quote, a list."""


def free_words(telling: Telling, now: datetime) -> str:
    words = caption(telling, now)
    link = f"\n{words.link}" if words.link else ""  # never escaped: it has to stay one
    lines = "\n".join(escaped(line) for line in (words.headline, *words.lines))
    return f"{fitting(lines, max(1, MOST_UNDER_PHOTO - len(link)))}{link}"


def parameters(telling: Telling, now: datetime) -> tuple[str, str]:
    """The template's {{1}}, the headline, and {{2}}, all the rest: in one line each, as Meta demands."""
    words = caption(telling, now)
    link = f" · {words.link}" if words.link else ""
    rest = fitting(" · ".join(escaped(_one_line(line)) for line in words.lines), MOST_PARAMETER)
    return fitting(escaped(_one_line(words.headline)), MOST_PARAMETER), f"{rest}{link}"


def components(telling: Telling, now: datetime, photo: str | None, answers: tuple[Answer, ...]) -> list[dict[str, Any]]:
    """The template's filling. `photo`: its media id; `answers`: what the template's own buttons mean."""
    made: list[dict[str, Any]] = []
    if photo is not None:
        made.append({"type": "header", "parameters": [{"type": "image", "image": {"id": photo}}]})
    texts = [{"type": "text", "text": text} for text in parameters(telling, now)]
    made.append({"type": "body", "parameters": texts})
    made.extend(
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(place),
            "parameters": [{"type": "payload", "payload": carried(Pressed(telling.delivery, answer))}],
        }
        for place, answer in enumerate(answers)
    )
    return made


def buttons(telling: Telling) -> list[Button]:
    """Of the first three answers: the others are on the page behind the link."""
    return [
        Button(title(answer, telling.language), carried(Pressed(telling.delivery, answer)))
        for answer in telling.answers[:BUTTONS]
    ]


def escaped(line: str) -> str:
    """So that it shows as it is, whatever marks it holds."""
    return MARKS.sub(lambda found: f"{JOINER}{JOINER.join(found.group())}{JOINER}", line)


def _one_line(words: str) -> str:
    return " ".join(words.split())
