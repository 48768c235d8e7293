from dataclasses import replace
from datetime import datetime

import pytest

from alerts.delivery import IncursionTelling
from alerts.memory import MemoryLedger, Told
from tests.alerts.ledger_contract import PACE, PARK, LedgerContract, Stage, at
from tests.alerts.tellings import telling


class MemoryStage:
    def __init__(self) -> None:
        self.ledger = MemoryLedger(PACE)
        self._telling = telling(incursion=1, revision=1, counts={"person": 1}, has_photo=False, photo=None)
        self._now_says(self._telling, at(0))

    def tell(self, person: str, channel: str, address: str, now: datetime) -> int:
        return self.ledger.tell(PARK, 1, Told(person, channel, address), now)

    def grows(self, persons: int, now: datetime) -> None:
        self._now_says(replace(self._telling, counts={"person": persons}), now)

    def photo_comes(self, now: datetime) -> None:
        self._now_says(replace(self._telling, has_photo=True, photo=b"jpeg"), now)

    def _now_says(self, new: IncursionTelling, now: datetime) -> None:
        self._telling = replace(new, revision=self._telling.revision + 1)
        self.ledger.happened(PARK, self._telling, now)

    def trouble(self, number: int) -> str | None:
        return self.ledger.kept(number).trouble

    def address(self, number: int) -> str:
        return self.ledger.kept(number).told.address


@pytest.fixture
def stage() -> Stage:
    return MemoryStage()


class TestMemoryLedger(LedgerContract):
    pass
