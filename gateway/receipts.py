"""What cameras are told of their messages: one signed receipt for each camera, naming all that it may forget."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from gateway.intake import SetAside
from gateway.taken import Taken
from wire.envelope import seal
from wire.keys import SigningKey
from wire.messages import Named, Receipt, RefusedMessage, Status
from wire.topics import Kind, Topic

STORED, REFUSED = 256, 64
"""The most of each in one receipt, as wire.messages has it."""


def receipts(
    stored: Sequence[Taken], aside: Sequence[SetAside], key: SigningKey, now: datetime
) -> Iterator[tuple[Topic, bytes]]:
    """Topic and sealed bytes of each receipt. A status gets none: the next one says more."""
    named: dict[Topic, list[Named]] = {}
    refused: dict[Topic, list[RefusedMessage]] = {}
    for taken in stored:
        if not isinstance(taken.message, Status):
            named.setdefault(_receipt_topic(taken.topic), []).append(taken.named())
    for each in aside:
        if each.topic is not None and each.refused is not None:
            refused.setdefault(_receipt_topic(each.topic), []).append(each.refused)
    for topic in dict.fromkeys([*named, *refused]):
        good, bad = named.get(topic, []), refused.get(topic, [])
        while good or bad:
            receipt = Receipt(at=now, stored=tuple(good[:STORED]), refused=tuple(bad[:REFUSED]))
            good, bad = good[STORED:], bad[REFUSED:]
            yield topic, seal(receipt.encode(), topic, key)


@lru_cache(maxsize=4096)  # a park has few topics, and each carries many messages
def _receipt_topic(topic: Topic) -> Topic:
    return Topic(topic.park, topic.camera, Kind.RECEIPT)
