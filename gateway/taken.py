"""A message that passed every check: the value that the inbox hands to the store."""

from dataclasses import dataclass
from datetime import datetime

from wire.envelope import DIGEST_BYTES
from wire.messages import Named, Upward
from wire.topics import Topic


@dataclass(frozen=True, slots=True)
class Preview:
    """What the header of a preview's image said, and where the image is kept."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Properly signed by a known camera for this topic, and read."""

    topic: Topic
    message: Upward
    sealed: bytes
    sha256: bytes
    """Of the sealed bytes."""
    received_at: datetime
    retained: bool = False
    """Whether the broker had kept it from before we came."""
    preview: Preview | None = None
    """Of a Preview message."""

    @property
    def key(self) -> tuple[str, str, int, int]:
        """(park, camera, boot, sequence): the message's name."""
        return self.topic.park, self.topic.camera, self.message.boot, self.message.sequence

    def named(self) -> Named:
        """As a receipt names it."""
        return Named(boot=self.message.boot, sequence=self.message.sequence, digest=self.sha256[:DIGEST_BYTES])
