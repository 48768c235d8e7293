"""Where photos are kept: a local folder or S3, by address. What `keep` returned from is durable."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from gateway import durable

AT_ONCE = 8
"""Photos sent to S3 at once: it takes many round trips together."""


class PhotoTrouble(RuntimeError):
    """The place for photos cannot be used now: one sentence for an administrator."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo on its way into the store."""

    path: str
    image: bytes


class Photos(Protocol):
    """Paths are relative, with '/'. What is kept is never changed: a path names its content."""

    def keep(self, photos: Iterable[Kept]) -> None:
        """Returns once all are durable. Raises PhotoTrouble; then some may be there, which harms nobody."""
        ...

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError, PhotoTrouble."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class S3Access:
    """How to reach an S3 service; what is None comes from the environment (AWS_…)."""

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def path_for(park: str, camera: str, day: str, message: bytes, suffix: str) -> str:
    """Named by the hash of the signed message that brought it: one that comes again overwrites nothing but itself."""
    return f"{park}/{camera}/{day}/{message.hex()[:32]}.{suffix}"


def open_photos(url: str, access: S3Access | None = None) -> Photos:
    """By address: a folder's path or file://…, or s3://BUCKET/PREFIX. Raises PhotoTrouble."""
    if url.startswith("s3://"):
        return S3Photos(url, access or S3Access())
    if "://" in url and not url.startswith("file://"):
        raise PhotoTrouble(f"photos: {url!r}; expected a folder's path or s3://BUCKET/PREFIX")
    return LocalPhotos(Path(url.removeprefix("file://")))


class LocalPhotos:
    """In a folder. obstore only reads: its writing syncs nothing, and took five times as long for a small file."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as wrong:
            raise PhotoTrouble(f"photos: the folder {folder} cannot be made ({wrong.strerror})") from wrong
        self._folder = folder.resolve()
        self._store = LocalStore(self._folder)

    def keep(self, photos: Iterable[Kept]) -> None:
        try:
            written = [self._write(photo) for photo in photos]
            durable.sync(written, self._folder)
        except (BaseError, OSError) as wrong:
            raise PhotoTrouble(f"photos: {self._folder} does not take a photo ({wrong})") from wrong

    def read(self, path: str) -> bytes:
        return _read(self._store, path)

    def close(self) -> None:
        """Nothing is open between calls."""

    def _write(self, photo: Kept) -> Path:
        """Nobody reads it before the commit that speaks of it; a message that comes again may find half of it."""
        file = self._folder / photo.path
        try:
            _create(file, photo.image)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            _create(file, photo.image)
        except FileExistsError:
            part = file.with_name(f"{file.name}.{uuid4().hex}.part")
            _create(part, photo.image)
            part.replace(file)
        return file


def _create(file: Path, image: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        left = memoryview(image)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


class S3Photos:
    """In a bucket. S3 answers a write once it is durable."""

    def __init__(self, url: str, access: S3Access) -> None:
        named = {
            "endpoint": access.endpoint,
            "region": access.region,
            "access_key_id": access.access_key_id,
            "secret_access_key": access.secret_access_key,
        }
        self._url = url
        self._store = S3Store.from_url(
            url,
            config={key: value for key, value in named.items() if value is not None},  # pyright: ignore[reportArgumentType] - a TypedDict
            client_options={
                "allow_http": (access.endpoint or "").startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=30),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )
        self._pool = ThreadPoolExecutor(AT_ONCE, "photos")

    def keep(self, photos: Iterable[Kept]) -> None:
        try:
            list(self._pool.map(self._write, photos))
        except (BaseError, OSError) as wrong:
            raise PhotoTrouble(f"photos: {self._url} does not take a photo ({wrong})") from wrong

    def read(self, path: str) -> bytes:
        return _read(self._store, path)

    def close(self) -> None:
        self._pool.shutdown()

    def _write(self, photo: Kept) -> None:
        obstore.put(self._store, photo.path, photo.image, use_multipart=False)


def _read(store: LocalStore | S3Store, path: str) -> bytes:
    try:
        return bytes(obstore.get(store, path).bytes())
    except FileNotFoundError:
        raise
    except BaseError as wrong:
        raise PhotoTrouble(f"photos: {path} cannot be read ({wrong})") from wrong
