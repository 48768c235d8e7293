"""A park with two cameras and a ranger, in a store that runs once on each database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from alerts.clock import DrivenClock
from gateway.store import Store, open_store
from tests.fixtures.parks import lay_out_park
from tests.fixtures.scripted import NOON, Unit


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(NOON + timedelta(seconds=1))


@pytest.fixture
def gate() -> Unit:
    return Unit("gate")


@pytest.fixture
def ridge() -> Unit:
    return Unit("ridge")


@pytest.fixture
def park(store: Store, gate: Unit, ridge: Unit) -> Store:
    """The store with the park in it."""
    lay_out_park(store, gate, ridge)
    return store
