"""How it stands with an incursion or a notice when it is asked whom to tell: the input of a plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.delivery import Alarm
from alerts.mute import Mute
from alerts.response import State
from alerts.route import Directory, Matter


@dataclass(frozen=True, slots=True)
class Timers:
    next_in_line: timedelta = timedelta(minutes=3)
    """T1: without an answer the next in line is told, and after as long again the one after."""
    chief: timedelta = timedelta(minutes=10)
    """T2, from when it was first told."""
    superiors: timedelta = timedelta(minutes=20)
    """T3, likewise; after as long again the superior's superior."""
    accepted: timedelta = timedelta(seconds=20)
    """A channel that has not taken the message by then: the person's next channel."""
    delivered: timedelta = timedelta(seconds=35)
    """Neither shown on the phone nor answered so long after it was taken: the person's next channel. With `accepted`
    and what the next one takes to be sent it stays below a minute."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A delivery that is there already."""

    person: str
    channel: str
    rank: int
    """The channel's place in the person's order of preference."""
    decided_at: datetime
    """When it was decided to tell; of one that was held, when it was let go."""
    accepted_at: datetime | None = None
    reached: bool = False
    """Whether the phone showed it, or the person saw or answered it."""
    over: bool = False
    """Refused for good."""
    held: bool = False
    group: bool = False
    """Whether it went to a group's chat."""
    address: str = ""
    """Where it went: another person whose address it is, too, is told by it."""


NOTHING_YET = State()


@dataclass(frozen=True, slots=True)
class Situation:
    directory: Directory
    matters: tuple[Matter, ...]
    """One for each camera that saw the party."""
    begun_at: datetime
    """When the gateway knew of it."""
    state: State = NOTHING_YET
    mutes: tuple[Mute, ...] = ()
    tried: tuple[Tried, ...] = ()
    channels: frozenset[str] | None = None
    """That are set up; None when that is not known: then every channel counts."""
    alarm: Alarm | None = None
    ringing: frozenset[str] = frozenset()
    """Channels that cannot come without a sound, and so tell nothing that is to be quiet."""

    @property
    def urgent(self) -> bool:
        """Somebody of ours is in need: it goes through mutes and quiet hours."""
        return self.alarm in {Alarm.HELP, Alarm.OVERDUE}

    def set_up(self, channel: str) -> bool:
        return self.channels is None or channel in self.channels
