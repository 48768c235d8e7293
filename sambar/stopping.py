"""How our programs are asked to end: by SIGTERM (systemd) or SIGINT (Ctrl-C), once."""

import signal
import threading
from types import FrameType


def on_signals() -> threading.Event:
    """Set when a signal asks the program to end. Call it in the main thread."""
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    return stopping
