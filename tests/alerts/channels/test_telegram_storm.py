"""Many incursions at once for one group, against a server that enforces Telegram's limits, in driven time."""

from datetime import timedelta

from pydantic import SecretStr

from alerts.backoff import Backoff
from alerts.channels.fake_telegram import TOKEN, FakeTelegram
from alerts.channels.fake_telegram_chats import Limits
from alerts.channels.telegram import TelegramChannel
from alerts.channels.telegram_settings import TelegramSettings
from alerts.clock import DrivenClock
from alerts.deliver import limits_of
from alerts.memory import MemoryLedger, Told
from alerts.worker import Worker
from tests.alerts.tellings import SEEN, telling

GROUP, INCURSIONS = -815, 45
PARK = "khaoyai"


def test_every_incursion_of_a_storm_is_told_once_as_fast_as_the_limits_allow() -> None:
    clock = DrivenClock(SEEN)
    ledger = MemoryLedger()
    for incursion in range(1, INCURSIONS + 1):
        ledger.happened(PARK, telling(incursion=incursion, place=f"Camera {incursion}"), SEEN)
        ledger.tell(PARK, incursion, Told("malee", "telegram", str(GROUP)), SEEN)
    limits = Limits()
    with FakeTelegram(limits=limits, clock=lambda: clock.now().timestamp()) as server:
        server.add_chat(GROUP, "supergroup")
        channel = TelegramChannel(TelegramSettings(token=SecretStr(TOKEN), base_url=server.url), clock)
        worker = Worker(
            ledger,
            channel,
            clock,
            died=lambda name, error: None,  # noqa: ARG005 - it is stepped by hand
            lease=timedelta(minutes=2),
            poll=timedelta(seconds=2),
            backoff=Backoff(),
            patience=timedelta(minutes=2),
            limits=limits_of("telegram"),
        )
        while ledger.next_due("telegram") is not None:
            clock.pass_by(max(worker.step(), timedelta(milliseconds=1)))
            assert clock.now() - SEEN < timedelta(minutes=30)
        channel.close()
        told = sorted(shown.text.splitlines()[-1] for shown in server.shows(GROUP))
    assert told == sorted(f"Incursion {number}" for number in range(1, INCURSIONS + 1))
    floor = timedelta(minutes=INCURSIONS // limits.per_group_per_min)
    assert clock.now() - SEEN <= 1.5 * floor
    assert len(server.calls) == INCURSIONS  # none was turned away
