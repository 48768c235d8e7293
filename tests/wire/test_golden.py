"""Cameras in the field speak as these files do, for years: each must be read for ever."""

import pytest

from tests.wire.examples import EXAMPLES, GOLDEN, KEY, sealed, topic
from wire import envelope, messages
from wire.topics import Kind


@pytest.mark.parametrize("kind", list(Kind))
def test_a_message_of_version_1_is_still_read(kind: Kind) -> None:
    payload = envelope.unseal((GOLDEN / "v1" / f"{kind}.cose").read_bytes(), topic(kind), KEY.public)
    assert messages.decode(kind, payload) == EXAMPLES[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_message_is_still_written_as_in_version_1(kind: Kind) -> None:
    assert sealed(kind) == (GOLDEN / "v1" / f"{kind}.cose").read_bytes()
