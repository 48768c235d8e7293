"""What comes back from people and services, whatever the channel."""

from dataclasses import dataclass
from datetime import datetime

from alerts.delivery import Answer


class Forged(Exception):
    """A request to a webhook that the service did not sign: one sentence, free of secrets."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A button, a word, or a service's receipt. Exactly one of `answer`, `text` and `delivered` is set."""

    channel: str
    sender: str
    """Who, as park.toml would have it in that person's address. Of a receipt: to whom the message went."""
    chat: str
    """Where: the same as `sender`, or a group's address."""
    at: datetime
    """By the service's clock where it says, else when it was heard."""
    answer: Answer | None = None
    delivery: int | None = None
    """With `answer`: the delivery whose button it was."""
    text: str | None = None
    """As written: a command, perhaps."""
    delivered: str | None = None
    """The message id of what the phone shows now, by the service's word. Never 'seen': that is a human act."""
    token: str | None = None
    """By which the service knows what it is answered to (a callback's id, a reply token)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What whoever was heard is told at once."""

    text: str
    photo: bytes | None = None
    """JPEG, for the command that asks for one."""
