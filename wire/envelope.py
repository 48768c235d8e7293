"""The envelope: COSE_Sign1 (RFC 9052) with Ed25519, the topic bound in as external data.

Because the topic is signed, a message cannot be carried over to another camera, park, kind or direction.
"""

import hashlib

import cbor2
from cwt import COSE

from wire.errors import BadEnvelope, BadSignature
from wire.keys import PublicKey, SigningKey
from wire.topics import Topic

LARGEST = 72_000
"""Bytes. A piece of an original (64,000) with its envelope is the longest message that there is."""

SIGN1 = 18
"""CBOR's tag for COSE_Sign1."""

DIGEST_BYTES = 8
"""How much of a SHA-256 names signed bytes in a receipt."""

PROTECTED = cbor2.dumps({1: -8})
"""The protected header: the algorithm is EdDSA. Nothing else is taken."""

_COSE = COSE.new(alg_auto_inclusion=True)


def seal(payload: bytes, topic: Topic, key: SigningKey) -> bytes:
    """The signed bytes for this topic."""
    sealed = _COSE.encode_and_sign(  # pyright: ignore[reportUnknownMemberType] - cwt leaves its header dicts untyped
        payload, key.cose, external_aad=str(topic).encode()
    )
    assert isinstance(sealed, bytes)  # noqa: S101 - cwt's declared type also allows a tag, which only out= asks for
    return sealed


def unseal(sealed: bytes, topic: Topic, key: PublicKey) -> bytes:
    """The payload, when `key` signed it for this topic. Raises BadEnvelope; BadSignature when only that is wrong.

    What was signed is RFC 9052's Sig_structure, section 4.4. Checked here and not by cwt, whose OpenSSL takes twice as
    long as libsodium: an inbox does little else.
    """
    protected, payload, signature = _parts(sealed)
    signed = cbor2.dumps(["Signature1", protected, str(topic).encode(), payload])
    if protected != PROTECTED or not key.signed(signed, signature):
        raise BadSignature(f"signature: does not hold for {topic} and {key}")
    return payload


def peek(sealed: bytes) -> bytes:
    """The payload without a look at its signature: for a person who wants to read it, never for acting on it.

    Raises BadEnvelope.
    """
    return _parts(sealed)[1]


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """(protected header, payload, signature). Raises BadEnvelope."""
    if len(sealed) > LARGEST:
        raise BadEnvelope(f"message: {len(sealed)} bytes; expected at most {LARGEST}")
    try:
        outer: object = cbor2.loads(sealed)
    except Exception as broken:  # a decoder on foreign bytes: whatever it raises, they are no message
        raise BadEnvelope(f"message: {len(sealed)} bytes that are not CBOR; expected COSE_Sign1") from broken
    if not isinstance(outer, cbor2.CBORTag) or outer.tag != SIGN1:
        raise BadEnvelope("message: not COSE_Sign1 (RFC 9052), which is CBOR's tag 18")
    match outer.value:
        case [bytes() as protected, dict(), bytes() as payload, bytes() as signature]:
            return protected, payload, signature
        case _:
            raise BadEnvelope("message: expected COSE_Sign1's four elements: header, map, payload, signature")


def digest(sealed: bytes) -> bytes:
    """The first bytes of their SHA-256, by which a receipt names these signed bytes."""
    return hashlib.sha256(sealed).digest()[:DIGEST_BYTES]
