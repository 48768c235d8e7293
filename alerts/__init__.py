"""What an incursion and an alert are, and how they reach a person. Knows no database and no web server."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from alerts.delivery import Accepted, Delivery, Telling
from alerts.heard import Heard, Reply
from alerts.limits import Resting

NOBODY_RESTS = Resting()


class Clock(Protocol):
    """Where `now` comes from; read once per pass and handed down."""

    def now(self) -> datetime:
        """In UTC."""
        ...


class Channel(Protocol):
    """One way to reach a person. May be called from one thread at a time."""

    name: str
    """As it stands in park.toml and in the ledger."""
    carries_photo: bool
    """Whether it uses the photo's bytes; a channel that does not is spared their making."""

    def tell(self, telling: Telling, address: str) -> Accepted:
        """Send a new message. Returns once the service has accepted it. Raises Refused or Busy."""
        ...

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:
        """Make the message that `earlier` names say `telling`. Raises Refused or Busy.

        A service that cannot edit sends nothing and gives `earlier` back: what deserves a message of its own comes by
        `tell`. The person reads the newest on the page behind the link.
        """
        ...

    def withdraw(self, address: str, earlier: Accepted) -> None:
        """Delete the message, its photo with it, where `Traits.deletes_within` says that the service can.

        One that is gone already is no error. Raises Refused or Busy.
        """
        ...

    def close(self) -> None:
        """Let go of connections. No call follows."""
        ...


class Ears(Protocol):
    """A channel that is asked for what people wrote (long polling, a modem)."""

    def listen(self, stopping: Event, heard: Callable[[Heard], Reply | None]) -> None:
        """Until `stopping`, in a thread of its own. `heard` returns once what was heard is durable; only then is the
        service told that it was taken. Troubles of the service are waited out here, and logged once.
        """
        ...


class Hook(Protocol):
    """A channel to which the service speaks by webhook. `read` and `reply` are called in one thread each."""

    taken: str
    """The body of the answer to what was taken: XML, or empty."""

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        """What a request says, its signature checked first. Header names in small letters. Raises Forged."""
        ...

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer to a service that asks by GET whether the address is ours; None when it is not for us."""
        ...

    def reply(self, heard: Heard, reply: Reply) -> None:
        """Answer whoever was heard. Best effort: raises nothing, logs what failed."""
        ...

    def close(self) -> None:
        """Let go of connections. No call follows."""
        ...


class Ledger(Protocol):
    """The deliveries, kept durably. Each method commits before it returns."""

    def claim(
        self, channel: str, now: datetime, lease: timedelta, most: int, resting: Resting = NOBODY_RESTS
    ) -> list[Delivery]:
        """Up to `most` deliveries that are due: those never told first, the loud before the quiet, then the soonest.

        Nobody else gets them until `now + lease`. None to an address that is `resting`.
        """
        ...

    def next_due(self, channel: str, resting: Resting = NOBODY_RESTS) -> datetime | None:
        """When the next delivery of a channel can be claimed: it is due, and no lease on it runs any more."""
        ...

    def telling(self, delivery: Delivery, *, photo: bool) -> Telling:
        """What there is to tell at this moment, so that an edit always says the newest."""
        ...

    def accepted(self, delivery: Delivery, telling: Telling, accepted: Accepted, now: datetime) -> None:
        """The channel took it, whoever holds it by now. What has changed since `telling` was made is due again."""
        ...

    def postponed(self, delivery: Delivery, until: datetime, why: str, *, failed: bool = True) -> None:
        """The channel could not take it now: a failed attempt, or only not its turn.

        Without effect once somebody else holds it.
        """
        ...

    def refused(self, delivery: Delivery, why: str, now: datetime) -> None:
        """The channel will never take it: this delivery is over, and a person should know.

        Without effect once somebody else holds it.
        """
        ...

    def outdated(
        self, channel: str, sent: tuple[datetime, datetime], now: datetime, lease: timedelta
    ) -> Delivery | None:
        """A delivery whose message was sent between these moments, bears a photo and lies there still.

        Held as by `claim`; only one whose news are all told.
        """
        ...

    def withdrawn(self, delivery: Delivery, now: datetime) -> None:
        """Its message is deleted, or cannot be. It is not asked for again; later news are a message of their own."""
        ...
