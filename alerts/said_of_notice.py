"""What is said of all that is no incursion: cameras, the daily test, troubles, mutes.

The facts that each kind may have. A moment is a text as `datetime.isoformat` writes it, with its offset.

| kind | facts |
|---|---|
| CAMERA_SILENT | battery_percent (0 to 100), signal_dbm, last_photo (a moment), neighbours_silent (how many) |
| CAMERA_BACK | silent_for_s |
| TAMPER | cause |
| LOW_BATTERY | battery_percent |
| CANARY | camera (a name; else the telling's) |
| CANARY_MISSING | camera, expected_by (a moment) |
| TROUBLE | channel, person (to whom it failed), why |
| MUTED | by, until (a moment), reason |
| TEST | by |

All may be missing. A fact that the kind does not have is said as 'name: value' rather than dropped.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.delivery import Kind, NoticeTelling
from alerts.one_line import one_line
from alerts.said import Said
from alerts.terms import NOTICES, noted
from alerts.words import Words

LONGEST_IN_BRIEF = 32
"""Letters of a place's name in an SMS."""
MOST_UNKNOWN = 4
"""Facts that no kind has, in one message."""


def said(telling: NoticeTelling, now: datetime, words: Words, longest: int) -> Said:
    """`longest`: letters of any one value."""
    zone = ZoneInfo(telling.zone)
    title = words.say(NOTICES[telling.kind])
    facts = _Facts(telling, words, zone, longest)
    lines = facts.lines(now)
    where = telling.place or telling.camera
    foot = " · ".join(part for part in (
        one_line(telling.camera, longest),
        ", ".join(one_line(name, longest) for name in (telling.area, telling.park) if name),
    ) if part)  # fmt: skip
    headline = " · ".join(part for part in (title, one_line(where, longest)) if part)
    since = words.day_and_time(telling.since, zone)
    return Said(
        headline=headline,
        lines=(*lines, *([foot] if foot else [])),
        beside=headline,
        brief=", ".join(part for part in (title, one_line(where, LONGEST_IN_BRIEF, "..."), since) if part),
        gist=title,
        aloud=(headline.replace(" · ", ", "), *lines),
    )


class _Facts:
    """Hands each fact out once; what is left over at the end is said as it is."""

    def __init__(self, telling: NoticeTelling, words: Words, zone: ZoneInfo, longest: int) -> None:
        self._telling, self._words, self._zone, self._longest = telling, words, zone, longest
        self._left = dict(telling.facts)

    def lines(self, now: datetime) -> tuple[str, ...]:
        match self._telling.kind:
            case Kind.CAMERA_SILENT:
                known = self._silent(now)
            case Kind.CAMERA_BACK:
                known = self._back()
            case Kind.TAMPER:
                known = [self._since(), *self._text("cause", noted("cause: {cause}"))]
            case Kind.LOW_BATTERY:
                known = [*self._battery(), self._since()]
            case Kind.CANARY:
                known = [self._of_camera(noted("The daily test of {camera} came the whole way")), self._since()]
            case Kind.CANARY_MISSING:
                known = [
                    self._of_camera(noted("The daily test of {camera} has not come")),
                    *self._moment("expected_by", noted("expected by {expected_by}")),
                ]
            case Kind.TROUBLE:
                known = self._trouble()
            case Kind.MUTED:
                known = [
                    *self._text("by", noted("muted by {by}")),
                    *self._moment("until", noted("until {until}")),
                    *self._text("reason", noted("reason: {reason}")),
                ]
            case Kind.TEST:
                known = [
                    *self._text("by", noted("{by} tries whether alerts reach you")),
                    self._words.say("This is only a test. Nothing has happened"),
                ]
        left = [f"{name}: {value}" for name, value in list(self._left.items())[:MOST_UNKNOWN]]
        return (*known, *(one_line(each, self._longest) for each in left))

    def _silent(self, now: datetime) -> list[str]:
        since, length = self._when(self._telling.since), self._words.length(now - self._telling.since)
        state = [*self._battery(), *self._number("signal_dbm", noted("signal {signal_dbm} dBm"))]
        return [
            self._words.say("nothing heard since {when}, for {length}", when=since, length=length),
            *([", ".join(state)] if state else []),
            *self._moment("last_photo", noted("last photo {last_photo}")),
            *self._neighbours(),
        ]

    def _neighbours(self) -> list[str]:
        silent = self._left.get("neighbours_silent")
        if not isinstance(silent, (int, float)):
            return []
        del self._left["neighbours_silent"]
        if silent < 1:
            return [self._words.say("its neighbours are heard")]
        return [self._words.count("{count} neighbour is silent too", "{count} neighbours are silent too", int(silent))]

    def _back(self) -> list[str]:
        seconds = self._left.get("silent_for_s")
        if not isinstance(seconds, (int, float)):
            return [self._since()]
        del self._left["silent_for_s"]
        return [self._words.say("was silent for {length}", length=self._words.length(timedelta(seconds=seconds)))]

    def _trouble(self) -> list[str]:
        return [
            self._since(),
            *self._text("channel", noted("channel: {channel}")),
            *self._text("person", noted("does not reach: {person}")),
            *self._text("why", noted("reason: {why}")),
        ]

    def _battery(self) -> list[str]:
        return self._number("battery_percent", noted("battery {battery_percent}%"))

    def _since(self) -> str:
        return self._words.say("since {when}", when=self._when(self._telling.since))

    def _of_camera(self, sentence: str) -> str:
        name = str(self._left.pop("camera", "") or self._telling.camera)
        return self._words.say(sentence, camera=one_line(name, self._longest))

    def _text(self, name: str, sentence: str) -> list[str]:
        value = one_line(str(self._left.pop(name, "")), self._longest)
        return [self._words.say(sentence, **{name: value})] if value else []

    def _number(self, name: str, sentence: str) -> list[str]:
        value = self._left.get(name)
        if not isinstance(value, (int, float)):
            return []
        del self._left[name]
        return [self._words.say(sentence, **{name: round(value)})]

    def _moment(self, name: str, sentence: str) -> list[str]:
        """A text that is no moment is said as it is."""
        value = str(self._left.pop(name, ""))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            when = one_line(value, self._longest)
        else:
            when = self._when(moment.replace(tzinfo=moment.tzinfo or self._zone))
        return [self._words.say(sentence, **{name: when})] if when else []

    def _when(self, moment: datetime) -> str:
        return self._words.day_and_time(moment, self._zone)
