"""The demo's broker: iotcore, which brings rumqttd along, on 127.0.0.1 from generated settings."""

import json
from pathlib import Path

from iotcore import Broker

SETTINGS = """\
# Written by sambar at each start.
id = 0

[router]
id = 0
max_connections = 1010
max_outgoing_packet_count = 1000
max_segment_size = 104857600
max_segment_count = 10

[{version}.1]
name = "{version}"
listen = {listen}
next_connection_delay_ms = 1

[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = 262144
max_inflight_count = 1000
dynamic_filters = true
"""


class BrokerTrouble(RuntimeError):
    """The broker cannot run: one sentence."""


class EmbeddedBroker:
    """Keeps nothing through a restart, and must never be asked for a shared subscription: its router dies of it."""

    def __init__(self, port: int, folder: Path) -> None:
        """`folder` holds the generated settings."""
        self.port = port
        self._settings = folder / "rumqttd.toml"
        self._broker: Broker | None = None

    def start(self) -> None:
        """Returns when it listens. Raises BrokerTrouble."""
        self._settings.parent.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(SETTINGS.format(version="v5", listen=json.dumps(f"127.0.0.1:{self.port}")))
        try:
            self._broker = Broker(config_path=str(self._settings))
            self._broker.start()
        except (OSError, RuntimeError, ValueError) as wrong:
            raise BrokerTrouble(f"broker: 127.0.0.1:{self.port} cannot be used ({wrong})") from wrong

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.stop()
            self._broker = None
