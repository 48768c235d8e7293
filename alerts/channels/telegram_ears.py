"""What people press and write in Telegram: https://core.telegram.org/bots/api#getting-updates, by long polling.

An update stays with Telegram until a later request names a higher offset. That is made only once the update has been
handed on, so a crash hears it again and loses none.
"""

import asyncio
import html
from collections.abc import Callable, Coroutine
from threading import Event
from typing import TypeVar

import structlog
from telegram import Bot, CallbackQuery, Message, Update
from telegram.constants import ChatType, ParseMode, UpdateType

from alerts import Clock
from alerts.backoff import Backoff
from alerts.channels.buttons import fitting, pressed
from alerts.channels.listening import REST, Listening, Stopped
from alerts.channels.telegram_answers import asked
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.telegram_wire import HIDDEN, Patience, Request
from alerts.channels.telegram_words import addressed
from alerts.clock import SystemClock
from alerts.errors import Busy
from alerts.heard import Heard, Reply

POLL_S = 25
"""How long Telegram holds a request when there is no news. A connection that died in silence is noticed after it."""
LOOK_S = 0.2
"""How often a request that waits looks whether to stop."""
REPLY_S = 15
"""The longest for one reply: the next in line waits meanwhile."""
LONGEST_NOTE = 200
"""Letters: api#answercallbackquery."""
LONGEST_CAPTION, LONGEST_TEXT = 1024, 4096
"""UTF-16 code units: api#sendphoto, api#sendmessage."""

T = TypeVar("T")


class TelegramEars:
    """Hears the buttons under alerts, and what is written to the bot, and replies at once."""

    def __init__(
        self,
        settings: TelegramSettings,
        clock: Clock | None = None,
        patience: Patience | None = None,
        rest: Backoff = REST,
    ) -> None:
        self._clock = clock or SystemClock()
        self._token = settings.read_token()
        self._base_url = f"{settings.base_url.rstrip('/')}/bot"
        self._patience = patience or Patience()
        self._rest = rest
        self._log = structlog.get_logger().bind(channel="telegram")

    def listen(self, stopping: Event, heard: Callable[[Heard], Reply | None]) -> None:
        listening = Listening("telegram", stopping, heard, self._rest)
        request = Request(self._token, self._patience)
        bot = Bot(HIDDEN, base_url=self._base_url, request=request, get_updates_request=request)
        with asyncio.Runner() as runner:
            try:
                self._listen(runner, bot, listening)
            finally:
                runner.run(request.shutdown())

    def _listen(self, runner: asyncio.Runner, bot: Bot, listening: Listening) -> None:
        name: str | None = None
        offset: int | None = None
        while listening.goes_on():
            try:
                if name is None:
                    me = runner.run(_unless_stopped(asked(bot.get_me()), listening.stopping))
                    name = me.username or ""
                updates = runner.run(_unless_stopped(asked(_news(bot, offset, POLL_S)), listening.stopping))
            except Stopped:
                break
            except Busy as busy:
                listening.rests(str(busy), busy.retry_after)
                continue
            except Exception as trouble:  # noqa: BLE001 - nobody else would listen, be the answer one that cannot be read
                listening.rests(f"{type(trouble).__name__}: {trouble}")
                continue
            listening.well()
            for update in updates:
                try:
                    self._take(runner, bot, update, name, listening)
                except Stopped:
                    break
                offset = update.update_id + 1
                if not listening.goes_on():
                    break
        if offset is not None:
            self._confirm(runner, bot, offset)

    def _take(self, runner: asyncio.Runner, bot: Bot, update: Update, name: str, listening: Listening) -> None:
        """Hand it on, and reply. Raises Stopped."""
        if (query := update.callback_query) is not None:
            heard = self._of_button(query)
            reply = None if heard is None else listening.hands_on(heard)
            note = "" if reply is None else fitting(reply.text, LONGEST_NOTE)
            self._tried(runner, bot.answer_callback_query(query.id, note))
        elif (message := update.message) is not None:
            heard = _of_message(message, name)
            reply = None if heard is None else listening.hands_on(heard)
            if reply is not None:
                self._tried(runner, _say(bot, message.chat_id, reply))

    def _of_button(self, query: CallbackQuery) -> Heard | None:
        button = pressed(query.data or "")
        if button is None or query.message is None:
            self._log.warning("a button that is none of ours", data=f"{query.data!r:.80}")
            return None
        return Heard(
            channel="telegram",
            sender=str(query.from_user.id),
            chat=str(query.message.chat.id),
            at=self._clock.now(),
            answer=button.answer,
            delivery=button.delivery,
            token=query.id,
        )

    def _tried(self, runner: asyncio.Runner, reply: Coroutine[object, object, object]) -> None:
        """A reply that fails is logged: what it answers has been kept."""

        async def bounded() -> None:
            async with asyncio.timeout(REPLY_S):
                await asked(reply)

        try:
            runner.run(bounded())
        except Exception as failed:  # noqa: BLE001 - as above, whatever it was
            self._log.warning("a reply did not get through", why=str(failed) or type(failed).__name__)

    def _confirm(self, runner: asyncio.Runner, bot: Bot, offset: int) -> None:
        """Before we go: what was handed on need not be heard again."""

        async def bounded() -> None:
            async with asyncio.timeout(1):
                await _news(bot, offset, 0)

        try:
            runner.run(bounded())
        except Exception as failed:  # noqa: BLE001 - we go in any case: then it is heard once more
            self._log.info("the last that was heard will be heard again", why=type(failed).__name__)


async def _news(bot: Bot, offset: int | None, wait_s: int) -> tuple[Update, ...]:
    kinds = [UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY]
    return await bot.get_updates(offset=offset, timeout=wait_s, allowed_updates=kinds)


async def _unless_stopped(work: Coroutine[object, object, T], stopping: Event) -> T:
    """Raises Stopped as soon as `stopping` is set, and `work` is left."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=LOOK_S)
        if stopping.is_set() and not task.done():
            task.cancel()
            await asyncio.wait({task})
            raise Stopped
    return task.result()


def _of_message(message: Message, name: str) -> Heard | None:
    """None when it is not for us: of a bot or in the name of a chat, without words, or talk among people in a group."""
    sender = message.from_user
    if sender is None or sender.is_bot or message.sender_chat is not None or not message.text:
        return None
    text = addressed(message.text, name, in_group=message.chat.type != ChatType.PRIVATE)
    if text is None:
        return None
    return Heard(
        channel="telegram", sender=str(sender.id), chat=str(message.chat_id), at=message.date, text=text,
        token=str(message.message_id),
    )  # fmt: skip


async def _say(bot: Bot, chat: int, reply: Reply) -> None:
    words = reply.text
    if reply.photo is not None:
        caption = fitting(words, LONGEST_CAPTION)
        await bot.send_photo(chat, reply.photo, caption=html.escape(caption), parse_mode=ParseMode.HTML)
    else:
        await bot.send_message(chat, html.escape(fitting(words, LONGEST_TEXT)), parse_mode=ParseMode.HTML)
