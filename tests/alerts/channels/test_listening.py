"""What all ears do alike."""

import threading
from datetime import timedelta

import pytest

from alerts.channels.listening import Listening, Stopped
from alerts.heard import Heard, Reply
from tests.alerts.tellings import SEEN

HEARD = Heard(channel="telegram", sender="4711", chat="4711", at=SEEN, text="status")


class Hourglass(threading.Event):
    """Notes how long it is waited for, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        return self.is_set()


def never(heard: Heard) -> Reply | None:
    raise OSError(f"no place for {heard.text}")


def test_rests_grow_to_a_minute_and_start_anew_once_the_service_is_well() -> None:
    hourglass = Hourglass()
    listening = Listening("telegram", hourglass, never)
    for _ in range(20):
        listening.rests("away")
    listening.well()
    listening.rests("away")
    assert 60 <= max(hourglass.waits) <= 75
    assert 1 <= hourglass.waits[0] <= 1.25
    assert 1 <= hourglass.waits[-1] <= 1.25


def test_a_services_wish_to_wait_is_respected() -> None:
    hourglass = Hourglass()
    Listening("telegram", hourglass, never).rests("too many requests", timedelta(hours=1))
    assert hourglass.waits == [3600]


def test_what_our_side_cannot_keep_is_tried_for_two_minutes() -> None:
    hourglass = Hourglass()
    assert Listening("telegram", hourglass, never).hands_on(HEARD) is None
    assert 120 <= sum(hourglass.waits) <= 160


def test_what_could_not_be_kept_before_the_end_does_not_count_as_heard() -> None:
    hourglass = Hourglass()
    hourglass.set()
    with pytest.raises(Stopped):
        Listening("telegram", hourglass, never).hands_on(HEARD)
