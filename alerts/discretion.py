"""What of an alert may leave for whom: nobody is put in danger by what stands in a chat."""

import re
from collections.abc import Mapping
from dataclasses import replace

from alerts.delivery import Alarm, IncursionTelling, Kind, NoticeTelling, Progress, Telling
from alerts.incursion import KIND_OF_LABEL

ABOUT_OURS = frozenset({Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVED})
"""Alarms that are about responders: where they are is on the signed-in page only."""

FACTS: Mapping[Kind, frozenset[str]] = {
    Kind.CAMERA_SILENT: frozenset({"battery_percent", "signal_dbm", "last_photo", "neighbours_silent"}),
    Kind.CAMERA_BACK: frozenset({"silent_for_s"}),
    Kind.TAMPER: frozenset({"cause"}),
    Kind.LOW_BATTERY: frozenset({"battery_percent"}),
    Kind.CANARY: frozenset({"camera"}),
    Kind.CANARY_MISSING: frozenset({"camera", "expected_by"}),
    Kind.TROUBLE: frozenset({"channel", "person", "why"}),
    Kind.MUTED: frozenset({"kind", "until"}),
    Kind.TEST: frozenset({"by"}),
}
"""What of a notice may stand in a third party's chat. What is not here is not told there."""

SILENCES = frozenset({"silence", "maintenance"})
"""Mutes of which all may be told. Any other is a patrol's: who of ours is where."""
OF_A_SILENCE = frozenset({"kind", "until", "by", "reason", "where", "agreed"})

MOMENTS = frozenset({"last_photo", "expected_by", "until"})
"""Facts that are a moment: their microseconds are no coordinate."""

COORDINATES = re.compile(r"(?<![\d.])[-+]?\d{1,3}[.,]\d{3,}(?!\d*\.\d)|\d{1,3} ?°[ \d.°'\"\u2032\u2033NSEW]*")
"""As people copy them from a map, and no address of a network: names of places and reasons are typed by people."""


def discreet(telling: Telling, *, third_party: bool, village: bool) -> Telling:
    """The telling as this reader may have it. No telling ever holds a coordinate.

    On a service of others: not how far the response is, no place in an alarm about responders, and nothing that looks
    like a coordinate in what people typed. To a village: animals, coarsely: the area alone, no people, no photo, no
    link, nothing to answer, nothing of a response.
    """
    match telling:
        case IncursionTelling():
            told = _village_incursion(telling) if village else telling
            return _cleaned(_third_party_incursion(told)) if third_party else told
        case NoticeTelling():
            told = (
                replace(telling, place=telling.area, camera="", facts={}, answers=(), link=None) if village else telling
            )
            return _cleaned(_third_party_notice(told)) if third_party else told
        case _:
            raise TypeError(f"a telling of {type(telling).__name__}; expected one of an incursion or a notice")


def _village_incursion(telling: IncursionTelling) -> IncursionTelling:
    """An incursion of animals that people have joined keeps no trace of them."""
    animals = {label: count for label, count in telling.counts.items() if KIND_OF_LABEL.get(label) == "animal"}
    return replace(
        telling, place=telling.area, camera="", answers=(), link=None, has_photo=False, photo=None, photo_url=None,
        counts=animals, cameras=1, movement=None, possibly_ours=False, alarm=None, progress=Progress(),
    )  # fmt: skip


def _third_party_incursion(telling: IncursionTelling) -> IncursionTelling:
    said = telling.progress
    telling = replace(telling, progress=Progress(seen=said.seen, ready=said.ready, closed_by=said.closed_by))
    if telling.alarm not in ABOUT_OURS:
        return telling
    return replace(telling, place="", area="", camera="", movement=None, has_photo=False, photo=None, photo_url=None)


def _third_party_notice(telling: NoticeTelling) -> NoticeTelling:
    silence = telling.kind is Kind.MUTED and telling.facts.get("kind") in SILENCES
    kept = OF_A_SILENCE if silence else FACTS[telling.kind]
    telling = replace(telling, facts={name: value for name, value in telling.facts.items() if name in kept})
    patrol = telling.kind is Kind.MUTED and not silence
    return replace(telling, place="", area="", camera="") if patrol else telling


def _cleaned(telling: Telling) -> Telling:
    """Without what looks like a coordinate."""
    names = {name: COORDINATES.sub("…", getattr(telling, name)) for name in ("place", "area", "camera", "park")}
    telling = replace(telling, **names)
    if not isinstance(telling, NoticeTelling):
        return telling
    return replace(telling, facts={name: _cleaned_fact(name, value) for name, value in telling.facts.items()})


def _cleaned_fact(name: str, value: str | float) -> str | float:
    return COORDINATES.sub("…", value) if isinstance(value, str) and name not in MOMENTS else value
