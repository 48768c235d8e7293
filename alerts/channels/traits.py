"""What is known of a channel without its library: for the decision whom to tell by what, and for the pages."""

from dataclasses import dataclass
from datetime import timedelta

from alerts.limits import Limit


@dataclass(frozen=True, slots=True)
class Traits:
    third_party: bool
    """Whether what is sent lies on servers of others, or goes through them readably. Such a message holds no
    coordinate, no responder's name or position."""
    says_delivered: bool
    """Whether the service can say that the phone has it."""
    edits: bool
    """Whether a message that was sent can be changed."""
    hears: bool
    """Whether people can answer on it."""
    groups: bool = False
    """Whether an address may be a group's."""
    group_mark: str | None = None
    """How a group's address begins."""
    rings: bool = False
    """Whether it cannot come without a sound, and so tells nothing that is to be quiet."""
    apart: timedelta = timedelta(0)
    """Between two messages to one address, as far as the service's documented limits ask for it."""
    overall: tuple[Limit, ...] = ()
    """The service's documented limits over all addresses together."""
    in_group: tuple[Limit, ...] = ()
    """To one group, beside `apart`."""
    deletes_within: timedelta | None = None
    """How long after sending the service lets us delete a message; None where it does not."""
