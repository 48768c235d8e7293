"""Several dispatchers on one database."""

import threading

from gateway.store import open_store
from tests.alerts.ledger_contract import LEASE, at
from tests.gateway.store_stage import StoreStage


def test_of_several_dispatchers_each_delivery_is_claimed_by_one(store_url: str) -> None:
    store = open_store(store_url)
    stage = StoreStage(store)
    numbers = [stage.tell(f"person{number}", "telegram", str(number), at(0)) for number in range(24)]
    claimed: list[int] = []
    ready = threading.Barrier(4)

    def claim_all() -> None:
        ready.wait(10)
        while found := stage.ledger.claim("telegram", at(9), LEASE, 2):
            claimed.extend(each.number for each in found)

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # A passed-over row is claimable again only if its claimer's transaction failed: none did.
    assert sorted(claimed) == numbers
    store.close()
