from typing import Any

import cbor2
import pytest
from cwt import COSE, COSEKey
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.examples import KEY, PRIVATE, SIGHTING, sealed, topic
from wire import envelope
from wire.errors import BadEnvelope, BadSignature
from wire.keys import SigningKey
from wire.topics import Kind, Topic

SEALED = sealed(Kind.SIGHTING)
TOPIC = topic(Kind.SIGHTING)


def test_the_payload_comes_back() -> None:
    assert envelope.unseal(SEALED, TOPIC, KEY.public) == SIGHTING.encode()


def test_another_key_does_not_hold() -> None:
    with pytest.raises(BadSignature):
        envelope.unseal(SEALED, TOPIC, SigningKey.make().public)


@pytest.mark.parametrize(
    "elsewhere",
    [Topic("khao-yai", "CAM-012", Kind.SIGHTING), Topic("thap-lan", "CAM-013", Kind.SIGHTING), topic(Kind.PREVIEW)],
    ids=["another park", "another camera", "another kind"],
)
def test_a_message_cannot_be_carried_to_another_topic(elsewhere: Topic) -> None:
    with pytest.raises(BadSignature):
        envelope.unseal(SEALED, elsewhere, KEY.public)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= flip
    try:
        payload = envelope.unseal(bytes(damaged), TOPIC, KEY.public)
    except BadEnvelope:
        return
    assert payload == SIGHTING.encode()  # a byte outside what is signed, such as the unprotected header


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadEnvelope):
        envelope.unseal(data, TOPIC, KEY.public)


def test_a_mac_in_place_of_a_signature_is_refused() -> None:
    shared = COSEKey.from_symmetric_key(b"k" * 32, alg="HS256")
    cose: Any = COSE.new(alg_auto_inclusion=True)  # cwt leaves its header dicts untyped
    mac = cose.encode_and_mac(b"payload", shared, external_aad=str(TOPIC).encode())
    assert isinstance(mac, bytes)
    with pytest.raises(BadEnvelope, match="not COSE_Sign1"):
        envelope.unseal(mac, TOPIC, KEY.public)


def test_another_implementation_of_cose_agrees() -> None:
    cose: Any = COSE.new()
    other = COSEKey.from_pem(KEY.public.pem(), alg="EdDSA")
    assert cose.decode(SEALED, other, external_aad=str(TOPIC).encode()) == SIGHTING.encode()


def signed_with_header(protected: bytes) -> bytes:
    """As `seal` does it, but for the header: the signature itself holds."""
    signed = cbor2.dumps(["Signature1", protected, str(TOPIC).encode(), SIGHTING.encode()])
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, SIGHTING.encode(), PRIVATE.sign(signed)]))


def test_a_signature_made_by_hand_holds() -> None:
    assert signed_with_header(cbor2.dumps({1: -8})) == SEALED


@pytest.mark.parametrize("header", [cbor2.dumps({1: -7}), cbor2.dumps({1: -8, 4: b"key"}), b""])
def test_another_header_is_refused_although_its_signature_holds(header: bytes) -> None:
    with pytest.raises(BadSignature):
        envelope.unseal(signed_with_header(header), TOPIC, KEY.public)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    protected, unprotected, payload, signature = cbor2.loads(SEALED).value
    other = cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, (signature * 2)[:length]]))
    with pytest.raises(BadSignature):
        envelope.unseal(other, TOPIC, KEY.public)


def test_an_oversized_message_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadEnvelope, match="72001 bytes; expected at most 72000"):
        envelope.unseal(bytes(72_001), TOPIC, KEY.public)


def test_a_payload_that_is_not_bytes_is_refused() -> None:
    with pytest.raises(BadEnvelope):
        envelope.peek(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, "text", b""])))


def test_the_digest_tells_two_messages_apart() -> None:
    assert envelope.digest(SEALED) != envelope.digest(sealed(Kind.PREVIEW))
    assert len(envelope.digest(SEALED)) == 8
