"""What people do in the fake's chats, and how a bot hears of it: https://core.telegram.org/bots/api#getting-updates.

`api` stands for https://core.telegram.org/bots/api.
"""

import json
import threading
from collections import OrderedDict
from typing import Any

from alerts.channels.fake_telegram_chats import Answer, Chat, Shown, as_chat, as_message

LONGEST_NOTE = 200
"""Characters: api#answercallbackquery, `text`."""
MOST = 100
"""Updates in one answer: api#getupdates, `limit`."""


class Updates:
    """Kept until a later getUpdates confirms them by its offset. Safe among threads."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._waiting: list[dict[str, Any]] = []
        self._last_update = 1000
        self._last_query = 0
        self._poll = 0
        self._stopped = False
        self._wanted: frozenset[str] = frozenset()
        """Kinds of update; empty for all: api#getupdates, `allowed_updates`."""
        self._queries: OrderedDict[str, str | None] = OrderedDict()
        """Callback query → the note that it was answered with."""

    def stop(self) -> None:
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def happened(self, kind: str, what: dict[str, Any]) -> None:
        """api#update: `kind` names the one field besides update_id. Kinds that are not wanted are not kept."""
        with self._news:
            if self._wanted and kind not in self._wanted:
                return
            self._last_update += 1
            self._waiting.append({"update_id": self._last_update, kind: what})
            self._news.notify_all()

    def pressed(self, chat: Chat, shown: Shown, data: str, by: int) -> str:
        """api#callbackquery. Its id."""
        with self._news:
            self._last_query += 1
            query = f"q{self._last_query}"
            self._queries[query] = None
        message = as_message(chat, shown)
        pressed = {"id": query, "from": user(by), "message": message, "chat_instance": "1", "data": data}
        self.happened("callback_query", pressed)
        return query

    def note(self, query: str) -> str | None:
        """What the person who pressed was shown; None when nothing has come yet."""
        with self._news:
            return self._queries[query]

    def unconfirmed(self) -> int:
        with self._news:
            return len(self._waiting)

    def get(self, fields: dict[str, bytes]) -> list[dict[str, Any]]:
        """api#getupdates, with its long polling. A later request ends an earlier one."""
        with self._news:
            self._poll += 1
            mine = self._poll
            self._news.notify_all()
            if "allowed_updates" in fields:
                self._wanted = frozenset(json.loads(fields["allowed_updates"]))
            offset = int(fields.get("offset", b"0"))
            self._waiting = [update for update in self._waiting if update["update_id"] >= offset]
            self._news.wait_for(
                lambda: self._waiting or self._stopped or self._poll != mine, float(fields.get("timeout", b"0"))
            )
            if self._poll != mine:
                raise Answer(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            return self._waiting[: min(int(fields.get("limit", b"100")), MOST)]

    def answer_query(self, fields: dict[str, bytes]) -> bool:
        """api#answercallbackquery."""
        query, text = fields["callback_query_id"].decode(), fields.get("text", b"").decode()
        with self._news:
            if self._queries.get(query, "") is not None:  # unknown, or answered already
                raise Answer(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
            if len(text) > LONGEST_NOTE:
                raise Answer(400, "Bad Request: MESSAGE_TOO_LONG")
            self._queries[query] = text
        return True


def written(chat: Chat, number: int, text: str, by: int, moment: int, *, bot: bool) -> dict[str, Any]:
    """api#message, as a person writes it."""
    return {
        "message_id": number,
        "date": moment,
        "chat": as_chat(chat),
        "from": user(by, bot=bot),
        "text": text,
    }


def user(number: int, *, bot: bool = False) -> dict[str, Any]:
    """api#user."""
    return {"id": number, "is_bot": bot, "first_name": f"User {number}"}
