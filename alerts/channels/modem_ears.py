"""What people write to the gateway's modem, and the network's reports on what it sent.

Whatever is heard stays in the modem until it has been handed on, so a crash hears it again and loses none.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from threading import Event

import structlog
from dbus_fast import DBusError, Message, MessageType
from dbus_fast.aio import MessageBus

from alerts import Clock
from alerts.backoff import Backoff
from alerts.channels.gsm import fitted, split
from alerts.channels.listening import REST, Listening, Stopped
from alerts.channels.modem import NAME, message_id, sent
from alerts.channels.modem_bus import MESSAGING, SMS, Modem, Sms, SmsState, call, connected, find
from alerts.channels.modem_bus import NAME as SERVICE
from alerts.channels.modem_errors import ModemState, meaning
from alerts.channels.modem_settings import ModemSettings
from alerts.channels.numbers import masked
from alerts.channels.sms_replies import Replies
from alerts.clock import SystemClock
from alerts.errors import ChannelError
from alerts.heard import Heard, Reply

POLL_S = 30.0
"""How often the modem is looked at without a sign of news."""
LOOK_S = 0.1
"""How often, meanwhile, whether to stop."""
NEWS = (
    f"type='signal',sender='{SERVICE}',interface='{MESSAGING}',member='Added'",
    # a message of several parts is complete
    f"type='signal',sender='{SERVICE}',interface='org.freedesktop.DBus.Properties',arg0='{SMS}'",
)
ARRIVED = 0x00
TRYING = range(0x20, 0x40)
"""TP-Status, 3GPP TS 23.040, section 9.2.3.15: the phone has it; the network still tries. 0x01 and 0x02 leave it open,
0x40 and above are the end."""
FAILED = 0x40
LIKE = 7
"""Last digits by which numbers are alike: a report may leave out the country."""


class ModemEars:
    def __init__(self, settings: ModemSettings, clock: Clock | None = None, rest: Backoff = REST) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._rest = rest
        self._replies = Replies()
        self._log = structlog.get_logger().bind(channel=NAME)

    def listen(self, stopping: Event, heard: Callable[[Heard], Reply | None]) -> None:
        listening = Listening(NAME, stopping, heard, self._rest)
        with asyncio.Runner() as runner:
            while listening.goes_on():
                try:
                    runner.run(self._hear(listening))
                except Stopped:
                    return
                except ChannelError as trouble:
                    listening.rests(str(trouble))

    async def _hear(self, listening: Listening) -> None:
        """Until it is to stop, or the bus ends. Raises Busy, Stopped."""
        async with connected(self._settings.bus) as bus:
            news = await _news(bus)
            while listening.goes_on() and bus.connected:
                news.clear()
                modem = await find(bus, self._settings.imei, ModemState.ENABLED)
                await self._take(modem, listening)
                listening.well()
                await _wait(bus, news, listening)

    async def _take(self, modem: Modem, listening: Listening) -> None:
        messages = await modem.messages()
        for sms in messages:
            if sms.state == SmsState.RECEIVED and not sms.is_report:
                await self._take_text(modem, sms, listening)
        await self._take_reports(modem, messages, listening)

    async def _take_text(self, modem: Modem, sms: Sms, listening: Listening) -> None:
        reply: Reply | None = None
        if sms.text:
            at, token = self._when(sms), message_id(modem, sms.path)
            reply = listening.hands_on(Heard(NAME, sms.number, sms.number, at, text=sms.text, token=token))
        else:  # settings of an operator, or a picture's notice: kept, they would fill the SIM
            self._log.info("a message without words is deleted", sender=masked(sms.number))
        await modem.delete(sms.path)
        if reply is not None and self._replies.may_go(sms.number, self._clock.now()):
            try:
                await sent(modem, sms.number, fitted(reply.text, None, self._settings.parts), report=False)
            except ChannelError as wrong:
                self._log.warning("a reply did not go out", to=masked(sms.number), why=str(wrong))

    async def _take_reports(self, modem: Modem, messages: list[Sms], listening: Listening) -> None:
        reports = [sms for sms in messages if sms.is_report and sms.state == SmsState.RECEIVED]
        ours = [sms for sms in messages if sms.state == SmsState.SENT and sms.wants_report]
        for one in reversed(ours):  # references begin anew after 255: the newest of two that are alike is meant
            about = [report for report in reports if _is_about(report, one)]
            reports = [report for report in reports if report not in about]
            if any(report.delivery >= FAILED for report in about):
                self._log.warning(
                    "a message did not arrive, says the network", to=masked(one.number),
                    status=max(report.delivery for report in about), message=message_id(modem, one.path),
                )  # fmt: skip
            elif {report.reference for report in about if report.delivery == ARRIVED} == _references(one):
                at = max(self._when(report) for report in about)
                listening.hands_on(
                    Heard(NAME, one.number, one.number, at, delivered=message_id(modem, one.path))
                )  # fmt: skip
            else:
                for report in about:
                    if report.delivery != ARRIVED:
                        await modem.delete(report.path)
                continue
            for done in (*about, one):
                await modem.delete(done.path)
        if any(sms.state in {SmsState.UNKNOWN, SmsState.SENDING} for sms in messages):
            return  # a report may be quicker than the modem's word that the message is sent
        for stray in reports:
            await modem.delete(stray.path)

    def _when(self, sms: Sms) -> datetime:
        """By the message centre's clock, where that has a zone."""
        try:
            at = datetime.fromisoformat(sms.at)
        except ValueError:
            return self._clock.now()
        return at if at.tzinfo is not None else self._clock.now()


def _references(ours: Sms) -> set[int]:
    """Of all its parts: counted up by one each, 3GPP TS 23.040, section 9.2.3.6."""
    return {(ours.reference - before) % 256 for before in range(len(split(ours.text)))}


def _is_about(report: Sms, ours: Sms) -> bool:
    return report.reference in _references(ours) and report.number[-LIKE:] == ours.number[-LIKE:]


async def _news(bus: MessageBus) -> asyncio.Event:
    """Set whenever something may have come."""
    news = asyncio.Event()

    def handle(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            news.set()

    bus.add_message_handler(handle)
    try:
        for rule in NEWS:
            await call(
                bus, "/org/freedesktop/DBus", "org.freedesktop.DBus.AddMatch", "s", rule, name="org.freedesktop.DBus"
            )
    except DBusError as error:
        raise meaning(error) from error
    return news


async def _wait(bus: MessageBus, news: asyncio.Event, listening: Listening) -> None:
    """For news, for the next look, or for the end of the bus or of ours."""
    waited = 0.0
    while listening.goes_on() and bus.connected and not news.is_set() and waited < POLL_S:
        try:
            await asyncio.wait_for(news.wait(), LOOK_S)
        except TimeoutError:
            waited += LOOK_S
