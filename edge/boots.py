"""Counts the program's starts, in a file of its own: a lost spool must not make the camera use a number twice."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge import durable

_log = structlog.get_logger()
_KERNEL_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Boot:
    number: int
    reason: str
    """How the last run ended, in words for the heartbeat."""


class Boots:
    """`boots.json` in the state folder."""

    def __init__(self, folder: Path, kernel_boot: str | None = None) -> None:
        self._path = folder / "boots.json"
        self._kernel_boot = kernel_boot if kernel_boot is not None else _kernel_boot()

    def begin(self) -> Boot:
        """The number of this start, on the disk when this returns. Raises OSError when it cannot be kept."""
        last, reason = self._last()
        boot = Boot(last + 1, reason)
        self._write(boot.number, ended=False)
        return boot

    def end(self, boot: Boot) -> None:
        """This run ends in good order."""
        self._write(boot.number, ended=True)

    def _last(self) -> tuple[int, str]:
        try:
            kept = json.loads(self._path.read_text())
            number, ended, kernel_boot = int(kept["boot"]), bool(kept["ended"]), str(kept["kernel_boot"])
        except FileNotFoundError:
            return 0, "first start"
        except (OSError, ValueError, KeyError, TypeError) as broken:
            # The seconds since 1970 are more than any count of starts, so that no number is used twice.
            _log.warning("the count of starts is lost and jumps ahead", path=str(self._path), error=str(broken))
            return int(time.time()), "count of starts was lost"
        if ended:
            return number, "orderly stop"
        if kernel_boot == self._kernel_boot:
            return number, "program died"
        return number, "power cut or system restart"

    def _write(self, number: int, *, ended: bool) -> None:
        kept = {"boot": number, "ended": ended, "kernel_boot": self._kernel_boot}
        durable.replace(self._path, json.dumps(kept).encode())


def _kernel_boot() -> str:
    try:
        return _KERNEL_BOOT.read_text().strip()
    except OSError:
        return "unknown"
