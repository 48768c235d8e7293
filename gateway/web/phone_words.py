"""What the phone page says, in its person's language, with the English beside what must not be misread."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from alerts.delivery import Alarm, Answer, Movement
from alerts.one_line import one_line
from alerts.page_words import PageWords, texts
from alerts.reply_words import ReplyWords
from alerts.terms import ALARM_SENTENCES, ALARMS, ANSWERS
from alerts.words import Words

KINDS = 3
"""Of labels in a headline."""
# As alerts/said_of_incursion.py says them: the catalogues have them from there.
MOVING, HEADING, SOMETHING, MORE = (
    "heading {compass}, {speed} km/h",
    "heading {compass}",
    "something",
    "{kinds} and more",
)
CAMERAS = ("{count} camera", "{count} cameras")
DAYS = ("{count} day", "{count} days")


class Own:
    """One reader's words: a language, the park's zone, and now."""

    def __init__(self, language: str, zone: ZoneInfo, now: datetime) -> None:
        self._words = Words(language)
        self._english = Words("en")
        self._zone = zone
        self._now = now
        self.language = self._words.language
        self.reviewed = self._words.reviewed

    def texts(self) -> dict[str, str]:
        """For the page's script."""
        return texts(self.language)

    def line(self, name: str, **values: str | float) -> str:
        """Words of the page by their name, 'SEEN_BY_YOU'."""
        return self._words.say(PageWords[name], **values)

    def both(self, name: str, **values: str | float) -> Markup:
        """The same with the English below, where nobody has reviewed the language."""
        return self._both(PageWords[name], PageWords[name], values, values)

    def answer(self, answer: Answer) -> str:
        return self._words.answer(answer)

    def button(self, answer: Answer) -> Markup:
        return self._both(ANSWERS[answer], ANSWERS[answer], {}, {})

    def state_of(self, name: str, answer: Answer) -> str:
        """'Ready to go: sending', by 'SENDING' or 'WAITS'; the English in a second line, as a script sets it."""
        own = self._words.say(PageWords[name], answer=self._words.answer(answer))
        return own if self.reviewed else f"{own}\n{self._english.say(PageWords[name], answer=ANSWERS[answer])}"

    def over(self, outcome: Answer) -> Markup:
        return self._both(
            PageWords.OVER, PageWords.OVER, {"outcome": self._words.answer(outcome)}, {"outcome": ANSWERS[outcome]}
        )

    def alarm(self, alarm: Alarm) -> Markup:
        return self._both(ALARMS[alarm], ALARMS[alarm], {}, {})

    def alarm_sentence(self, alarm: Alarm) -> Markup:
        return self._both(ALARM_SENTENCES[alarm], ALARM_SENTENCES[alarm], {}, {})

    def reply(self, name: str, **values: str | float) -> Markup:
        return self._both(ReplyWords[name], ReplyWords[name], values, values)

    def counts(self, counts: Mapping[str, Any]) -> str:
        """'2 persons, 1 motorcycle': people first, then by number."""
        order = sorted(counts.items(), key=lambda each: (each[0] != "person", -int(each[1]), each[0]))
        kinds = [self._words.label(one_line(label), int(number)) for label, number in order if number]
        listed = ", ".join(kinds[:KINDS]) or self._words.say(SOMETHING)
        return self._words.say(MORE, kinds=listed) if len(kinds) > KINDS else listed

    def sure(self, score: float) -> str:
        return self._words.sure(score)

    def cameras(self, number: int) -> str:
        return self._words.count(*CAMERAS, number)

    def movement(self, movement: Movement) -> str:
        heading, speed = self._words.compass(movement.heading), round(movement.km_h)
        if speed < 1:
            return self._words.say(HEADING, compass=heading)
        return self._words.say(MOVING, compass=heading, speed=speed)

    def clock(self, moment: datetime) -> str:
        return self._words.clock(moment, self._zone)

    def day(self, moment: datetime) -> str:
        """Of another day than today, else nothing."""
        if moment.astimezone(self._zone).date() == self._now.astimezone(self._zone).date():
            return ""
        return self._words.day(moment, self._zone)

    def length(self, passed: timedelta) -> str:
        """As the page's ago.js counts it on: '59 s', '1 min', '2 h 10 min', '3 days'."""
        seconds = max(0, int(passed.total_seconds()))
        if seconds < 60:
            return self.line("SECONDS", count=seconds)
        if seconds < 3600:
            return self.line("MINUTES", count=seconds // 60)
        hours, minutes = divmod(seconds // 60, 60)
        if hours >= 24:
            return self._words.count(*DAYS, hours // 24)
        return self.line("HOURS_MINUTES", hours=hours, minutes=minutes) if minutes else self.line("HOURS", count=hours)

    def ago(self, moment: datetime) -> str:
        return self.line("AGO", length=self.length(self._now - moment))

    def _both(self, own: str, english: str, values: dict[str, Any], in_english: dict[str, Any]) -> Markup:
        said = Markup('<span class="own">{}</span>').format(self._words.say(own, **values))
        if self.reviewed:
            return said
        beside = Markup(' <span class="en" lang="en">{}</span>').format(self._english.say(english, **in_english))
        return said + beside
