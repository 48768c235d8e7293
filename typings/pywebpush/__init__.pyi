"""What alerts/channels/push.py uses of pywebpush 2, which brings no types."""

from collections.abc import Mapping
from typing import Any

class WebPushException(Exception): ...

class WebPusher:
    def __init__(self, subscription_info: Mapping[str, Any]) -> None: ...
    def encode(self, data: bytes, content_encoding: str = "aes128gcm") -> Mapping[str, bytes]: ...
