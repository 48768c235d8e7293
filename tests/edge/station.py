"""The gateway's end of a real broker, for tests of the camera: hears everything, and says what a test wants said."""

from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.fixtures.mosquitto import Mosquitto, wait_until
from wire.codec import plain_map
from wire.envelope import digest, peek, seal, unseal
from wire.keys import SigningKey
from wire.messages import Command, Message, Named, Receipt, decode
from wire.topics import Kind, Topic, parse, uplinks

M = TypeVar("M", bound=Message)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def named(sealed: bytes) -> Named:
    """The name of a message of whatever kind."""
    plain = plain_map(peek(sealed))
    return Named(boot=plain[1], sequence=plain[2], digest=digest(sealed))


class Station:
    """Hears all cameras of a broker; speaks to camera p/c."""

    def __init__(self, broker: Mosquitto, camera: SigningKey, key: SigningKey) -> None:
        self.heard: list[tuple[Topic, bytes]] = []
        self.receipting = False
        self._key = key
        self._camera = camera
        self._subscribed = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._ready
        self._client.on_message = self._hear
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        wait_until(lambda: self._subscribed, "the station's subscription")

    def messages(self, message: type[M]) -> list[M]:
        """What was heard of this kind, in order, its signature checked; what came twice is one."""
        found: dict[bytes, M] = {}
        for topic, sealed in list(self.heard):
            each = decode(topic.kind, unseal(sealed, topic, self._camera.public))
            if isinstance(each, message):
                found[digest(sealed)] = each
        return list(found.values())

    def sealed(self, kind: Kind) -> bytes:
        """The first that was heard of this kind."""
        return next(sealed for topic, sealed in self.heard if topic.kind is kind)

    def receipt(self, sealed: bytes, *, key: SigningKey | None = None) -> None:
        self.say(Kind.RECEIPT, Receipt(at=NOW, stored=(named(sealed),)), key=key)

    def say(self, kind: Kind, message: Receipt | Command, *, key: SigningKey | None = None, camera: str = "c") -> None:
        """To camera p/c; sealed for `camera`."""
        sealed = seal(message.encode(), Topic("p", camera, kind), key or self._key)
        self._client.publish(str(Topic("p", "c", kind)), sealed, qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, *_: Any) -> None:
        self._client.subscribe(uplinks(), qos=1)

    def _ready(self, *_: Any) -> None:
        self._subscribed = True

    def _hear(self, _: Any, __: Any, message: mqtt.MQTTMessage) -> None:
        topic, sealed = parse(message.topic), cast(bytes, message.payload)
        self.heard.append((topic, sealed))
        if self.receipting and topic.kind is not Kind.STATUS:
            self.receipt(sealed)
