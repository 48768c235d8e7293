from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.examples import EXAMPLES, SIGHTING
from wire import messages
from wire.errors import BadMessage
from wire.messages import Detection, Health, Sighting, Status
from wire.topics import Kind


def plain(kind: Kind) -> dict[int, Any]:
    return cbor2.loads(EXAMPLES[kind].encode())


def refusal(kind: Kind, fields: dict[int, Any]) -> str:
    with pytest.raises(BadMessage) as refused:
        messages.decode(kind, cbor2.dumps(fields))
    return str(refused.value)


def test_an_unknown_key_of_a_newer_camera_is_passed_over() -> None:
    newer = plain(Kind.SIGHTING) | {99: "a field of the year 2031"}
    assert Sighting.decode(cbor2.dumps(newer)) == SIGHTING


def test_a_longer_row_of_a_newer_camera_is_passed_over() -> None:
    newer = plain(Kind.SIGHTING)
    newer[13] = [*newer[13], "one element more"]
    assert Sighting.decode(cbor2.dumps(newer)) == SIGHTING


def test_an_optional_field_that_an_older_camera_did_not_know_takes_its_default() -> None:
    older = plain(Kind.HEALTH)
    del older[14]
    assert Health.decode(cbor2.dumps(older)).temperature_c is None


def test_equal_messages_have_equal_bytes() -> None:
    assert Sighting.decode(SIGHTING.encode()).encode() == SIGHTING.encode()


BAD_VALUES: list[tuple[dict[int, Any], str]] = [
    ({1: -1}, "boot: -1; expected"),
    ({1: "twelve"}, "boot: 'twelve'; expected"),
    ({3: "yesterday"}, "at: 'yesterday'; expected milliseconds since 1970"),
    ({3: 10**30}, "expected milliseconds since 1970"),
    ({4: 9}, "clock: 9; expected one of 0 (unset), 1 (hardware), 2 (network), 3 (gnss)"),
    ({6: 5}, "opening: 5; expected an array: boot, sequence"),
    ({6: [1]}, "opening.sequence: is missing"),
    ({12: [["short", 0, []]]}, "photos.0.original: 'short'; expected"),
    ({12: [[bytes(32), 0, [["person", 10_001, 0, 0, 0, 0]]]]}, "photos.0.detections.0.score: 1.0001; expected"),
    ({11: {"person": "many"}}, "counts.person: 'many'; expected"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD_VALUES)
def test_a_bad_value_is_refused_by_its_name(change: dict[int, Any], sentence: str) -> None:
    assert sentence in refusal(Kind.SIGHTING, plain(Kind.SIGHTING) | change)


def test_every_mistake_is_named_at_once() -> None:
    words = refusal(Kind.STATUS, plain(Kind.STATUS) | {1: -1, 2: -2})
    assert "boot: -1" in words
    assert "sequence: -2" in words


def test_a_missing_field_is_named() -> None:
    fields = plain(Kind.STATUS)
    del fields[7]
    assert refusal(Kind.STATUS, fields) == "connection: is missing"


def test_a_message_on_the_topic_of_another_kind_is_refused() -> None:
    assert "kind: 5; expected 1, a sighting" in refusal(Kind.SIGHTING, plain(Kind.STATUS))


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_in_words(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.decode(Kind.SIGHTING, payload)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_a_damaged_payload_is_read_or_refused_and_nothing_else(place: int, damage: bytes) -> None:
    payload = bytearray(SIGHTING.encode())
    place %= len(payload)
    payload[place : place + len(damage)] = damage
    with suppress(BadMessage):
        Sighting.decode(bytes(payload))


fractions = st.floats(0, 1)


@given(
    st.builds(
        Detection, label=st.just("person"), score=fractions, x=fractions, y=fractions, width=fractions, height=fractions
    )
)
def test_any_detection_survives_the_way(detection: Detection) -> None:
    photo = SIGHTING.photos[0].model_copy(update={"detections": (detection,)})
    message = SIGHTING.model_copy(update={"photos": (photo,)})
    assert Sighting.decode(message.encode()).photos[0].detections[0] == detection


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1)))  # noqa: DTZ001 - hypothesis wants its bounds naive
def test_any_moment_survives_to_the_millisecond(naive: datetime) -> None:
    message = Status.model_validate(EXAMPLES[Kind.STATUS].model_dump() | {"at": naive.replace(tzinfo=UTC)})
    back = Status.decode(message.encode())
    assert back.at == message.at
    assert abs((back.at - naive.replace(tzinfo=UTC)).total_seconds()) < 0.001
