"""What the Bot API's refusals mean for a delivery. Here, and nowhere else, its words become ours.

It documents `error_code` and `parameters` (https://core.telegram.org/bots/api#making-requests and
#responseparameters), and that the contents of `description` may change. The sentences below are those of its server's
source (https://github.com/tdlib/telegram-bot-api), compared without regard to capitals; one that is unknown is
judged by its code alone.
"""

from collections.abc import Awaitable
from typing import TypeVar

from telegram.error import NetworkError, TelegramError, TimedOut

from alerts.channels.telegram_wire import NotTaken
from alerts.errors import Busy, Refused

SAME = ("message is not modified",)
CANNOT_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no media in the message to edit",  # of a server of one's own that is older than the documentation
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
)
GONE = ("message to delete not found",)
CANNOT_DELETE = ("message can't be deleted",)
BAD_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid", "photo_ext_invalid")


T = TypeVar("T")


class Moved(Exception):
    """The group has become a supergroup, with another number."""

    def __init__(self, chat: int) -> None:
        super().__init__(f"the group has become the supergroup {chat}")
        self.chat = chat


class Same(Exception):
    """The message already says exactly this."""


class CannotEdit(Exception):
    """The message is gone, or of a kind that cannot become what it should be."""


class Gone(Exception):
    """There is no such message to delete."""


class BadPhoto(Exception):
    """Telegram does not take this photo; the words it would take."""


async def asked(method: Awaitable[T]) -> T:
    """Raises what `meaning` says in place of the library's errors."""
    try:
        return await method
    except TelegramError as error:
        raise meaning(error) from error


def meaning(error: TelegramError) -> Exception:
    """What to raise instead: one of this module's, Refused or Busy."""
    match error:
        case NotTaken():
            return _answer(error)
        case TimedOut():
            return Busy("Telegram did not answer in time")
        case NetworkError():
            return Busy(f"Telegram cannot be reached ({error})")
        case _:
            return Busy(f"Telegram's answer cannot be read ({error})")


def _answer(answer: NotTaken) -> Exception:
    words = answer.description.lower()
    if answer.migrate_to is not None:
        return Moved(answer.migrate_to)
    if answer.retry_after is not None or answer.code == 429:
        return Busy(f"Telegram: {answer.description}", answer.retry_after)
    if answer.code >= 500:
        return Busy(f"Telegram is in trouble: {answer.description} ({answer.code})")
    if answer.code in {401, 404}:  # a token of the wrong shape is an unknown address: 404
        # Not Refused: what is to be told survives until somebody has mended the settings.
        return Busy(
            f"Telegram does not know the bot ({answer.code} {answer.description}); expected in channels.telegram the"
            " token that BotFather gave, not revoked since"
        )
    if answer.code == 409:  # only ever of getUpdates
        return Busy(
            f"Telegram: {answer.description}; expected one gateway alone to ask for what the bot of channels.telegram"
            " is written, and no webhook"
        )
    if answer.code == 413 or any(sentence in words for sentence in BAD_PHOTO):
        return BadPhoto(answer.description)
    if any(sentence in words for sentence in SAME):
        return Same(answer.description)
    if any(sentence in words for sentence in CANNOT_EDIT):
        return CannotEdit(answer.description)
    if any(sentence in words for sentence in GONE):
        return Gone(answer.description)
    if any(sentence in words for sentence in CANNOT_DELETE):
        return Refused(f"Telegram: {answer.description}; expected a message that the bot sent less than 48 hours ago")
    if "chat not found" in words:
        return Refused(
            "Telegram: chat not found; expected the number of a chat in which somebody has pressed Start, or of a group"
            " that the bot has been added to"
        )
    return Refused(f"Telegram: {answer.description} ({answer.code})")
