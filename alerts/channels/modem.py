"""SMS by the gateway's own modem: works without the internet, as far as the gateway has a mobile network."""

import asyncio
from collections import deque
from datetime import datetime, timedelta

import structlog

from alerts import Clock
from alerts.caption import short
from alerts.channels.gsm import fitted
from alerts.channels.modem_bus import Modem, SmsState, connected, find
from alerts.channels.modem_errors import ModemState
from alerts.channels.modem_settings import ModemSettings
from alerts.channels.numbers import checked, masked
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, ChannelError, Refused

NAME = "modem"
HOUR = timedelta(hours=1)
KEPT = 100
"""Sent messages that wait in ModemManager for their reports: with two parts each, fewer than the 256 references."""


class ModemChannel:
    """One line and the link. `accepted` means that the network took every part.

    An answer that is lost, a modem that hangs, leaves open whether the message went out: it is sent again.
    """

    name = NAME
    carries_photo = False

    def __init__(self, settings: ModemSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._runner = asyncio.Runner()
        self._sent = deque[datetime](maxlen=settings.most_per_hour)
        """When each of the last messages went out."""
        self._log = structlog.get_logger().bind(channel=NAME)

    def tell(self, telling: Telling, address: str) -> Accepted:
        number = checked(address)
        self._keep_to_the_hour()
        words = fitted(short(telling, self._clock.now()), telling.link, self._settings.parts)
        message_id = self._runner.run(self._send(number, words))
        self._sent.append(self._clock.now())
        return Accepted(message_id, with_photo=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - the protocol's
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - the protocol's
        raise Refused("an SMS cannot be taken back from a phone")

    def close(self) -> None:
        self._runner.close()

    def _keep_to_the_hour(self) -> None:
        most, now = self._settings.most_per_hour, self._clock.now()
        if len(self._sent) == most and self._sent[0] + HOUR > now:
            raise Busy(f"{most} SMS in an hour: channels.modem.most_per_hour is reached", self._sent[0] + HOUR - now)

    async def _send(self, number: str, words: str) -> str:
        async with connected(self._settings.bus) as bus:
            modem = await find(bus, self._settings.imei, ModemState.REGISTERED)
            path = await sent(modem, number, words, report=self._settings.delivery_reports)
            try:
                await _tidy(modem)
            except ChannelError as trouble:  # the message is out: nothing may have it told again
                self._log.warning("sent messages are left in the modem", to=masked(number), why=str(trouble))
            return message_id(modem, path)


async def sent(modem: Modem, number: str, words: str, *, report: bool) -> str:
    """The path of a message that the network took. It stays in the modem while its report is waited for."""
    path = await modem.create(number, words, report=report)
    try:
        await modem.send(path)
    except ChannelError:
        await _forget(modem, path)
        raise
    if not report:
        await _forget(modem, path)
    return path


def message_id(modem: Modem, path: str) -> str:
    """Made of what the report leads back to, so that it is known after any restart of ours."""
    return f"{modem.service}/{path.rpartition('/')[2]}"


async def _forget(modem: Modem, path: str) -> None:
    try:
        await modem.delete(path)
    except ChannelError as trouble:
        structlog.get_logger().bind(channel=NAME).warning("a message is left in the modem", why=str(trouble))


async def _tidy(modem: Modem) -> None:
    """Lets go of the oldest messages whose reports never came."""
    waiting = [sms for sms in await modem.messages() if sms.state == SmsState.SENT and sms.wants_report]
    for old in waiting[:-KEPT]:
        await modem.delete(old.path)
