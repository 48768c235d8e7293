"""What is said of an incursion."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.delivery import Alarm, IncursionTelling
from alerts.one_line import one_line
from alerts.said import Said
from alerts.terms import ALARM_SENTENCES, ALARMS
from alerts.words import Words

KINDS = 4
"""Of labels in one headline."""
KINDS_IN_BRIEF = 2
LONGEST_IN_BRIEF = 32
"""Letters of a place's or a park's name in an SMS."""
LONGEST_LABEL_IN_BRIEF = 16
ABOUT_OURS = frozenset({Alarm.OVERDUE, Alarm.HELP})
"""Where a party of ours is stands on the signed-in page alone, so these name no place, no area and no movement."""


def said(telling: IncursionTelling, now: datetime, words: Words, longest: int) -> Said:
    """`longest`: letters of any one value."""
    if telling.alarm is not None and telling.alarm in ABOUT_OURS:
        return _of_ours(telling, telling.alarm, now, words, longest)
    zone = ZoneInfo(telling.zone)
    place, area = one_line(telling.place, longest), one_line(telling.area, longest)
    number = words.say("Incursion {number}", number=telling.incursion)
    what = _what(telling, words, longest, KINDS)
    alarm = [words.say(ALARMS[telling.alarm])] if telling.alarm else []
    called = [words.say(ALARM_SENTENCES[telling.alarm])] if telling.alarm else []
    expected = telling.possibly_ours and telling.quiet and not telling.alarm
    begin = [words.say("EXPECTED: our patrol is there")] if expected else alarm
    few = [*begin, *_warnings_in_brief(telling, words), _what(telling, words, LONGEST_LABEL_IN_BRIEF, KINDS_IN_BRIEF)]
    where, when = one_line(telling.place, LONGEST_IN_BRIEF, "..."), words.day_and_time(telling.first_seen, zone)
    return Said(
        headline=_joined(" · ", *begin, what, place),
        lines=(
            *_warnings(telling, now, words),
            *called,
            _when(telling, now, words, zone),
            _how_sure(telling, words),
            *_movement(telling, words),
            *_progress(telling, words),
            _joined(", ", area, one_line(telling.park, longest)),
            number,
        ),
        beside=_joined(" · ", *few, place),
        brief=_joined(", ", *few, where, when),
        gist=", ".join(few),
        aloud=(
            *called,
            _joined(", ", what, place),
            *_warnings(telling, now, words, aloud=True),
            f"{words.day(telling.first_seen, zone, spelt=True)}, {words.clock(telling.first_seen, zone)}",
            *([area] if area else []),
            number,
        ),
    )


def _of_ours(telling: IncursionTelling, alarm: Alarm, now: datetime, words: Words, longest: int) -> Said:
    zone = ZoneInfo(telling.zone)
    park, called = one_line(telling.park, longest), words.say(ALARMS[alarm])
    number = words.say("Incursion {number}", number=telling.incursion)
    sentence = words.say(ALARM_SENTENCES[alarm])
    return Said(
        headline=f"{called} · {number}",
        lines=(sentence, words.day_and_time(now, zone), *_progress(telling, words), park),
        beside=f"{called} · {number}",
        brief=f"{called}, {number}, {one_line(telling.park, LONGEST_IN_BRIEF, '...')}, {words.clock(now, zone)}",
        gist=called,
        aloud=(sentence, number, park, words.clock(now, zone)),
    )


def _joined(between: str, *parts: str) -> str:
    return between.join(part for part in parts if part)


def _what(telling: IncursionTelling, words: Words, longest: int, most: int) -> str:
    seen = sorted(telling.counts.items(), key=lambda each: each[0] != "person")  # people first, the rest as they came
    kinds = [words.label(one_line(label, longest), count) for label, count in seen if count]
    listed = ", ".join(kinds[:most])
    if len(kinds) > most:
        return words.say("{kinds} and more", kinds=listed)
    return listed or words.say("something")


def _warnings(telling: IncursionTelling, now: datetime, words: Words, *, aloud: bool = False) -> tuple[str, ...]:
    warnings: list[str] = []
    if telling.late:
        behind = now - telling.last_seen
        length = words.spelt_length(behind) if aloud else words.length(behind)
        warnings.append(words.say("LATE: the news came {length} after it happened", length=length))
    if telling.possibly_ours and (aloud or not telling.quiet or telling.alarm):
        warnings.append(words.say("Possibly ours: people of ours are expected there"))
    if (outcome := telling.progress.closed_by) is not None:
        warnings.append(words.say("OVER: {outcome}", outcome=small(words.answer(outcome))))
    return tuple(warnings)


def _warnings_in_brief(telling: IncursionTelling, words: Words) -> list[str]:
    outcome = telling.progress.closed_by
    return [
        *([words.say("OVER: {outcome}", outcome=small(words.answer(outcome)))] if outcome else []),
        *([words.say("LATE")] if telling.late else []),
        *([words.say("possibly ours")] if telling.possibly_ours and (not telling.quiet or telling.alarm) else []),
    ]


def _when(telling: IncursionTelling, now: datetime, words: Words, zone: ZoneInfo) -> str:
    first, last = telling.first_seen, telling.last_seen
    when = words.day_and_time(first, zone, seconds=True)
    if last - first >= timedelta(seconds=1):
        same_day = first.astimezone(zone).date() == last.astimezone(zone).date()
        end = words.clock(last, zone, seconds=True) if same_day else words.day_and_time(last, zone, seconds=True)
        when = words.say("{start} to {end}", start=when, end=end)
    # Not 'ago': the line is read minutes later, and must still be true then.
    return words.say("{when}, told {length} later", when=when, length=words.length(now - last))


def _how_sure(telling: IncursionTelling, words: Words) -> str:
    said = [words.sure(telling.score)]
    if telling.cameras > 1:
        said.append(words.count("{count} camera", "{count} cameras", telling.cameras))
    if not telling.has_photo:
        said.append(words.say("no photo yet"))
    return ", ".join(said)


def _movement(telling: IncursionTelling, words: Words) -> list[str]:
    if telling.movement is None:
        return []
    heading, speed = words.compass(telling.movement.heading), round(telling.movement.km_h)
    if speed < 1:
        return [words.say("heading {compass}", compass=heading)]
    return [words.say("heading {compass}, {speed} km/h", compass=heading, speed=speed)]


def _progress(telling: IncursionTelling, words: Words) -> list[str]:
    """How many, never who: a third party's chat may show it."""
    progress = telling.progress
    said = [
        *([words.say("seen by {count}", count=progress.seen)] if progress.seen else []),
        *([words.say("{count} ready", count=progress.ready)] if progress.ready else []),
        *([words.say("approved")] if progress.approved else []),
        *([small(words.answer(progress.stage))] if progress.stage and not progress.closed_by else []),
    ]
    return [" · ".join(said)] if said else []


def small(answer: str) -> str:
    """A button's word inside a line: 'on the way'."""
    return answer[:1].lower() + answer[1:]
