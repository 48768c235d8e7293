"""Small files that are either the old or the new one after a power cut, never half of each."""

import os
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """`content` under `path`, on the disk when this returns. Raises OSError; the old file then still stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in `folder`, on the disk: a rename is only lasting after this."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
