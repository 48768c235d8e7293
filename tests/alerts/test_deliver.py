"""The dispatcher with a channel that a test can put into any trouble, and a ledger in memory."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from alerts import NOBODY_RESTS, Channel, Ledger
from alerts.backoff import Backoff
from alerts.clock import DrivenClock, SystemClock
from alerts.decide import Pace
from alerts.deliver import Dispatcher
from alerts.delivery import Accepted, Delivery, Telling
from alerts.errors import Busy, Refused
from alerts.limits import Limits, Resting
from alerts.memory import MemoryLedger, Told
from alerts.worker import Keep, Worker
from tests.alerts.tellings import SEEN, telling
from tests.fixtures.mosquitto import wait_until

PARK = "khaoyai"
FAST = timedelta(milliseconds=20)


class Scripted:
    """A channel that does what the test's functions do, and keeps what it was given."""

    carries_photo = True

    def __init__(self, name: str = "telegram", then: Callable[[str], None] = lambda address: None) -> None:  # noqa: ARG005
        self.name = name
        self.then = then
        """Called with each address before it is accepted: may raise, may wait."""
        self.told: list[str] = []
        self.closed = False

    def tell(self, telling: Telling, address: str) -> Accepted:
        self.then(address)
        self.told.append(f"tell {address} r{telling.revision}")
        return Accepted(f"m{len(self.told)}", with_photo=telling.photo is not None)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:
        self.then(address)
        self.told.append(f"edit {earlier.message_id} r{telling.revision}")
        return Accepted(earlier.message_id, with_photo=telling.photo is not None)

    def withdraw(self, address: str, earlier: Accepted) -> None:
        self.told.append(f"withdraw {address} {earlier.message_id}")

    def close(self) -> None:
        self.closed = True


class Once:
    """Raises its error the first time only."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def __call__(self, address: str) -> None:  # noqa: ARG002 - what a script is called with
        error, self.error = self.error, None
        if error is not None:
            raise error


def ledger_with(*persons: str, channel: str = "telegram") -> MemoryLedger:
    ledger = MemoryLedger(Pace(photo_wait=timedelta(0), photo_interval=timedelta(0), edit_interval=timedelta(0)))
    ledger.happened(PARK, telling(), SEEN)
    for person in persons:
        ledger.tell(PARK, 42, Told(person, channel, f"chat-{person}"), SEEN)
    return ledger


def worker_of(ledger: Ledger, channel: Channel, clock: DrivenClock, keep: Keep | None = None) -> Worker:
    """To be stepped by hand."""
    return Worker(
        ledger,
        channel,
        clock,
        died=lambda name, error: None,  # noqa: ARG005 - nothing runs here
        lease=timedelta(minutes=2),
        poll=timedelta(seconds=2),
        backoff=Backoff(first=timedelta(seconds=10), longest=timedelta(seconds=60), spread=0),
        patience=timedelta(minutes=2),
        limits=Limits(),
        keep=keep,
    )


def nobody_dies(name: str, error: Exception) -> None:
    pytest.fail(f"the worker of {name} died: {error!r}")


@pytest.fixture
def started() -> Iterator[Callable[[Dispatcher], Dispatcher]]:
    running: list[Dispatcher] = []

    def start(dispatcher: Dispatcher) -> Dispatcher:
        running.append(dispatcher)
        dispatcher.start()
        return dispatcher

    yield start
    for dispatcher in running:
        assert dispatcher.stop(timedelta(seconds=10))


def test_what_is_due_is_told_and_recorded() -> None:
    ledger, channel, clock = ledger_with("malee"), Scripted(), DrivenClock(SEEN)
    worker_of(ledger, channel, clock).step()
    assert channel.told == ["tell chat-malee r1"]
    assert (ledger.kept(1).accepted_at, ledger.kept(1).earlier) == (SEEN, Accepted("m1", with_photo=True))


def test_growth_edits_the_message_that_was_sent() -> None:
    ledger, channel, clock = ledger_with("malee"), Scripted(), DrivenClock(SEEN)
    worker = worker_of(ledger, channel, clock)
    worker.step()
    ledger.happened(PARK, telling(revision=2), SEEN)
    worker.step()
    assert channel.told == ["tell chat-malee r1", "edit m1 r2"]


def test_with_nothing_due_it_sleeps_no_longer_than_its_poll() -> None:
    assert worker_of(MemoryLedger(), Scripted(), DrivenClock(SEEN)).step() == timedelta(seconds=2)


def test_it_sleeps_until_the_next_delivery_is_due() -> None:
    ledger = MemoryLedger(Pace(photo_wait=timedelta(seconds=1.5)))
    ledger.happened(PARK, telling(has_photo=False), SEEN)
    ledger.tell(PARK, 42, Told("malee", "telegram", "7"), SEEN)
    assert worker_of(ledger, Scripted(), DrivenClock(SEEN)).step() == timedelta(seconds=1.5)


def test_refused_is_over_and_keeps_the_reason() -> None:
    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    worker_of(ledger, Scripted(then=Once(Refused("blocked by malee"))), clock).step()
    assert (ledger.kept(1).over, ledger.kept(1).trouble) == (True, "blocked by malee")


def test_busy_is_tried_again_after_a_wait_that_doubles_to_its_longest() -> None:
    def busy(address: str) -> None:  # noqa: ARG001 - a script
        raise Busy("no answer")

    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    worker = worker_of(ledger, Scripted(then=busy), clock)
    waits: list[float] = []
    for _ in range(5):
        clock.pass_by(timedelta(minutes=10))
        worker.step()
        due_at = ledger.kept(1).due_at
        assert due_at is not None
        waits.append((due_at - clock.now()).total_seconds())
    assert waits == [10, 20, 40, 60, 60]


def test_the_services_own_wish_for_a_pause_is_obeyed() -> None:
    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    worker_of(ledger, Scripted(then=Once(Busy("flood", timedelta(seconds=35)))), clock).step()
    assert ledger.kept(1).due_at == SEEN + timedelta(seconds=35)


def test_an_address_that_is_to_be_left_alone_is_not_called_for_another_delivery_either() -> None:
    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    ledger.happened(PARK, telling(incursion=43), SEEN)
    ledger.tell(PARK, 43, Told("malee", "telegram", "chat-malee"), SEEN)
    channel = Scripted(then=Once(Busy("flood", timedelta(seconds=35))))
    worker = worker_of(ledger, channel, clock)
    worker.step()
    worker.step()
    assert channel.told == []
    clock.pass_by(timedelta(seconds=35))
    worker.step()
    worker.step()
    assert len(channel.told) == 1  # what waited behind the pause does not come all at once
    clock.pass_by(timedelta(seconds=1))
    worker.step()
    assert len(channel.told) == 2


def test_a_pause_that_the_service_wants_is_not_a_failed_attempt() -> None:
    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    worker_of(ledger, Scripted(then=Once(Busy("flood", timedelta(seconds=35)))), clock).step()
    assert (ledger.kept(1).attempts, ledger.kept(1).trouble) == (0, "flood")


def test_an_address_in_a_pause_holds_no_other_address_up() -> None:
    ledger, clock = ledger_with("malee", "somchai"), DrivenClock(SEEN)
    channel = Scripted(then=Once(Busy("flood", timedelta(seconds=35))))
    worker = worker_of(ledger, channel, clock)
    worker.step()
    worker.step()
    assert channel.told == ["tell chat-somchai r1"]


def test_a_channel_that_does_not_answer_is_left_alone_for_a_moment() -> None:
    ledger, clock = ledger_with("malee", "somchai"), DrivenClock(SEEN)
    channel = Scripted(then=Once(Busy("no answer")))
    worker = worker_of(ledger, channel, clock)
    worker.step()
    assert timedelta(seconds=1) <= worker.step() <= timedelta(seconds=1.25)
    assert channel.told == []
    clock.pass_by(timedelta(seconds=2))
    worker.step()
    assert channel.told == ["tell chat-somchai r1"]


def test_an_unexpected_error_is_counted_logged_and_tried_again() -> None:
    ledger, clock = ledger_with("malee"), DrivenClock(SEEN)
    with structlog.testing.capture_logs() as logs:
        worker = worker_of(ledger, Scripted(then=Once(ZeroDivisionError("oops"))), clock)
        worker.step()
    assert worker.troubles == 1
    assert ledger.kept(1).due_at == SEEN + timedelta(seconds=10)
    assert [(each["log_level"], each.get("exc_info")) for each in logs] == [("error", True)]


class Forgetful(MemoryLedger):
    """Fails to record as often as it is told to."""

    failures = 0

    def accepted(self, delivery: Delivery, telling: Telling, accepted: Accepted, now: datetime) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        super().accepted(delivery, telling, accepted, now)


def test_what_was_accepted_while_the_ledger_failed_is_recorded_later_and_not_told_twice(
    started: Callable[[Dispatcher], Dispatcher],
) -> None:
    ledger, channel = Forgetful(), Scripted()
    ledger.happened(PARK, telling(), SEEN)
    ledger.tell(PARK, 42, Told("malee", "telegram", "7"), SEEN)
    ledger.failures = 2
    started(Dispatcher(ledger, [channel], SystemClock(), died=nobody_dies, poll=FAST))
    wait_until(lambda: ledger.kept(1).accepted_at, "the acceptance is in the ledger")
    assert channel.told == ["tell 7 r1"]


def test_a_slow_channel_does_not_delay_another(started: Callable[[Dispatcher], Dispatcher]) -> None:
    ledger = ledger_with("malee")
    ledger.tell(PARK, 42, Told("malee", "web", "malee"), SEEN)
    release = threading.Event()
    slow, quick = Scripted(then=lambda address: hold(release)), Scripted("web")  # noqa: ARG005 - a script
    started(Dispatcher(ledger, [slow, quick], SystemClock(), died=nobody_dies, poll=FAST))
    wait_until(lambda: quick.told, "the quick channel has told")
    assert slow.told == []
    release.set()
    wait_until(lambda: slow.told, "the slow channel has told")


def hold(until: threading.Event) -> None:
    assert until.wait(20)


def test_a_wake_makes_it_look_at_once(started: Callable[[Dispatcher], Dispatcher]) -> None:
    ledger, channel = ledger_with(), Scripted()
    dispatcher = started(Dispatcher(ledger, [channel], SystemClock(), died=nobody_dies, poll=timedelta(minutes=10)))
    ledger.tell(PARK, 42, Told("malee", "telegram", "7"), SEEN)
    dispatcher.wake()
    wait_until(lambda: channel.told, "told long before the poll")


def test_another_processs_deliveries_are_found_by_the_poll(started: Callable[[Dispatcher], Dispatcher]) -> None:
    ledger, channel = ledger_with(), Scripted()
    started(Dispatcher(ledger, [channel], SystemClock(), died=nobody_dies, poll=FAST))
    ledger.tell(PARK, 42, Told("malee", "telegram", "7"), SEEN)
    wait_until(lambda: channel.told, "told without a wake")


class Broken(MemoryLedger):
    def next_due(self, channel: str, resting: Resting = NOBODY_RESTS) -> None:  # noqa: ARG002 - the promise's shape
        raise OSError(f"no ledger for {channel}")


def test_a_worker_that_dies_says_so(started: Callable[[Dispatcher], Dispatcher]) -> None:
    deaths: list[str] = []
    dispatcher = started(
        Dispatcher(
            Broken(),
            [Scripted()],
            SystemClock(),
            died=lambda name, error: deaths.append(f"{name}: {error}"),
            patience=timedelta(0),
        )
    )
    wait_until(lambda: not dispatcher.alive()["telegram"], "the worker ends")
    assert deaths == ["telegram: no ledger for telegram"]


def test_a_stop_ends_every_worker_and_closes_its_channel() -> None:
    channels = [Scripted(), Scripted("web")]
    dispatcher = Dispatcher(MemoryLedger(), channels, SystemClock(), died=nobody_dies, poll=timedelta(minutes=10))
    dispatcher.start()
    assert dispatcher.alive() == {"telegram": True, "web": True}
    assert dispatcher.stop(timedelta(seconds=10))
    assert [channel.closed for channel in channels] == [True, True]


def test_a_stop_lets_the_delivery_in_hand_be_finished() -> None:
    ledger, release, holding = ledger_with("malee"), threading.Event(), threading.Event()

    def script(address: str) -> None:  # noqa: ARG001 - a script
        holding.set()
        hold(release)

    dispatcher = Dispatcher(ledger, [Scripted(then=script)], SystemClock(), died=nobody_dies, poll=FAST)
    dispatcher.start()
    assert holding.wait(10)
    assert dispatcher.stop(timedelta(0)) is False
    release.set()
    assert dispatcher.stop(timedelta(seconds=10)) is True
    assert ledger.kept(1).accepted_at is not None


def test_a_stop_before_the_start_is_harmless() -> None:
    assert Dispatcher(MemoryLedger(), [Scripted()], SystemClock(), died=nobody_dies).stop()


def test_a_photo_that_has_lain_with_the_service_long_enough_is_deleted_and_no_sooner() -> None:
    ledger, channel, clock = ledger_with("malee"), Scripted(), DrivenClock(SEEN)
    worker = worker_of(ledger, channel, clock, Keep(timedelta(hours=24), timedelta(hours=48)))
    worker.step()
    clock.pass_by(timedelta(hours=23, minutes=59))
    worker.step()
    assert channel.told == ["tell chat-malee r1"]
    clock.pass_by(timedelta(minutes=2))
    worker.step()
    assert channel.told == ["tell chat-malee r1", "withdraw chat-malee m1"]


def test_what_the_service_lets_nobody_delete_any_more_is_not_asked_for() -> None:
    ledger, channel, clock = ledger_with("malee"), Scripted(), DrivenClock(SEEN)
    worker = worker_of(ledger, channel, clock, Keep(timedelta(hours=24), timedelta(hours=48)))
    worker.step()
    clock.pass_by(timedelta(hours=49))
    worker.step()
    assert channel.told == ["tell chat-malee r1"]


def test_a_new_camera_is_told_as_a_message_of_its_own() -> None:
    ledger, channel, clock = ledger_with("malee"), Scripted(), DrivenClock(SEEN)
    worker = worker_of(ledger, channel, clock)
    worker.step()
    clock.pass_by(timedelta(seconds=60))
    ledger.happened(PARK, telling(revision=2, cameras=2), clock.now())
    worker.step()
    assert channel.told == ["tell chat-malee r1", "tell chat-malee r2"]
