"""Fixed words that are looked up by a name, and how words that stand in a table are noted for translation.

The English words are the catalogues' keys (msgids). `python -m alerts.catalogues` brings new ones into the catalogues.
"""

from collections.abc import Mapping

from alerts.delivery import Alarm, Answer, Kind


def noted(msgid: str) -> str:
    """The words as they are, found by the extraction: they are said, in some language, later."""
    return msgid


def noted_count(singular: str, plural: str) -> tuple[str, str]:
    """The same of words that depend on `{count}`."""
    return singular, plural


LABELS: Mapping[str, tuple[str, str]] = {
    "person": noted_count("{count} person", "{count} persons"),
    "vehicle": noted_count("{count} vehicle", "{count} vehicles"),
    "bicycle": noted_count("{count} bicycle", "{count} bicycles"),
    "motorcycle": noted_count("{count} motorcycle", "{count} motorcycles"),
    "car": noted_count("{count} car", "{count} cars"),
    "truck": noted_count("{count} truck", "{count} trucks"),
    "bus": noted_count("{count} bus", "{count} buses"),
    "boat": noted_count("{count} boat", "{count} boats"),
    "animal": noted_count("{count} animal", "{count} animals"),
    "elephant": noted_count("{count} elephant", "{count} elephants"),
    "bear": noted_count("{count} bear", "{count} bears"),
    "cattle": noted_count("{count} head of cattle", "{count} head of cattle"),
    "horse": noted_count("{count} horse", "{count} horses"),
    "sheep": noted_count("{count} sheep", "{count} sheep"),
    "zebra": noted_count("{count} zebra", "{count} zebras"),
    "giraffe": noted_count("{count} giraffe", "{count} giraffes"),
    "dog": noted_count("{count} dog", "{count} dogs"),
    "cat": noted_count("{count} cat", "{count} cats"),
    "bird": noted_count("{count} bird", "{count} birds"),
}
"""What the detectors' cards can name. Any other label is said as it is."""

COMPASS: Mapping[str, str] = {
    "N": noted("N"),
    "NE": noted("NE"),
    "E": noted("E"),
    "SE": noted("SE"),
    "S": noted("S"),
    "SW": noted("SW"),
    "W": noted("W"),
    "NW": noted("NW"),
}

ANSWERS: Mapping[Answer, str] = {
    Answer.SEEN: noted("Seen"),
    Answer.READY: noted("Ready to go"),
    Answer.FALSE_ALARM: noted("False alarm"),
    Answer.OUR_PATROL: noted("Our patrol"),
    Answer.APPROVE: noted("Approve"),
    Answer.ON_THE_WAY: noted("On the way"),
    Answer.IN_PLACE: noted("In place"),
    Answer.CHECK_IN: noted("I am well"),
    Answer.HELP: noted("Need help"),
    Answer.CAUGHT: noted("Caught"),
    Answer.TURNED_BACK: noted("Turned back"),
    Answer.LEFT: noted("Left"),
    Answer.NOTHING_FOUND: noted("Nothing found"),
}

ALARMS: Mapping[Alarm, str] = {
    Alarm.APPROVAL_WANTED: noted("APPROVAL WANTED"),
    Alarm.APPROVED: noted("APPROVED"),
    Alarm.OVERDUE: noted("OVERDUE"),
    Alarm.HELP: noted("NEED HELP"),
    Alarm.UNANSWERED: noted("UNANSWERED"),
}

ALARM_SENTENCES: Mapping[Alarm, str] = {
    Alarm.APPROVAL_WANTED: noted("A party is ready and waits for the officer's word"),
    Alarm.APPROVED: noted("The party may go"),
    Alarm.OVERDUE: noted("A party of ours has missed its check-in. Where it is stands on the signed-in page"),
    Alarm.HELP: noted("A party of ours asks for help. Where it is stands on the signed-in page"),
    Alarm.UNANSWERED: noted("Nobody has answered yet"),
}

NOTICES: Mapping[Kind, str] = {
    Kind.CAMERA_SILENT: noted("Camera silent"),
    Kind.CAMERA_BACK: noted("Camera heard again"),
    Kind.TAMPER: noted("Camera tampered with"),
    Kind.LOW_BATTERY: noted("Battery low"),
    Kind.CANARY: noted("Daily test arrived"),
    Kind.CANARY_MISSING: noted("Daily test missing"),
    Kind.TROUBLE: noted("Alerts in trouble"),
    Kind.MUTED: noted("Alerts muted"),
    Kind.TEST: noted("Test alert"),
}
