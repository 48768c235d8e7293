"""What alerts/channels/apprise.py uses of Apprise 1, whose own types leave parts unknown."""

from enum import Enum

class NotifyType(Enum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"

class NotifyFormat(Enum):
    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"

class AppriseAsset:
    def __init__(self, *, app_id: str = ..., async_mode: bool = ..., storage_mode: str | None = None) -> None: ...

class NotifyBase:
    attachment_support: bool

class Apprise:
    def __init__(self, *, asset: AppriseAsset | None = None) -> None: ...
    @staticmethod
    def instantiate(url: str, asset: AppriseAsset | None = None) -> NotifyBase | None: ...
    def add(self, servers: NotifyBase) -> bool: ...
    def notify(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = ...,
        body_format: NotifyFormat | None = None,
        attach: str | None = None,
    ) -> bool | None: ...
