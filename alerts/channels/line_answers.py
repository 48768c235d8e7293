"""What the Messaging API's refusals mean for a delivery. Here, and nowhere else, its words become ours.

Status codes: https://developers.line.biz/en/reference/messaging-api/#status-codes, the words of `message`:
https://developers.line.biz/en/reference/messaging-api/#error-messages.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from alerts.errors import Busy, ChannelError, Refused

NO_SUCH = ("failed to send messages", "the property, 'to', in the request body is invalid")
"""https://developers.line.biz/en/faq/tags/message/: a user id of another provider is one that does not exist."""
USED_UP = "you have reached your monthly limit"
IN_A_PHOTO = re.compile(r"\b(originalContentUrl|previewImageUrl)\b")


class BadPhoto(Exception):
    """LINE does not take this photo's address; the words it would take."""


class UsedUp(Exception):
    """429 by the month's quota. It may be held back only while another message is being delivered:
    https://developers.line.biz/en/faq/tags/line-official-account/.
    """


@dataclass(slots=True)
class NotTaken(Exception):
    """The answer to a request that LINE did not carry out."""

    status: int
    words: str
    """`message` and each `details[].property: details[].message`."""
    retry_after: timedelta | None
    accepted: str | None = None
    """Of 409: the id of the message, or of the request, that was accepted before."""


def meaning(answer: NotTaken) -> Exception:
    """What to raise instead: one of this module's, Refused or Busy."""
    words = answer.words.lower()
    if answer.status == 429:
        return UsedUp() if USED_UP in words else Busy("LINE: too many requests (429)", answer.retry_after)
    if answer.status >= 500:
        return Busy(f"LINE is in trouble ({answer.status})", answer.retry_after)
    if answer.status == 400 and any(sentence in words for sentence in NO_SUCH):
        return Refused(
            "LINE knows no such user or group (400); expected an id that LINE has sent to this channel's webhook, of"
            " somebody who has added the official account, or of a group that it is in"
        )
    if answer.status == 400 and IN_A_PHOTO.search(answer.words):
        return BadPhoto(answer.words)
    return _of_the_account(answer) or Refused(f"LINE: {answer.words} ({answer.status})")


def _of_the_account(answer: NotTaken) -> ChannelError | None:
    """Busy: what waits must survive until somebody has mended the settings or the account."""
    if answer.status == 401:
        return Busy(
            "LINE does not know the channel access token (401); expected in channels.line the one that the LINE"
            " Developers Console shows, not reissued since"
        )
    if answer.status == 403:
        return Busy(f"LINE: {answer.words} (403); channels.line: look at the official account's plan and rights")
    return None
