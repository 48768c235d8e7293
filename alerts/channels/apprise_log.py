"""What Apprise logs, made fit to be read: its URLs hold passwords and numbers, and its lower levels log them whole."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import unquote

LOGGERS = ("apprise",)
LOUD = {"urllib3": logging.ERROR, "requests_oauthlib": logging.ERROR}
"""Libraries below it, which log addresses. The level from which on they do not."""
SHORTEST = 4
"""Letters of a piece that is worth hiding; a shorter one would hide parts of words."""


class Hiding(logging.Filter):
    """Lets through what Apprise says of failures, the pieces of our URLs taken out of it."""

    def __init__(self, urls: Iterable[str]) -> None:
        super().__init__()
        pieces = {piece for url in urls for piece in _pieces(url)}
        longest_first = sorted(pieces, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        record.msg, record.args = self.hidden(record.getMessage()), None
        record.exc_info, record.exc_text = None, None  # a traceback shows what it was called with
        return True

    def hidden(self, text: str) -> str:
        return self._secret.sub("…", text)

    def start(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self)
        for name, level in LOUD.items():
            logging.getLogger(name).setLevel(level)

    def stop(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self)


def _pieces(url: str) -> set[str]:
    """Whatever stands behind the schema, between the signs: as it is, and decoded."""
    rest = url.partition("://")[2]
    found = {piece for piece in re.split(r"[/:@?&=#,+\s]", rest) if len(piece) >= SHORTEST}
    return found | {unquote(piece) for piece in found}
