"""LINE, by an official account: https://developers.line.biz/en/docs/messaging-api/.

How a park sets one up is in docs/channels/line.md.
"""

import re
from collections import OrderedDict
from contextlib import suppress
from datetime import timedelta

import structlog
from linebot.v3.messaging import Message

from alerts import Clock
from alerts.channels.line_answers import BadPhoto, UsedUp
from alerts.channels.line_messages import messages, public_photo, retry_key
from alerts.channels.line_settings import LineSettings
from alerts.channels.line_wire import Line, Patience
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, Refused

ADDRESS = re.compile(r"[UCR][0-9a-f]{32}")
"""A user's, a group's or a room's id: https://developers.line.biz/en/docs/messaging-api/getting-user-ids/."""
MOST_PHOTO = 1_000_000
"""Bytes of a preview, which is the same photo: https://developers.line.biz/en/reference/messaging-api/#image-message."""
USED_UP_PAUSE = timedelta(hours=1)
"""A larger plan may be bought at any hour; asking costs nothing."""
HELD_BACK_PAUSE = timedelta(minutes=1)
REMEMBERED = 200
"""Requests without an answer yet."""


class LineChannel:
    """Sends to a person who has added the official account, or to a group that it is in. LINE edits nothing.

    Each request has a retry key made of what it tells: one whose answer was lost is not told twice, even when the
    gateway was killed in between. LINE also takes messages to those who have blocked the account, and drops them:
    so after each the person's profile is asked for, and one who cannot be reached is Refused.
    """

    name = "line"
    carries_photo = False
    """LINE's apps fetch it at `Telling.photo_url`."""

    def __init__(self, settings: LineSettings, clock: Clock | None = None, patience: Patience | None = None) -> None:
        self._clock = clock or SystemClock()
        self._line = Line(settings, patience)
        self._unanswered: OrderedDict[str, list[Message]] = OrderedDict()
        """Retry key → what was sent under it: a retry has to be the same request."""
        self._log = structlog.get_logger().bind(channel=self.name)

    def check(self) -> str:
        """The account's name. Raises Busy. For the start."""
        return self._line.name()

    def tell(self, telling: Telling, address: str) -> Accepted:
        if not ADDRESS.fullmatch(address):
            raise Refused(
                f"address: {address!r:.60}; expected the id of a LINE user, group or room: U, C or R and 32 hex digits"
            )
        photo = self._photo(telling)
        try:
            message_id = self._pushed(telling, address, photo)
        except BadPhoto as bad:
            self._log.warning("the photo is not taken: the words go alone", why=str(bad))
            photo = None
            message_id = self._pushed(telling, address, photo)
        self._look_for(address)
        return Accepted(message_id, with_photo=photo is not None)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - LINE cannot
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - LINE cannot
        raise Refused("LINE lets no official account delete what it has sent; the photo itself is ours to take away")

    def close(self) -> None:
        self._line.close()

    def _photo(self, telling: Telling) -> str | None:
        if telling.photo is not None and len(telling.photo) > MOST_PHOTO:
            self._log.warning("the photo is too large for LINE: the words go alone", bytes=len(telling.photo))
            return None
        url = public_photo(telling)
        if url is None and telling.has_photo:
            self._log.warning("the photo has no https address: the words go alone", delivery=telling.delivery)
        return url

    def _pushed(self, telling: Telling, address: str, photo: str | None) -> str:
        key = retry_key(telling, address, photo)
        made = self._unanswered.get(key) or messages(telling, self._clock.now(), photo)
        self._unanswered[key] = made
        while len(self._unanswered) > REMEMBERED:
            self._unanswered.popitem(last=False)
        try:
            message_id = self._line.push(address, made, quiet=telling.quiet, key=key)
        except UsedUp:
            raise self._used_up() from None
        except (BadPhoto, Refused):
            del self._unanswered[key]
            raise
        del self._unanswered[key]
        return message_id

    def _used_up(self) -> Busy:
        """LINE holds messages back while another is under way, so that the quota seems used up for a moment."""
        with suppress(Busy, Refused, UsedUp):
            quota = self._line.quota()
            if quota.limit is None or quota.used < quota.limit:
                return Busy(
                    f"LINE holds back what is left of this month's messages ({quota.used} of {quota.limit} used)",
                    HELD_BACK_PAUSE,
                )
        return Busy(
            "LINE: this month's messages are used up; channels.line: the official account needs a larger plan",
            USED_UP_PAUSE,
        )

    def _look_for(self, address: str) -> None:
        """Raises Refused when LINE took a message only to drop it."""
        if not address.startswith("U"):
            return
        try:
            reached = self._line.reaches(address)
        except (Busy, Refused, UsedUp) as unknown:  # the message was taken: this alone is no failure
            self._log.info("whether the person can be reached is unknown", why=str(unknown))
            return
        if not reached:
            raise Refused("LINE: the person has blocked the official account, or is not its friend: nothing is shown")
