"""docs/wire.md is what others build against: its tables say what the code does."""

import re
from pathlib import Path

import pytest

from tests.wire.examples import sealed
from wire.codec import Key, Message
from wire.messages import KINDS, Upward
from wire.topics import Kind

DOCS = (Path(__file__).parents[2] / "docs" / "wire.md").read_text()


def documented(heading: str) -> list[tuple[int, str, bool]]:
    """(key, field, required) of the first table after a heading."""
    table = re.search(rf"{heading}.*?\n\n(\| key .*?)\n\n", DOCS, re.DOTALL)
    assert table, f"no table after {heading!r}"
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table[1].splitlines()[2:]]
    return [(int(key), field, required == "yes") for key, field, required, _ in rows]


def coded(message: type[Message]) -> list[tuple[int, str, bool]]:
    return [
        (mark.number, name, field.is_required())
        for name, field in message.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Key)
    ]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_message_is_documented_as_it_is(kind: Kind) -> None:
    message = KINDS[kind]
    own = [row for row in coded(message) if not issubclass(message, Upward) or row not in coded(Upward)]
    heading = f"### {message.__name__} \\(kind {message.KIND}, {kind.direction}\\)"
    assert documented(heading) == own


def test_what_every_camera_message_begins_with_is_documented() -> None:
    assert documented("## Messages") == coded(Upward)


@pytest.mark.parametrize("message", KINDS.values(), ids=lambda message: message.__name__)
def test_no_key_stands_for_two_fields(message: type[Message]) -> None:
    keys = [key for key, _, _ in coded(message)]
    assert len(set(keys)) == len(keys)


def test_the_documented_size_of_the_reference_sighting_is_its_size() -> None:
    assert f"is {len(sealed(Kind.SIGHTING))} bytes, its signature included" in DOCS
