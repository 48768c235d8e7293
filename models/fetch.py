"""Weights brought from the address in their card: resumed where they broke off, checked, then put in place at once."""

import hashlib
import http.client
import os
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import models
from models.card import Card
from models.errors import FetchBroken, ModelError, WeightsAltered, WeightsMissing

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here, and the bytes that there will be, where that is known."""

_CHUNK = 1 << 16
_TIMEOUT_S = 30.0
_RANGE_IS_WRONG = 416


class _Answer(Protocol):
    """The part of a response that is used here."""

    status: int
    headers: http.client.HTTPMessage

    def read(self, amt: int) -> bytes: ...


def fetch(card: Card, progress: Progress | None = None, attempts: int = 3) -> Path:
    """The weights' file, fetched unless it is there already.

    An attempt goes on where the last one, also one of an earlier call, broke off. Raises FetchBroken when every attempt
    broke, WeightsAltered when what came is not what the card means, ModelError when the card has no address.
    """
    with suppress(WeightsMissing, WeightsAltered):
        return models.weights(card)
    if card.url is None:
        raise ModelError(f"model {card.name}: its card has no url to fetch it from")
    target = models.place(card)
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(target.name + ".part")
    for attempt in range(1, attempts + 1):
        try:
            _download(card.url, arriving, progress)
            break
        except FetchBroken:
            if attempt == attempts:
                raise
    _place(card, arriving, target)
    return target


def _download(url: str, arriving: Path, progress: Progress | None) -> None:
    """Adds what is missing to `arriving`."""
    here = arriving.stat().st_size if arriving.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "sambar"})  # noqa: S310 - the card allows http(s) only
    if here:
        request.add_header("Range", f"bytes={here}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            _receive(answer, arriving, here, progress)
    except urllib.error.HTTPError as refused:
        refused.close()
        if refused.code == _RANGE_IS_WRONG:
            # As much is here as there is, or more than that. The hash will tell.
            return
        raise FetchBroken(f"{url}: the server answered {refused.code} {refused.reason}") from None
    except (OSError, http.client.HTTPException) as broken:
        reason = broken.reason if isinstance(broken, urllib.error.URLError) else broken
        raise FetchBroken(f"{url}: {reason}. {_so_far(arriving)}") from None


def _receive(answer: _Answer, arriving: Path, here: int, progress: Progress | None) -> None:
    if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
        here = 0  # the server sends the whole of it, whatever was asked
    length = answer.headers.get("Content-Length")
    total = here + int(length) if length is not None else None
    with arriving.open("ab" if here else "wb") as file:
        while chunk := answer.read(_CHUNK):
            file.write(chunk)
            here += len(chunk)
            if progress is not None:
                progress(here, total)
    if total is not None and here < total:
        raise ConnectionError(f"the connection was cut after {here:,} of {total:,} bytes")


def _so_far(arriving: Path) -> str:
    here = arriving.stat().st_size if arriving.exists() else 0
    return f"{here:,} bytes are here; fetch again to go on from there" if here else "Nothing has come yet"


def _place(card: Card, arriving: Path, target: Path) -> None:
    """Checks what has come; nobody ever sees half of it. What is wrong is deleted, so that it is not resumed."""
    try:
        content = arriving.read_bytes() if card.member is None else _member(card, arriving)
    except (tarfile.TarError, OSError, EOFError, zlib.error, KeyError) as wrong:
        arriving.unlink(missing_ok=True)
        raise WeightsAltered(f"model {card.name}: no {card.member} in what {card.url} gave: {wrong}") from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.sha256:
        arriving.unlink()
        raise WeightsAltered(
            f"model {card.name}: what {card.url} gave has SHA-256 {digest}; expected {card.sha256}. It was deleted."
        )
    if card.member is not None:
        whole = arriving
        arriving = target.with_name(target.name + ".new")
        arriving.write_bytes(content)
        whole.unlink()
    with arriving.open("rb") as file:
        os.fsync(file.fileno())
    arriving.replace(target)


def _member(card: Card, tarball: Path) -> bytes:
    assert card.member is not None  # noqa: S101 - the caller has looked
    with tarfile.open(tarball, "r:gz") as files:
        file = files.extractfile(card.member)
        if file is None:
            raise KeyError(f"{card.member} is no file")
        first, after = card.part or (0, None)
        return file.read()[first:after]
