"""What signal-cli-rest-api's refusals mean for a delivery. Here, and nowhere else, its words become ours.

Nearly everything that fails comes as 400 with {"error": "…"} in signal-cli's words, of which there is no documented
list; a rate limit as 429 (https://github.com/bbernhard/signal-cli-rest-api/issues/482). So words that are unknown are a
trouble that may pass, never the end of a delivery.
"""

import json
import re
from datetime import timedelta
from typing import Any

import httpx

from alerts.channels.http import retry_after
from alerts.channels.numbers import masked
from alerts.clock import SystemClock
from alerts.errors import Busy, ChannelError, Refused

LIMITED = ("captcha proof required", "rate limit")
"""https://github.com/bbernhard/signal-cli-rest-api/issues/437, /536 (there with how long to wait)."""
UNTRUSTED = ("untrusted identit",)
"""https://github.com/bbernhard/signal-cli-rest-api/issues/56, /679."""
UNREGISTERED = ("unregistered user",)
"""https://github.com/AsamK/signal-cli/issues/1223."""
NO_SUCH_GROUP = ("group not found", "no group with that id", "invalid group id", "not a member in group",
                 "not allowed to send to group")  # fmt: skip
OUR_ACCOUNT = ("is not registered", "specified account does not exist", "number not registered with json-rpc",
               "authorization failed")  # fmt: skip
"""In signal-cli's sentences; 'Number not registered with JSON-RPC' is the server's own."""
WEBSOCKET = ("client is not using the websocket protocol",)
"""https://github.com/bbernhard/signal-cli-rest-api/issues/487: /v1/receive in mode json-rpc."""
BAD_PHOTO = ("attachment",)
LONGEST_WISH = timedelta(minutes=10)
"""It asks for up to a day, but is content as soon as a person has solved its riddle."""


class BadPhoto(Exception):
    """It does not take the photo; the words it would take."""


def too_many(response: httpx.Response) -> None:
    """A hook for responses: raises Busy for 429, whose body says how long."""
    if response.status_code == 429:
        response.read()
        raise limited(error_of(response), retry_after(response, SystemClock().now()))


def limited(words: str, wish: timedelta | None = None) -> Busy:
    """`words` as they came, with the seconds in them."""
    seconds = re.search(r'or wait "?(\d+)"? seconds', words)
    if seconds is not None:
        wish = timedelta(seconds=int(seconds.group(1)[:9]))
    if token := re.search(r'challenge token "([0-9a-f-]{,60})"', words):
        why = f"or a riddle solved as docs/channels/signal.md says, by the challenge token {token.group(1)}"
    else:
        why = f"({shown(words)})"
    return Busy(
        f"Signal wants fewer messages, {why}",
        None if wish is None else min(wish, LONGEST_WISH),
    )


def error_of(response: httpx.Response) -> str:
    """The sentence in the body, or the HTTP status."""
    try:
        answer: Any = json.loads(response.content)
        return str(answer["error"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP {response.status_code}"


def meaning(response: httpx.Response, address: str) -> Exception:
    """What to raise for an answer that is not a good one: BadPhoto, Refused or Busy."""
    words = error_of(response)
    error = _of_words(words, address) if response.status_code == 400 else _of_code(response.status_code)
    return error or Busy(f"Signal: {shown(words)}")


def _of_code(code: int) -> Exception | None:
    if code == 413:
        return BadPhoto(f"HTTP {code}")
    if code in {401, 403}:
        return Busy(f"Signal: not allowed in ({code}); expected in channels.signal the base_url of an open door")
    if code in {404, 405}:
        return Busy(
            f"Signal: no such place ({code}); expected in channels.signal the base_url of signal-cli-rest-api, 0.95 or"
            " newer"
        )
    return None


def _of_words(words: str, address: str) -> Exception | None:
    low, who = words.lower(), masked(address)

    def says(sentences: tuple[str, ...]) -> bool:
        return any(sentence in low for sentence in sentences)

    error: ChannelError | BadPhoto | None = None
    if says(LIMITED):
        error = limited(words)
    elif says(UNTRUSTED):
        error = Refused(
            f"Signal: the safety number of {who} has changed (a new phone, or somebody else's); expected that a person"
            " compares it and trusts it anew, as docs/channels/signal.md says"
        )
    elif says(UNREGISTERED):
        error = Refused(f"Signal: {who} is not at Signal; expected a number that is registered there")
    elif says(NO_SUCH_GROUP):
        error = Refused(f"Signal: no group {who}, or the gateway is no member of it ({shown(words)})")
    elif says(OUR_ACCOUNT):
        error = Busy(
            f"Signal does not know the gateway's own number ({shown(words)}); expected in channels.signal a number that"
            " is registered or linked at base_url"
        )
    elif says(WEBSOCKET):
        error = Busy(
            "Signal: what people write can be fetched only where signal-cli-rest-api runs with MODE=native or normal;"
            " it seems to be json-rpc"
        )
    elif says(BAD_PHOTO):
        error = BadPhoto(shown(words))
    return error


def shown(words: str) -> str:
    """For a log: on one line, no number whole, and not long. It names recipients by their numbers and identities."""
    line = " ".join(words.split())
    line = re.sub(r"\+?\d{7,}", lambda number: masked(number.group()), line)
    line = re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "…", line)
    return line if len(line) <= 200 else f"{line[:199]}…"
