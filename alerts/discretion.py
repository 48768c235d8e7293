"""What of an alert may leave for whom: nobody is put in danger by what stands in a chat."""

from dataclasses import replace

from alerts.delivery import Alarm, IncursionTelling, NoticeTelling, Progress, Telling

ABOUT_OURS = frozenset({Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVED})
"""Alarms that are about responders: where they are is on the signed-in page only."""


def discreet(telling: Telling, *, third_party: bool, village: bool) -> Telling:
    """The telling as this reader may have it. No telling ever holds a coordinate.

    On a service of others: not how far the response is, and no place in an alarm about responders. To a village: the
    area alone, no photo, no link, nothing to answer.
    """
    if village:
        telling = replace(
            telling, place=telling.area, camera="", answers=(), link=None, has_photo=False, photo=None, photo_url=None
        )
    if not third_party:
        return telling
    match telling:
        case IncursionTelling():
            said = telling.progress
            progress = Progress(seen=said.seen, ready=said.ready, closed_by=said.closed_by)
            telling = replace(telling, progress=progress)
            if telling.alarm in ABOUT_OURS:
                telling = replace(
                    telling, place="", area="", camera="", movement=None, has_photo=False, photo=None, photo_url=None
                )
            return telling
        case NoticeTelling():
            return telling
        case _:
            raise TypeError(f"a telling of {type(telling).__name__}; expected one of an incursion or a notice")
