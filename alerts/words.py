"""What we say, in the language of whoever reads it: sentences, counts, times, from the catalogues in alerts/locales/.

    words = Words("th")
    words.say("Incursion {number}", number=42)
    words.count("{count} camera", "{count} cameras", 2)

The English sentence is the key. A language without a catalogue is told in English. A catalogue that no native speaker
has reviewed (its header X-Reviewed-By is empty) keeps the English beside it: `beside` and `reply` do so themselves, and
alerts/caption.py adds a line.
"""

import gettext
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton

from alerts.delivery import Answer
from alerts.one_line import unbroken
from alerts.terms import ANSWERS, COMPASS, LABELS

LOCALES = Path(__file__).with_name("locales")
DOMAIN = "sambar"
LANGUAGES = ("en", "th", "km", "lo", "vi", "ms", "id", "my")


class Words:
    """One language. Cheap to make: its catalogue is read once per process."""

    __slots__ = ("_catalogue", "_locale", "language", "reviewed")

    def __init__(self, language: str) -> None:
        """`language` is a BCP 47 tag, 'th' or 'th-TH'."""
        first = language.replace("_", "-").split("-")[0].lower()
        self.language = first if first in LANGUAGES else "en"
        self._catalogue = catalogue_of(self.language)
        self._locale = Locale(self.language)
        self.reviewed = self.language == "en" or bool(self._catalogue.info().get("x-reviewed-by", ""))
        """Whether it can stand alone, without the English beside it."""

    def say(self, msgid: str, /, **values: str | float) -> str:
        """The sentence with its values, which cannot break out of the line."""
        return _filled(self._catalogue.gettext(msgid), values)

    def count(self, singular: str, plural: str, n: int, /, **values: str | float) -> str:
        """The form that goes with `n`, which is also the value of `{count}`."""
        return _filled(self._catalogue.ngettext(singular, plural, n), {"count": n, **values})

    def beside(self, msgid: str, /, **values: str | float) -> str:
        """For a button or a mark: 'เห็นแล้ว · Seen' while nobody has reviewed the language."""
        return self._both(msgid, " · ", values)

    def reply(self, msgid: str, /, **values: str | float) -> str:
        """For a sentence of its own: the English in a second line while nobody has reviewed the language."""
        return self._both(msgid, "\nEN: ", values)

    def template(self, msgid: str, *, beside: bool = False) -> str:
        """The sentence with its braces still in it, for a script that fills them in; or as `beside` says it."""
        own = str(self._catalogue.gettext(msgid))  # as `_filled`
        return own if self.reviewed or not beside else f"{own} · {msgid}"

    def template_count(self, singular: str, plural: str) -> tuple[str, str]:
        """The forms for one and for several. None of our languages has a third."""
        return self._catalogue.ngettext(singular, plural, 1), self._catalogue.ngettext(singular, plural, 2)

    def answer(self, answer: Answer) -> str:
        return self.say(ANSWERS[answer])

    def label(self, label: str, n: int) -> str:
        """'2 persons'. A label that no catalogue has is said as it is."""
        if forms := LABELS.get(label):
            return self.count(*forms, n)
        return f"{n} {unbroken(label)}{'s' if self.language == 'en' and n != 1 else ''}"

    def compass(self, heading: str) -> str:
        """`heading` is 'N', 'NE', …; any other is said as it is."""
        return self.say(COMPASS[heading]) if heading in COMPASS else unbroken(heading)

    def percent(self, share: float) -> str:
        """Rounded down: nobody should read 100% where the detector did not say so. `share` is 0 to 1."""
        return f"{int(share * 100 + 1e-9)}%"

    def sure(self, score: float) -> str:
        """'87% sure'. `score` is 0 to 1."""
        return self.say("{percent} sure", percent=self.percent(score))

    def day(self, moment: datetime, zone: tzinfo, *, spelt: bool = False) -> str:
        """'Thu 5 Mar'; `spelt` for 'Thursday 5 March'. Never a year: Thai and English count them differently."""
        local = moment.astimezone(zone)
        if spelt:
            return format_date(local, "EEEE d MMMM", locale=self._locale)
        if self.language == "en":
            return format_date(local, "EEE d MMM", locale=self._locale)
        return format_skeleton("MMMEd", local, locale=self._locale)

    def clock(self, moment: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
        """'03:40', the same in every language: as it stands in the photo, and with digits everybody reads."""
        return f"{moment.astimezone(zone):{'%H:%M:%S' if seconds else '%H:%M'}}"

    def day_and_time(self, moment: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
        """'Thu 5 Mar 03:40'."""
        return f"{self.day(moment, zone)} {self.clock(moment, zone, seconds=seconds)}"

    def length(self, time: timedelta) -> str:
        """'12 s', '4 min', '2 h 10 min', '3 days'. A negative one is said as 0.

        The words are ours: Babel's units lack Khmer hours and Burmese seconds.
        """
        seconds = max(0, round(time.total_seconds()))
        if seconds < 120:
            return self.say("{count} s", count=seconds)
        minutes = seconds // 60
        if minutes < 120:
            return self.say("{count} min", count=minutes)
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            return self.say("{hours} h {minutes} min", hours=hours, minutes=minutes)
        return self.count("{count} day", "{count} days", hours // 24)

    def spelt_length(self, time: timedelta) -> str:
        """The same to be read aloud: '2 hours 10 minutes'."""
        seconds = max(0, round(time.total_seconds()))
        if seconds < 120:
            return self.count("{count} second", "{count} seconds", seconds)
        hours, minutes = divmod(seconds // 60, 60)
        if hours >= 48:
            return self.count("{count} day", "{count} days", hours // 24)
        whole = self.count("{count} hour", "{count} hours", hours)
        rest = self.count("{count} minute", "{count} minutes", minutes)
        return f"{whole} {rest}" if hours else rest

    def _both(self, msgid: str, between: str, values: dict[str, str | float]) -> str:
        own = self.say(msgid, **values)
        return own if self.reviewed else f"{own}{between}{Words('en').say(msgid, **values)}"


@lru_cache(maxsize=len(LANGUAGES))
def catalogue_of(language: str) -> gettext.NullTranslations:
    """Raises OSError when a language of ours has no compiled catalogue: the installation is broken."""
    if language == "en":
        return gettext.NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def _filled(sentence: str, values: dict[str, str | float]) -> str:
    plain = str(sentence)  # of an enum's name, which libraries of services do not take for a text
    return plain.format(**{name: unbroken(value) if isinstance(value, str) else value
                           for name, value in values.items()})  # fmt: skip
