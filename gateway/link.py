"""The connection to the broker. paho's network thread does nothing but hand messages over.

The session outlives the connection: what cameras say while we are away waits at the broker. Nothing is acknowledged
before the inbox says so, and the broker sends no more than `receive_at_most` ahead of that: this bounds the queue.
"""

import queue
import random
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts import Clock
from gateway.intake import Incoming
from wire import topics

log = structlog.get_logger()

SESSION = timedelta(days=7)
"""How long the broker keeps our session, and what came for it, while we are away."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    host: str = "127.0.0.1"
    port: int = 1883
    client_id: str = "sambar-gateway"
    share: str | None = None
    """The group's name when several inboxes share the messages. Not on iotcore, whose router dies of it."""
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    receive_at_most: int = 512
    """Messages that the broker sends ahead of our acknowledgements."""


class Link:
    """Connects, reconnects for ever, and queues what comes. `ack` and `send` may be called from any thread."""

    def __init__(self, settings: BrokerSettings, clock: Clock) -> None:
        self.incoming: queue.Queue[Incoming] = queue.Queue(maxsize=2 * settings.receive_at_most)
        self.connected = threading.Event()
        """Set while we are subscribed."""
        self._settings = settings
        self._clock = clock
        self._connection = 0
        self._said_unreachable = False
        self._stopping = threading.Event()
        self._client = self._made()

    def start(self) -> None:
        """Returns at once; the broker need not be there yet."""
        at_connect = Properties(PacketTypes.CONNECT)
        at_connect.SessionExpiryInterval = int(SESSION.total_seconds())
        at_connect.ReceiveMaximum = self._settings.receive_at_most
        self._client.connect_async(
            self._settings.host, self._settings.port, keepalive=30, clean_start=False, properties=at_connect
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Leaves in good order. The broker keeps the session."""
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()
        self.connected.clear()

    def next_group(self, most: int) -> list[Incoming]:
        """Whatever waits, in its order, up to `most`; nothing when nothing comes for a while."""
        group: list[Incoming] = []
        try:
            group.append(self.incoming.get(timeout=0.2))
            while len(group) < most:
                group.append(self.incoming.get_nowait())
        except queue.Empty:
            pass
        return group

    def ack(self, incoming: Incoming) -> None:
        """The broker may forget it. Without effect on a later connection, on which the broker sends it again."""
        if incoming.qos and incoming.connection == self._connection:
            self._client.ack(incoming.mid, incoming.qos)

    def send(self, topic: topics.Topic, sealed: bytes) -> None:
        """To a camera. May be lost: the camera then repeats its message, and hears it anew."""
        self._client.publish(str(topic), sealed, qos=1)

    def _made(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.max_queued_messages_set(10_000)  # receipts for as long as the broker is away
        client.max_inflight_messages_set(100)
        self._set_pace(client)
        if self._settings.tls:
            context = ssl.create_default_context(cafile=self._settings.ca and str(self._settings.ca))
            if self._settings.certificate is not None:
                context.load_cert_chain(self._settings.certificate, self._settings.key)
            client.tls_set_context(context)  # pyright: ignore[reportUnknownMemberType] - paho forgets its type
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    @staticmethod
    def _set_pace(client: Client) -> None:
        # paho doubles its delay from the one to the other. Drawn anew each time, so that a restarted broker is not
        # met by everybody at once.
        client.reconnect_delay_set(1, random.randint(10, 30))  # noqa: S311 - no secret

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("the broker refuses us", broker=str(self), reason=str(reason))
            return
        self._connection += 1
        self._said_unreachable = False
        wanted = topics.uplinks()
        if self._settings.share:
            wanted = f"$share/{self._settings.share}/{wanted}"
        client.subscribe(wanted, options=SubscribeOptions(qos=1))
        log.info("connected to the broker", broker=str(self), session_kept=flags.session_present)

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _more: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("the broker does not let us subscribe", broker=str(self), reason=str(reasons[0]))
            return
        self.connected.set()

    def _on_connect_fail(self, client: Client, _userdata: object) -> None:
        self._set_pace(client)
        if not self._said_unreachable:  # once per outage, not once per attempt
            self._said_unreachable = True
            log.warning("the broker cannot be reached; we go on trying", broker=str(self))

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: DisconnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        self.connected.clear()
        if not self._stopping.is_set():
            log.warning("the connection to the broker broke", broker=str(self), reason=str(reason))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        incoming = Incoming(
            topic=_topic(message),
            payload=bytes(message.payload),
            received_at=self._clock.now(),
            retained=message.retain,
            mid=message.mid,
            qos=message.qos,
            connection=self._connection,
        )
        while not self._stopping.is_set():
            try:
                # Full only when a broker sends more than we allowed, or without asking for an acknowledgement: then
                # we stop reading until there is room again.
                self.incoming.put(incoming, timeout=0.5)
            except queue.Full:
                continue
            return

    def __str__(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


def _topic(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return "(a topic that is not UTF-8)"


def _no_delay(_client: Client, _userdata: object, connection: Any) -> None:
    """A receipt must not wait for more to send."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
