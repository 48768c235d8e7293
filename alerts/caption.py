"""The words of an alert: few, in short lines, for a phone at 03:40.

One function per language; English so far. Never a coordinate: a `Telling` holds none.
"""

import html as markup
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.delivery import Answer, IncursionTelling, NoticeTelling, Telling

LONGEST = 120
"""Letters of any one value: six of them and our own words stay below the 1,024 that Telegram allows under a photo."""
KINDS = 4
"""Of labels in one headline."""
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Could turn the rest of a line around."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PLURALS = {"bus": "buses"}
"""Where an 's' does not do."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Words without any service's markup."""

    headline: str
    lines: tuple[str, ...]
    link: str | None


def caption(telling: Telling, now: datetime) -> Caption:
    """In the person's language, or English. `now` is the moment of telling: the message will be read later."""
    language = telling.language.split("-")[0].lower()
    return LANGUAGES.get(language, english)(telling, now)


def short(telling: Telling, now: datetime) -> str:
    """One line for an SMS: what, where, when. Without the link."""
    words = caption(telling, now)
    return f"{words.headline}. {words.lines[0]}"


def spoken(telling: Telling, now: datetime) -> str:
    """To be read aloud, by a voice call or over a radio: sentences, no signs."""
    words = caption(telling, now)
    return ". ".join([words.headline.replace(" · ", ", "), *words.lines]) + "."


def answer_label(answer: Answer, language: str) -> str:  # noqa: ARG001 - English so far
    """What stands on a button."""
    return answer.replace("-", " ").capitalize()


def plain(words: Caption) -> str:
    return "\n".join([words.headline, *words.lines, *([words.link] if words.link else [])])


def html(words: Caption) -> str:
    """As Telegram reads HTML: the headline bold, every value escaped."""
    lines = [f"<b>{markup.escape(words.headline)}</b>", *(markup.escape(line) for line in words.lines)]
    if words.link:
        lines.append(f'<a href="{markup.escape(words.link)}">{markup.escape(words.link)}</a>')
    return "\n".join(lines)


def english(telling: Telling, now: datetime) -> Caption:
    match telling:
        case IncursionTelling():
            return _incursion(telling, now)
        case NoticeTelling():
            return _notice(telling, now)
        case _:
            raise TypeError(f"a telling of {type(telling).__name__}; expected one of an incursion or a notice")


def _notice(telling: NoticeTelling, now: datetime) -> Caption:
    kind = telling.kind.replace("-", " ")
    when = f"since {_length(now - telling.since)}"
    lines = [f"{name}: {value}" for name, value in telling.facts.items()]
    return Caption(f"{kind} · {one_line(telling.place)}", (when, *lines, one_line(telling.park)), telling.link)


def _incursion(telling: IncursionTelling, now: datetime) -> Caption:
    place, area, park = one_line(telling.place), one_line(telling.area), one_line(telling.park)
    seen = sorted(telling.counts.items(), key=lambda each: each[0] != "person")  # people first, the rest as they came
    kinds = [_counted(label, count) for label, count in seen if count]
    what = ", ".join(kinds[:KINDS]) + (" and more" if len(kinds) > KINDS else "") or "something"
    lines = [_when(telling, now)]
    if telling.late:
        lines.insert(0, f"LATE: the news came {_length(now - telling.last_seen)} after it happened")
    cameras = f", {telling.cameras} cameras" if telling.cameras > 1 else ""
    photo = "" if telling.has_photo else ", no photo yet"
    lines.append(f"{telling.score:.0%} sure{cameras}{photo}")
    lines.append(f"{area}, {park}" if area else park)
    lines.append(f"Incursion {telling.incursion}")
    return Caption(f"{what} · {place}", tuple(lines), telling.link)


LANGUAGES: dict[str, Callable[[Telling, datetime], Caption]] = {"en": english}
"""By the first part of a BCP 47 tag."""


def one_line(value: str) -> str:
    """A value that stays in its line, whatever somebody wrote into the park's settings."""
    kept = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in value
        if letter not in OVERRIDES
    )
    kept = " ".join(kept.split(" ")).strip()
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"


def _when(telling: IncursionTelling, now: datetime) -> str:
    zone = ZoneInfo(telling.zone)
    first, last = telling.first_seen.astimezone(zone), telling.last_seen.astimezone(zone)
    when = f"{DAYS[first.weekday()]} {first.day} {MONTHS[first.month - 1]} {first:%H:%M:%S}"
    if last - first >= timedelta(seconds=1):
        day = "" if last.date() == first.date() else f"{DAYS[last.weekday()]} "
        when += f" to {day}{last:%H:%M:%S}"
    # Not 'ago': the line is read minutes later, and must still be true then.
    return f"{when}, told {_length(now - telling.last_seen)} later"


def _counted(label: str, count: int) -> str:
    name = one_line(label)
    return f"{count} {name if count == 1 else PLURALS.get(name, name + 's')}"


def _length(time: timedelta) -> str:
    seconds = max(0, round(time.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} days"
