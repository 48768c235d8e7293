# What we use of line-bot-sdk 3, which has no types of its own.

from collections.abc import Mapping
from typing import Any

class Configuration:
    retries: bool | None
    def __init__(self, host: str | None = None, *, access_token: str | None = None) -> None: ...

class _PoolManager:
    def clear(self) -> None: ...

class _RestClient:
    pool_manager: _PoolManager

class ApiClient:
    rest_client: _RestClient
    def __init__(self, configuration: Configuration) -> None: ...
    def close(self) -> None: ...

class ApiException(Exception):
    status: int
    reason: str | None
    body: str | bytes | None
    headers: Mapping[str, str] | None

class Message:
    def to_dict(self) -> dict[str, Any]: ...

class TextMessage(Message):
    def __init__(self, *, text: str) -> None: ...

class ImageMessage(Message):
    def __init__(self, *, originalContentUrl: str, previewImageUrl: str) -> None: ...

class PostbackAction:
    def __init__(self, *, label: str, data: str, displayText: str) -> None: ...

class ButtonsTemplate:
    def __init__(self, *, text: str, actions: list[PostbackAction]) -> None: ...

class TemplateMessage(Message):
    def __init__(self, *, altText: str, template: ButtonsTemplate) -> None: ...

class PushMessageRequest:
    def __init__(self, *, to: str, messages: list[Message], notificationDisabled: bool) -> None: ...

class ReplyMessageRequest:
    def __init__(self, *, replyToken: str, messages: list[Message]) -> None: ...

class _SentMessage:
    id: str

class PushMessageResponse:
    sent_messages: list[_SentMessage]

class MessageQuotaResponse:
    value: int | None

class QuotaConsumptionResponse:
    total_usage: int

class BotInfoResponse:
    display_name: str

_Wait = tuple[float, float]

class MessagingApi:
    def __init__(self, api_client: ApiClient) -> None: ...
    def push_message(
        self, push_message_request: PushMessageRequest, x_line_retry_key: str, *, _request_timeout: _Wait
    ) -> PushMessageResponse: ...
    def reply_message(
        self, reply_message_request: ReplyMessageRequest, *, _request_timeout: _Wait
    ) -> PushMessageResponse: ...
    def get_profile(self, user_id: str, *, _request_timeout: _Wait) -> object: ...
    def get_message_quota(self, *, _request_timeout: _Wait) -> MessageQuotaResponse: ...
    def get_message_quota_consumption(self, *, _request_timeout: _Wait) -> QuotaConsumptionResponse: ...
    def get_bot_info(self, *, _request_timeout: _Wait) -> BotInfoResponse: ...
