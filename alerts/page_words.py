"""The fixed words of the phone page, by the names that its templates and scripts use.

`texts(language)` is what the page's script gets: it fills in the braces itself. What is the same in an alert (counts,
labels, answers) comes from the catalogues by `Words`, as there.
"""

from enum import StrEnum

from alerts.delivery import Answer
from alerts.terms import ANSWERS, noted
from alerts.words import Words


class PageWords(StrEnum):
    """The English of each, with its values in braces."""

    TITLE = noted("Sambar alerts")
    CONNECTING = noted("connecting")
    LIVE = noted("live")
    NOT_CONNECTED = noted("not connected")
    NOT_CONNECTED_SINCE = noted("not connected since {clock} ({length})")
    GATEWAY_HEARD = noted("gateway last heard {clock}")
    SOUND_OFF = noted("Sound is off. Tap to hear new alerts")
    PUSH_OFFER = noted("Get alerts when this page is closed")
    PUSH_FAILED = noted("This phone did not allow alerts. Tap to try again")
    SIGN_OUT = noted("Sign out on this phone")
    NO_ALERT = noted("No alert has come for you yet. Leave this page open; it shows the next one by itself.")
    PHOTO_COMES = noted("The photo is on its way")
    NO_PHOTO = noted("No photo has come")
    SENDING = noted("{answer}: sending")
    WAITS = noted("{answer}: goes when connected")
    SEEN_BY_YOU = noted("Seen by you at {clock}")
    LATE = noted("Late: this happened {length} before it was heard of")
    AGO = noted("{length} ago")
    INCURSION = noted("Incursion {number}")
    POSSIBLY_OURS = noted("Possibly ours: people of ours are expected there")
    EXPECTED = noted("EXPECTED: our patrol is there")
    OVER = noted("OVER: {outcome}")
    APPROVED = noted("approved")
    SEEN_BY = noted("seen by {count}")
    READY = noted("{count} ready")
    WHO_GOES = noted("Who goes")
    WAIT_FOR_OFFICER = noted("Wait for the officer")
    CHECK_IN_BEFORE = noted("Say that you are well before {clock}")
    CHECK_IN_MISSED = noted("Check-in missed")
    HELP_CALLED = noted("Help is called")
    NOTE = noted("Note")
    ADD_PHOTO = noted("Add a photo")
    SEND = noted("Send")
    CANCEL = noted("Cancel")
    SURE = noted("Are you sure?")
    TODAY = noted("Today")
    YESTERDAY = noted("Yesterday")
    DECIDED = noted("decided")
    SENT = noted("sent")
    ACCEPTED = noted("accepted")
    DELIVERED = noted("delivered")
    WAS_SEEN = noted("seen")
    ANSWERED = noted("answered")
    NOT_YET = noted("not yet")
    UNKNOWN = noted("unknown")
    NEVER = noted("never")
    SECONDS = noted("{count} s")
    MINUTES = noted("{count} min")
    HOURS = noted("{count} h")
    HOURS_MINUTES = noted("{hours} h {minutes} min")
    SHOWN_IN_ENGLISH = noted("Nobody has reviewed these words yet, so the English stays beside them")


BESIDE = frozenset({
    PageWords.SOUND_OFF,
    PageWords.PUSH_OFFER,
    PageWords.PUSH_FAILED,
    PageWords.SIGN_OUT,
    PageWords.NO_ALERT,
    PageWords.SENDING,
    PageWords.WAITS,
    PageWords.NOT_CONNECTED,
    PageWords.EXPECTED,
    PageWords.POSSIBLY_OURS,
    PageWords.OVER,
    PageWords.LATE,
    PageWords.HELP_CALLED,
    PageWords.CHECK_IN_MISSED,
    PageWords.SURE,
})  # fmt: skip
"""What must not be misread: it keeps the English beside it while the language is unreviewed."""


def texts(language: str) -> dict[str, str]:
    """Name in small letters → words, braces still in them: 'live', 'day', 'days', 'answer.seen', …"""
    words = Words(language)
    day, days = words.template_count("{count} day", "{count} days")
    return {
        **{each.name.lower(): words.template(each, beside=each in BESIDE) for each in PageWords},
        **{f"answer.{each}": words.template(ANSWERS[each], beside=True) for each in Answer},
        "day": day,
        "days": days,
    }
