"""Telegram, by a bot: https://core.telegram.org/bots/api. How a park sets one up is in docs/alerts.md."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

import structlog
from telegram import Bot, InputMediaPhoto, LinkPreviewOptions
from telegram.constants import ParseMode

from alerts import Clock
from alerts.caption import caption, html
from alerts.channels.telegram_answers import BadPhoto, CannotEdit, Gone, Moved, Same, asked
from alerts.channels.telegram_buttons import keyboard
from alerts.channels.telegram_settings import TelegramSettings
from alerts.channels.telegram_wire import HIDDEN, Patience, Request
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Busy, Refused

REMEMBERED = 2_000
"""Messages whose photo is known, so that an edit of the words alone does not send it again."""
LONGEST_CALL = timedelta(seconds=60)
"""Of one telling, all its requests together. Shorter than the dispatcher's lease."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""Telegram would fetch the link to show what is behind it."""

T = TypeVar("T")


class TelegramChannel:
    """Sends to a person's chat with the bot, or to a group that the bot is in, and edits in place.

    A text gains its photo by an edit: editMessageMedia may add media to a text message. A message that cannot be
    edited, because somebody deleted it, is told anew. A photo that Telegram does not take leaves the words.

    Telegram counts messages chat by chat, so a message's id here is 'CHAT/NUMBER': in the supergroup that a group has
    become, the same number is another message.
    """

    name = "telegram"
    carries_photo = True

    def __init__(
        self, settings: TelegramSettings, clock: Clock | None = None, patience: Patience | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._request = Request(settings.read_token(), patience or Patience())
        self._bot = Bot(
            HIDDEN, base_url=f"{settings.base_url.rstrip('/')}/bot", request=self._request,
            get_updates_request=self._request,
        )  # fmt: skip
        self._runner = asyncio.Runner()
        self._photos: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        """(chat, message) → SHA-256 of the photo that it shows."""
        self._log = structlog.get_logger().bind(channel=self.name)

    def check(self) -> str:
        """The bot's name, as Telegram knows it. Raises Busy, when the token is wrong too. For the start."""

        async def name() -> str:
            return (await asked(self._bot.get_me())).username or ""

        return self._run(name())

    def tell(self, telling: Telling, address: str) -> Accepted:
        return self._run(self._following(address, lambda chat: self._tell(telling, chat)))

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:
        return self._run(self._following(address, lambda chat: self._edit_or_tell(telling, chat, earlier)))

    def withdraw(self, address: str, earlier: Accepted) -> None:
        chat, number = _place(earlier.message_id, _chat(address))

        async def delete() -> None:
            try:
                await asked(self._bot.delete_message(chat, number))
            except Gone:
                pass
            except Moved as moved:
                raise Refused(f"Telegram: the message stays where it was sent; {moved}") from moved

        self._run(delete())

    def close(self) -> None:
        with self._runner:
            self._runner.run(self._request.shutdown())

    def _run(self, work: Coroutine[object, object, T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(LONGEST_CALL.total_seconds()):
                return await work

        try:
            return self._runner.run(bounded())
        except TimeoutError as slow:
            raise Busy(f"Telegram took longer than {LONGEST_CALL.total_seconds():.0f} s") from slow

    async def _following(self, address: str, work: Callable[[int], Awaitable[Accepted]]) -> Accepted:
        """`work` in the chat; in another, whose number is then kept, when the group has become a supergroup."""
        try:
            return await work(_chat(address))
        except Moved as moved:
            self._log.warning("a group has a new number; it is kept", old=address, new=moved.chat)
            accepted = await work(moved.chat)
            return Accepted(accepted.message_id, accepted.with_photo, address=str(moved.chat))

    async def _tell(self, telling: Telling, chat: int) -> Accepted:
        words, photo = html(caption(telling, self._clock.now())), telling.photo
        buttons, silent = keyboard(telling), telling.quiet
        if photo is not None:
            try:
                message = await asked(
                    self._bot.send_photo(
                        chat, photo, caption=words, parse_mode=ParseMode.HTML, reply_markup=buttons,
                        disable_notification=silent,
                    )
                )  # fmt: skip
            except BadPhoto as bad:
                self._log.warning("the photo is not taken: the words go alone", why=str(bad))
            else:
                return self._shows(chat, message.message_id, photo)
        message = await asked(
            self._bot.send_message(
                chat, words, parse_mode=ParseMode.HTML, reply_markup=buttons, link_preview_options=NO_PREVIEW,
                disable_notification=silent,
            )
        )  # fmt: skip
        return _accepted(chat, message.message_id, with_photo=False)

    async def _edit_or_tell(self, telling: Telling, chat: int, earlier: Accepted) -> Accepted:
        try:
            return await self._edit(telling, chat, earlier)
        except Same:
            return earlier
        except CannotEdit as gone:
            self._log.info("the earlier message cannot be edited: told anew", why=str(gone))
            return await self._tell(telling, chat)

    async def _edit(self, telling: Telling, chat: int, earlier: Accepted) -> Accepted:
        """Raises Same, CannotEdit."""
        words, photo, buttons = html(caption(telling, self._clock.now())), telling.photo, keyboard(telling)
        place, number = _place(earlier.message_id, chat)
        if place != chat:
            raise CannotEdit(f"it lies in chat {place}, which has become {chat}")
        if photo is not None and self._photos.get((chat, number)) != sha256(photo).digest():
            media = InputMediaPhoto(photo, caption=words, parse_mode=ParseMode.HTML)
            try:
                await asked(self._bot.edit_message_media(media, chat_id=chat, message_id=number, reply_markup=buttons))
            except BadPhoto as bad:
                self._log.warning("the photo is not taken: the words are edited alone", why=str(bad))
            else:
                return self._shows(chat, number, photo)
        if earlier.with_photo:
            await asked(
                self._bot.edit_message_caption(
                    chat, number, caption=words, parse_mode=ParseMode.HTML, reply_markup=buttons
                )
            )
        else:
            await asked(
                self._bot.edit_message_text(
                    words, chat, number, parse_mode=ParseMode.HTML, reply_markup=buttons,
                    link_preview_options=NO_PREVIEW,
                )
            )  # fmt: skip
        return _accepted(chat, number, with_photo=earlier.with_photo)

    def _shows(self, chat: int, number: int, photo: bytes) -> Accepted:
        self._photos[chat, number] = sha256(photo).digest()
        while len(self._photos) > REMEMBERED:
            self._photos.popitem(last=False)
        return _accepted(chat, number, with_photo=True)


def _accepted(chat: int, number: int, *, with_photo: bool) -> Accepted:
    return Accepted(f"{chat}/{number}", with_photo)


def _place(message_id: str, chat: int) -> tuple[int, int]:
    """The chat and the number of a message. `chat` is meant where the id is a number alone, as it once was."""
    where, _, number = message_id.rpartition("/")
    return int(where or chat), int(number)


def _chat(address: str) -> int:
    """Only a chat's number: a public channel's '@name' could be read by anybody. Raises Refused."""
    try:
        return int(address)
    except ValueError:
        raise Refused(f"address: {address!r:.60}; expected the number of a Telegram chat") from None
