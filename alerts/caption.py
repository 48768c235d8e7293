"""The words of an alert, laid out: few, in short lines, for a phone at 03:40.

What is said stands in said_of_incursion.py and said_of_notice.py, the languages in alerts/locales/. Never a
coordinate: a `Telling` holds none. In a language that no native speaker has reviewed, the English keeps beside it what
must not be misread: the headline, and whether it is late, ours, or over.
"""

import html as markup
from dataclasses import dataclass
from datetime import datetime

from alerts import said_of_incursion, said_of_notice
from alerts.channels.gsm import split
from alerts.delivery import Answer, IncursionTelling, NoticeTelling, Telling
from alerts.one_line import LONGEST, one_line
from alerts.said import Said
from alerts.terms import ANSWERS, noted
from alerts.words import Words

__all__ = ["Caption", "answer_label", "caption", "html", "one_line", "plain", "short", "spoken"]

UNDER_A_PHOTO = 1024
"""UTF-16 units: what Telegram allows, https://core.telegram.org/bots/api#sendphoto. The least of all channels."""
SHORTER = (LONGEST, 60, 30, 16, 8)
"""Letters of any one value: the first that lets the whole fit is taken."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Words without any service's markup."""

    headline: str
    lines: tuple[str, ...]
    link: str | None


def caption(telling: Telling, now: datetime) -> Caption:
    """In the person's language, or English. `now` is the moment of telling: the message will be read later."""
    words = _caption(telling, now, SHORTER[0])
    for longest in SHORTER[1:]:
        if len(plain(words).encode("utf-16-le")) <= 2 * UNDER_A_PHOTO:
            break
        words = _caption(telling, now, longest)
    return words


def short(telling: Telling, now: datetime) -> str:
    """One line for an SMS: what, where, when. Without the link.

    English is added to an unreviewed language where the message, its link with it, takes no more parts for that.
    """
    words = Words(telling.language)
    own = _said(telling, now, words, LONGEST).brief
    if words.reviewed:
        return own
    both = f"{own}. EN: {_said(telling, now, Words('en'), LONGEST).gist}"
    link = f" {telling.link}" if telling.link else ""
    return both if len(split(both + link)) == len(split(own + link)) else own


def spoken(telling: Telling, now: datetime) -> str:
    """To be read aloud, by a voice call or over a radio: sentences, no signs."""
    words = Words(telling.language)
    own = _said(telling, now, words, LONGEST).aloud
    if words.reviewed:
        return _sentences(own)
    return f"{_sentences(own)} {words.say(IN_ENGLISH)} {_sentences(_said(telling, now, Words('en'), LONGEST).aloud)}"


def answer_label(answer: Answer, language: str) -> str:
    """What stands on a button."""
    return Words(language).beside(ANSWERS[answer])


def plain(words: Caption) -> str:
    return "\n".join([words.headline, *words.lines, *([words.link] if words.link else [])])


def html(words: Caption) -> str:
    """As Telegram reads HTML: the headline bold, every value escaped."""
    lines = [f"<b>{markup.escape(words.headline)}</b>", *(markup.escape(line) for line in words.lines)]
    if words.link:
        lines.append(f'<a href="{markup.escape(words.link)}">{markup.escape(words.link)}</a>')
    return "\n".join(lines)


IN_ENGLISH = noted("In English:")


def _caption(telling: Telling, now: datetime, longest: int) -> Caption:
    words = Words(telling.language)
    own = _said(telling, now, words, longest)
    if words.reviewed:
        return Caption(own.headline, own.lines, telling.link)
    english = _said(telling, now, Words("en"), longest)
    return Caption(own.headline, (*own.lines, f"EN: {english.beside}"), telling.link)


def _said(telling: Telling, now: datetime, words: Words, longest: int) -> Said:
    match telling:
        case IncursionTelling():
            return said_of_incursion.said(telling, now, words, longest)
        case NoticeTelling():
            return said_of_notice.said(telling, now, words, longest)
        case _:
            raise TypeError(f"a telling of {type(telling).__name__}; expected one of an incursion or a notice")


def _sentences(said: tuple[str, ...]) -> str:
    return " ".join(f"{sentence}." for sentence in said)
