"""`sambar wire …`: look at what travels."""

import hashlib
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

import click

from wire import envelope, messages, topics
from wire.codec import Message, Row, plain_map
from wire.errors import BadMessage, BadSignature, WireError
from wire.keys import PublicKey

LONGEST_HEX = 32
"""Bytes. A hash is shown whole, an image only by its size and hash."""


@click.group("wire")
def command() -> None:
    """Look at what travels between a camera and the gateway."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--topic", help="The topic that FILE came on, such as sambar/1/thap-lan/CAM-012/up/sighting.")
@click.option(
    "--key", "key_text", metavar="KEY", help="The speaker's public key: 'ed25519:…', or a file that holds it or a PEM."
)
def decode(file: Path, topic: str | None, key_text: str | None) -> None:
    """Print the message in FILE, and whether its signature holds.

    FILE holds the signed bytes as they were on the wire. The signature binds the topic, so both --topic and --key are
    needed to check it. Ends with 1 when it does not hold, with 2 when FILE is no message.
    """
    sealed = file.read_bytes()
    try:
        payload = envelope.peek(sealed)
        message = _message(payload)
        signature, holds = _signature(sealed, topic, key_text)
    except WireError as wrong:
        click.echo(f"{file}: {wrong}", err=True)
        raise click.exceptions.Exit(2) from wrong
    click.echo(f"{type(message).__name__.lower()}, {len(sealed)} bytes signed, {len(payload)} without the signature")
    for line in _lines(message.__class__.model_fields, message, "  "):
        click.echo(line)
    click.secho(signature, fg=None if holds is None else "green" if holds else "red")
    if holds is False:
        raise click.exceptions.Exit(1)


def _message(payload: bytes) -> Message:
    number = plain_map(payload).get(0)
    for known in messages.KINDS.values():
        if number == known.KIND:
            return known.decode(payload)
    known_numbers = ", ".join(f"{each.KIND} ({name})" for name, each in messages.KINDS.items())
    raise BadMessage(f"kind: {number!r:.60}; expected one of {known_numbers}")


def _signature(sealed: bytes, topic: str | None, key_text: str | None) -> tuple[str, bool | None]:
    """A sentence, and whether it holds; None when it could not be checked."""
    if topic is None or key_text is None:
        missing = " and ".join(name for name, value in (("--topic", topic), ("--key", key_text)) if value is None)
        return f"signature: not checked; give {missing}", None
    key = PublicKey.parse(key_text) if key_text.startswith("ed25519:") else PublicKey.load(Path(key_text))
    try:
        envelope.unseal(sealed, topics.parse(topic), key)
    except BadSignature:
        return f"signature: DOES NOT HOLD for {topic} and {key}", False
    return f"signature: holds for {topic} and {key}", True


def _lines(fields: Any, value: Any, indent: str) -> list[str]:
    lines: list[str] = []
    for name in fields:
        inner = getattr(value, name)
        if isinstance(inner, tuple) and inner:
            for place, row in enumerate(cast("tuple[Row, ...]", inner)):
                lines.append(f"{indent}{name}.{place}")
                lines += _lines(type(row).model_fields, row, indent + "  ")
        elif isinstance(inner, Row):
            lines.append(f"{indent}{name}")
            lines += _lines(type(inner).model_fields, inner, indent + "  ")
        else:
            lines.append(f"{indent}{name}: {_words(inner)}")
    return lines


def _words(value: Any) -> str:
    match value:
        case None:
            return "—"
        case bytes() if len(value) > LONGEST_HEX:
            return f"{len(value)} bytes, SHA-256 {hashlib.sha256(value).hexdigest()}"
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case IntEnum():
            return value.name.lower()
        case dict():
            inner = cast("dict[str, Any]", value)
            return ", ".join(f"{name} {_words(each)}" for name, each in inner.items()) or "—"
        case _:
            return str(value) or "—"
