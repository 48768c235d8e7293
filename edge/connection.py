"""One connection to the broker, from its first byte to its last."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import BadSettings, BrokerSection
from edge.outbox import Letter, Outbox
from wire.messages import Presence, Status
from wire.topics import Kind, downlinks

_log = structlog.get_logger()

CONNECT_WITHIN_S = 15.0
_GOODBYE_WITHIN_S = 2.0


def tls_context(broker: BrokerSection) -> ssl.SSLContext | None:
    """What the link is encrypted and known by; None without `ca`. Raises BadSettings for files that are none."""
    if broker.ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=broker.ca)
    except OSError as wrong:
        raise BadSettings(f"broker.ca: {broker.ca}: {wrong}; expected certificates in PEM") from wrong
    if broker.cert is not None:
        try:
            context.load_cert_chain(broker.cert, broker.cert_key)
        except OSError as wrong:
            raise BadSettings(
                f"broker.cert: {broker.cert} with {broker.cert_key}: {wrong}; expected a certificate and its key in PEM"
            ) from wrong
    return context


class Connection:
    """One connection to the broker, from its first byte to its last."""

    def __init__(
        self,
        broker: BrokerSection,
        tls: ssl.SSLContext | None,
        outbox: Outbox,
        *,
        number: int,
        take: Callable[[str, bytes], None],
        woken: threading.Event,
    ) -> None:
        self.ready = threading.Event()
        """Set once the broker has taken our subscription: receipts can come, so messages may go."""
        self.ended = threading.Event()
        self.fault = "the broker did not answer in time"
        self._broker = broker
        self._tls = tls
        self._outbox = outbox
        self._number = number
        self._take = take
        self._woken = woken
        self._client = self._made()

    def open(self) -> None:
        """Raises OSError, with ssl.SSLError among them, when the broker cannot be reached."""
        self._client.connect(self._broker.host, self._broker.port, self._broker.keepalive_s, clean_start=True)
        self._client.loop_start()

    def send(self, topic: str, sealed: bytes) -> bool:
        """Whether it was given to the link. At most a window of these is ever in the library's hands."""
        return self._client.publish(topic, sealed, qos=1).rc is mqtt.MQTT_ERR_SUCCESS

    def say(self, presence: Presence) -> mqtt.MQTTMessageInfo:
        letter = self._status(presence)
        return self._client.publish(letter.topic, letter.sealed, qos=1, retain=True)

    def close(self, *, leaving: bool) -> None:
        """`leaving` says goodbye first; without it the broker tells the last will when the line was lost."""
        if leaving and self.ready.is_set() and not self.ended.is_set():
            with contextlib.suppress(RuntimeError, ValueError):  # the line broke meanwhile: the will speaks for us
                self.say(Presence.LEAVING).wait_for_publish(_GOODBYE_WITHIN_S)
            self._client.disconnect()
        elif (line := self.line) is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    @property
    def line(self) -> socket.socket | None:
        """What the bytes go through, while there is any."""
        line = self._client.socket()
        return line if isinstance(line, socket.socket) else None

    def _made(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{self._outbox.park}.{self._outbox.camera}",  # no slash: the demo's broker dies of one
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_WITHIN_S
        if self._tls is not None:
            client.tls_set_context(self._tls)  # pyright: ignore[reportUnknownMemberType] - paho leaves it untyped
        will = self._status(Presence.GONE)
        client.will_set(will.topic, will.sealed, qos=1, retain=True)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _status(self, presence: Presence) -> Letter:
        return self._outbox.sign(Kind.STATUS, lambda stamp: Status(**stamp, presence=presence, connection=self._number))

    def _on_connect(
        self, client: mqtt.Client, _: Any, __: mqtt.ConnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        if reason.is_failure:
            self._end(f"the broker refused the connection: {reason}")
            return
        client.subscribe(downlinks(self._outbox.park, self._outbox.camera), qos=1)

    def _on_subscribe(
        self, _: mqtt.Client, __: Any, ___: int, reasons: list[ReasonCode], ____: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._end(f"the broker refused the subscription to receipts: {reasons[0]}")
            return
        self.say(Presence.HERE)
        self.ready.set()
        self._woken.set()

    def _on_message(self, _: mqtt.Client, __: Any, message: mqtt.MQTTMessage) -> None:
        try:
            self._take(message.topic, bytes(message.payload))
        except Exception:  # noqa: BLE001 - whatever a message does to us, the link goes on to the next
            _log.exception("a message from the gateway could not be dealt with", topic=message.topic)

    def _on_disconnect(
        self, _: mqtt.Client, __: Any, ___: mqtt.DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        self._end(f"the line broke: {reason}")

    def _end(self, fault: str) -> None:
        if not self.ended.is_set():
            self.fault = fault
        self.ended.set()
        self.ready.set()
        self._woken.set()


def _without_delay(_: mqtt.Client, __: Any, line: Any) -> None:
    """Small packets go at once: waiting to fill them cost more than a second per alert on a slow mobile link."""
    if isinstance(line, socket.socket) and line.family in {socket.AF_INET, socket.AF_INET6}:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
