"""Sentences with which a person in a chat is answered: said by `Words.reply`."""

from enum import StrEnum

from alerts.terms import noted, noted_count


class ReplyWords(StrEnum):
    """The English of each, with its values in braces."""

    SEEN = noted("Seen. Thank you.")
    READY = noted("You are down as ready. Wait for the officer.")
    MORE_WANTED = noted("{ready} of {party} ready. Nobody goes alone: wait for the others.")
    APPROVED = noted("The party is approved. Say when you are on the way.")
    NOT_APPROVED = noted("The party is not approved yet. Wait for the officer.")
    NOTED = noted("Noted: {answer}.")
    CHECKED_IN = noted("Good that you are well. Say so again before {time}.")
    HELP_CALLED = noted("Everybody who can help is told. Stay where you are safe.")
    STRANGER = noted("Only people of this park can answer here.")
    NOT_ALLOWED = noted("You may not do that.")
    OVER = noted("This incursion is over: {outcome}.")
    SOMEBODY_QUICKER = noted("Somebody was quicker: {answer}.")
    PHOTO_ASKED = noted("Photo of {camera} asked for. It comes when the camera answers.")
    NO_PHOTO = noted("No photo of {camera} has come.")
    NO_CAMERA = noted("No camera {camera}.")
    NO_INCURSION = noted("No incursion yet.")
    NOT_KNOWN = noted("Not known: {word}. Try: status, last, photo CAM, silence CAM 2h reason, help.")
    HELP = noted(
        "You can write: status, last, photo CAM, silence CAM 2h reason, patrol CAM 06:00, maintenance CAM 2h, agree 1,"
        " lift 1, help."
    )
    SECOND_WANTED = noted("Alerts of {camera} wait for a second person: ask one to write: agree {number}")
    QUIET = noted("Quiet until {time}: {reason}.")
    NOT_QUIET = noted("Nothing is muted.")
    ALL_HEARD = noted("All cameras are heard.")


CAMERAS_SILENT = noted_count("{count} camera silent: {names}", "{count} cameras silent: {names}")
"""For `Words.count(*CAMERAS_SILENT, n, names=…)`."""
PERSONS_READY = noted_count("{count} person ready", "{count} persons ready")
