"""Carries the deliveries out: one thread per channel, so that a slow channel never delays another."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from alerts import Channel, Clock, Ledger
from alerts.backoff import Backoff
from alerts.channels import TRAITS
from alerts.limits import Limit, Limits
from alerts.worker import Keep, Worker


class Dispatcher:
    """Tells what the ledger holds, at least once each, as soon as it is due.

    A delivery is recorded after its channel accepted it. A crash between the two tells once more when the lease has
    run out; it never forgets.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Iterable[Channel],
        clock: Clock,
        *,
        died: Callable[[str, Exception], None],
        lease: timedelta = timedelta(minutes=2),
        poll: timedelta = timedelta(seconds=2),
        backoff: Backoff | None = None,
        patience: timedelta = timedelta(minutes=2),
        keep_photos: timedelta | None = None,
    ) -> None:
        """`died(channel, error)` is called, in the worker's thread, when a worker ends that was not asked to.

        `lease` must outlast the longest call of any channel. `poll` bounds how long another process's deliveries wait.
        `keep_photos`: how long they lie with services of others that let us delete them; None for ever.
        A worker bears a ledger that fails for as long as `patience`, and then dies.
        """
        self._workers = [
            Worker(
                ledger,
                channel,
                clock,
                died=died,
                lease=lease,
                poll=poll,
                backoff=backoff or Backoff(),
                patience=patience,
                limits=limits_of(channel.name),
                keep=_keep(channel.name, keep_photos),
            )
            for channel in channels
        ]

    def start(self) -> None:
        for worker in self._workers:
            worker.thread.start()

    def wake(self) -> None:
        """There are new deliveries: look now. From any thread."""
        for worker in self._workers:
            worker.wake()

    def stop(self, within: timedelta = timedelta(seconds=40)) -> bool:
        """Let each worker finish the delivery in its hands. Whether all have ended in time; the rest end with us."""
        for worker in self._workers:
            worker.stop()
        deadline = time.monotonic() + within.total_seconds()
        for worker in self._workers:
            if worker.thread.ident is not None:  # was started
                worker.thread.join(max(0.0, deadline - time.monotonic()))
        return not any(worker.thread.is_alive() for worker in self._workers)

    def troubles(self) -> dict[str, int]:
        """Channel → unexpected errors since the start."""
        return {worker.channel.name: worker.troubles for worker in self._workers}

    def alive(self) -> dict[str, bool]:
        """Channel → whether its worker runs."""
        return {worker.channel.name: worker.thread.is_alive() for worker in self._workers}


def limits_of(channel: str) -> Limits:
    """As the channel's traits have them."""
    traits = TRAITS.get(channel)
    if traits is None:
        return Limits()
    each = (Limit(1, traits.apart),) if traits.apart else ()
    return Limits(traits.overall, each, traits.in_group, traits.group_mark)


def _keep(channel: str, photos: timedelta | None) -> Keep | None:
    traits = TRAITS.get(channel)
    if photos is None or traits is None or not traits.third_party or traits.deletes_within is None:
        return None
    return Keep(min(photos, traits.deletes_within * 0.9), traits.deletes_within)
