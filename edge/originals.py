"""Full photos, each under the hash of its bytes, until they are asked for or room is needed."""

import errno
import hashlib
from collections import OrderedDict
from pathlib import Path

import structlog

from edge import durable

_log = structlog.get_logger()


class Originals:
    """`{sha256}.jpg` in one folder, within a budget of bytes; the oldest goes first."""

    def __init__(self, folder: Path, budget: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._budget = budget
        self.shed_count = 0
        for half in folder.glob("*.part"):
            half.unlink()
        found = sorted((path.stat().st_mtime_ns, path.name, path.stat().st_size) for path in folder.glob("*.jpg"))
        self._sizes = OrderedDict((name, size) for _, name, size in found)
        self._total = sum(self._sizes.values())
        self._shed(budget)

    def keep(self, photo: bytes) -> bytes:
        """The SHA-256 under which `photo` is now on the disk. Raises OSError when the disk cannot take it."""
        name = hashlib.sha256(photo)
        file = name.hexdigest() + ".jpg"
        if file not in self._sizes:
            self._write(file, photo)
            self._sizes[file] = len(photo)
            self._total += len(photo)
            self._shed(max(self._budget, len(photo)))  # the newest stays, whatever its size
        return name.digest()

    def read(self, original: bytes) -> bytes | None:
        """The photo with this SHA-256, or None: never had, shed, or no longer what it was."""
        try:
            photo = (self._folder / (original.hex() + ".jpg")).read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(photo).digest() != original:
            _log.error("an original is not what it was", original=original.hex())
            return None
        return photo

    def give_up(self, size: int) -> None:
        """Sheds the oldest until `size` bytes are free that were not: the disk is full, and a sighting matters more."""
        self._shed(max(0, self._total - size))

    def _write(self, file: str, photo: bytes) -> None:
        while True:
            try:
                durable.replace(self._folder / file, photo)
            except OSError as fault:
                if fault.errno != errno.ENOSPC or not self._sizes:
                    raise
                self.give_up(len(photo))
            else:
                return

    def _shed(self, budget: int) -> None:
        """Down to `budget`, oldest first."""
        while self._total > budget and self._sizes:
            name, size = self._sizes.popitem(last=False)
            (self._folder / name).unlink(missing_ok=True)
            self._total -= size
            self.shed_count += 1
            _log.info("an original was shed for want of room", original=name, bytes=size)
