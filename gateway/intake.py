"""What came from the broker, checked one by one: topic, camera, signature, message, photo. Touches no database."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import structlog

from gateway.headers import NotAPhoto, read_header
from gateway.identity import Keyring, Unknown
from gateway.photos import path_for
from gateway.taken import Preview, Taken
from wire import messages, topics
from wire.codec import plain_map
from wire.envelope import digest, unseal
from wire.errors import BadMessage, BadTopic, WireError

log = structlog.get_logger()

REASON = 400
"""Letters of a reason at most, as a receipt carries it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """As it came, with what the broker needs for its acknowledgement."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool = False
    mid: int = 0
    qos: int = 0
    connection: int = 0
    """On which of our connections: an acknowledgement on another one would mean another message."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that is not taken."""

    incoming: Incoming
    reason: str
    topic: topics.Topic | None = None
    refused: messages.RefusedMessage | None = None
    """What its camera is told, with `topic`: only when the camera did sign it, and it can be named."""


def examine(incoming: Incoming, keyring: Keyring) -> Taken | SetAside:
    """The message, or why it is not taken. Never raises."""
    try:
        return _examine(incoming, keyring)
    except Exception as wrong:  # a boundary: one message, however strange, must not stop the next
        log.exception("a message could not be examined", topic=incoming.topic, size=len(incoming.payload))
        return SetAside(incoming, _short(f"message: examining it failed ({type(wrong).__name__}: {wrong})"))


def _examine(incoming: Incoming, keyring: Keyring) -> Taken | SetAside:
    try:
        topic = _parsed(incoming.topic)
        if topic.kind.direction != "up":
            raise BadTopic(f"topic: {incoming.topic!r} is the gateway's own; expected one of a camera")
        payload = unseal(incoming.payload, topic, keyring.key_of(topic.park, topic.camera))
    except (WireError, Unknown) as wrong:
        return SetAside(incoming, _short(str(wrong)))
    try:
        message = messages.decode(topic.kind, payload)
        assert isinstance(message, messages.Upward)  # noqa: S101 - the topic's direction says so
        if isinstance(message, messages.Original):
            raise BadMessage("original: nobody asked this camera for one; expected none")
        whole = sha256(incoming.payload).digest()
        preview = _preview(topic, message, incoming, whole) if isinstance(message, messages.Preview) else None
    except (BadMessage, NotAPhoto) as wrong:
        return SetAside(incoming, _short(str(wrong)), topic, _refused(incoming.payload, payload, str(wrong)))
    return Taken(topic, message, incoming.payload, whole, incoming.received_at, incoming.retained, preview)


_parsed = lru_cache(maxsize=4096)(topics.parse)  # a park has few topics, and each carries many messages


def refusal_of(taken: Taken, incoming: Incoming, reason: str) -> SetAside:
    """For a message that was in order, and which the store cannot take."""
    named = messages.RefusedMessage(
        boot=taken.message.boot,
        sequence=taken.message.sequence,
        digest=digest(taken.sealed),
        reason=_short(reason),
    )
    return SetAside(incoming, _short(reason), taken.topic, named)


def _preview(topic: topics.Topic, message: messages.Preview, incoming: Incoming, whole: bytes) -> Preview:
    header = read_header(message.image)
    day = incoming.received_at.strftime("%Y-%m-%d")
    path = path_for(topic.park, topic.camera, day, whole, header.suffix)
    return Preview(path, header.width, header.height)


def _refused(sealed: bytes, payload: bytes, reason: str) -> messages.RefusedMessage | None:
    """Names a message that cannot be read whole, when at least its number can be."""
    try:
        plain: dict[int, Any] = plain_map(payload)
        return messages.RefusedMessage(
            boot=plain.get(1, -1), sequence=plain.get(2, -1), digest=digest(sealed), reason=_short(reason)
        )
    except ValueError:  # BadMessage, or pydantic's on a number that is none
        return None


def _short(reason: str) -> str:
    plain = reason.replace("\x00", "\\x00")  # PostgreSQL keeps no NUL in a text
    return plain if len(plain) <= REASON else plain[: REASON - 1] + "…"
