"""What a channel may answer instead of taking a message. A service's own words become ours at its module's edge."""

from datetime import timedelta


class ChannelError(Exception):
    """The base: one sentence for an administrator, free of secrets."""


class Refused(ChannelError):
    """Never like this: wrong token, blocked, no such chat. A person has to change something."""


class Busy(ChannelError):
    """Not now: a limit, an outage, no answer. `retry_after` is the service's own wish, when it named one."""

    def __init__(self, sentence: str, retry_after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
