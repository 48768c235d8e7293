"""HTTP to the Messaging API, by LINE's own library: its troubles become ours, and no secret comes along."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    Message,
    MessagingApi,
    PushMessageRequest,
    ReplyMessageRequest,
)
from urllib3 import exceptions as urllib3_errors

from alerts.channels.line_answers import NotTaken, meaning
from alerts.channels.line_settings import LineSettings
from alerts.errors import Busy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    connect_s: float = 5
    read_s: float = 10


@dataclass(frozen=True, slots=True)
class Quota:
    """Messages of this month: one for each person that one reached, so five for a group of five."""

    limit: int | None
    """None: the plan has no end."""
    used: int


class Line:
    """The requests that we make. Each raises Busy, or what `line_answers.meaning` says."""

    def __init__(self, settings: LineSettings, patience: Patience | None = None) -> None:
        wait = patience or Patience()
        self._wait = (wait.connect_s, wait.read_s)
        configuration = Configuration(host=settings.base_url.rstrip("/"), access_token=settings.read_access_token())
        configuration.retries = False  # the dispatcher tries again, with the same retry key
        self._client = ApiClient(configuration)
        self._api = MessagingApi(self._client)

    def push(self, to: str, messages: Sequence[Message], *, quiet: bool, key: str) -> str:
        """The id of the first message. What was accepted before under the same `key` is not sent again."""
        request = PushMessageRequest(to=to, messages=list(messages), notificationDisabled=quiet)
        try:
            answer = _asked(lambda: self._api.push_message(request, key, _request_timeout=self._wait))
        except NotTaken as answer:
            if answer.status == 409 and answer.accepted is not None:
                return answer.accepted
            raise meaning(answer) from None
        return answer.sent_messages[0].id

    def reply(self, token: str, words: Message) -> None:
        request = ReplyMessageRequest(replyToken=token, messages=[words])
        self._meant(lambda: self._api.reply_message(request, _request_timeout=self._wait))

    def reaches(self, user: str) -> bool:
        """Whether the user can be written to: not one who has blocked us, is no friend, or is gone."""
        try:
            _asked(lambda: self._api.get_profile(user, _request_timeout=self._wait))
        except NotTaken as answer:
            if answer.status == 404:  # https://developers.line.biz/en/reference/messaging-api/#status-codes
                return False
            raise meaning(answer) from None
        return True

    def quota(self) -> Quota:
        limit = self._meant(lambda: self._api.get_message_quota(_request_timeout=self._wait))
        used = self._meant(lambda: self._api.get_message_quota_consumption(_request_timeout=self._wait))
        return Quota(limit.value, used.total_usage)

    def name(self) -> str:
        """The bot's own, as people see it."""
        return self._meant(lambda: self._api.get_bot_info(_request_timeout=self._wait)).display_name

    def close(self) -> None:
        self._client.close()
        self._client.rest_client.pool_manager.clear()

    @staticmethod
    def _meant(call: Callable[[], T]) -> T:
        try:
            return _asked(call)
        except NotTaken as answer:
            raise meaning(answer) from None


def _asked(call: Callable[[], T]) -> T:
    """Raises NotTaken or Busy in place of the library's errors, whose words hold whole answers."""
    try:
        return call()
    except ApiException as error:
        if not error.status:
            raise Busy("LINE cannot be reached (TLS)") from None
        raise _not_taken(error) from None
    except urllib3_errors.TimeoutError:
        raise Busy("LINE did not answer in time") from None
    except urllib3_errors.HTTPError as wrong:
        raise Busy(f"LINE cannot be reached ({type(wrong).__name__})") from None
    except ValueError:  # of the library's models, and of JSON: a hotel's sign-in page, say
        raise Busy("LINE's answer cannot be read") from None


def _not_taken(error: ApiException) -> NotTaken:
    said = _object(error.body)
    headers: Mapping[str, str] = error.headers or {}
    details = [
        f"{detail.get('property', '')}: {detail.get('message', '')}"
        for detail in cast("list[dict[str, Any]]", said.get("details") or [])
    ]
    words = "; ".join([str(said.get("message") or error.reason or "no words"), *details])
    wait = headers.get("retry-after", "")
    return NotTaken(
        error.status,
        words[:300],
        timedelta(seconds=min(int(wait), 86_400)) if wait.isascii() and wait.isdigit() else None,
        _first(said) or headers.get("x-line-accepted-request-id"),
    )


def _first(said: dict[str, Any]) -> str | None:
    match said.get("sentMessages"):
        case [{"id": str(number)}, *_]:
            return number
        case _:
            return None


def _object(body: str | bytes | None) -> dict[str, Any]:
    try:
        said: object = json.loads(body or "{}")
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}
