"""One message of each kind, as in the golden files. `python -m tests.wire.examples` writes those that are missing."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wire import envelope
from wire.codec import Message
from wire.keys import SigningKey
from wire.messages import (
    ClockQuality,
    Command,
    Detection,
    Health,
    Named,
    Opening,
    Original,
    Outcome,
    Photo,
    Presence,
    Preview,
    Receipt,
    RefusedMessage,
    Reply,
    Sighting,
    Stages,
    State,
    Status,
    Weights,
)
from wire.topics import Kind, Topic

GOLDEN = Path(__file__).parent / "golden"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SigningKey(PRIVATE)
"""Known to everybody: for golden files only."""
SHUTTER = datetime(2026, 11, 22, 20, 40, 7, 250_000, tzinfo=UTC)
FIRST_PHOTO, BETTER_PHOTO = hashlib.sha256(b"first photo").digest(), hashlib.sha256(b"better photo").digest()
OPENING = Opening(boot=12, sequence=345)


def after(milliseconds: int) -> datetime:
    return SHUTTER + timedelta(milliseconds=milliseconds)


SIGHTING = Sighting(
    boot=12, sequence=347, at=after(2_150), clock=ClockQuality.NETWORK, uptime_ms=1_234_567,
    opening=OPENING, revision=1, state=State.OPEN, opened_at=SHUTTER, seen_at=after(2_000), counts={"person": 2},
    photos=(
        Photo(original=BETTER_PHOTO, at=after(2_000), detections=(
            Detection(label="person", score=0.83, x=0.4125, y=0.2204, width=0.0815, height=0.3391),
            Detection(label="person", score=0.61, x=0.5507, y=0.2412, width=0.0702, height=0.3010),
        )),
        Photo(original=FIRST_PHOTO, at=SHUTTER, detections=(
            Detection(label="person", score=0.57, x=0.3011, y=0.2500, width=0.0611, height=0.2944),
        )),
    ),
    model=Weights(name="nanodet_416_int8", digest=bytes.fromhex("0123456789abcdef")),
    stages=Stages(shutter=SHUTTER, gated=after(4), detected=after(96)),
)  # fmt: skip

EXAMPLES: dict[Kind, Message] = {
    Kind.SIGHTING: SIGHTING,
    Kind.PREVIEW: Preview(
        boot=12, sequence=346, at=after(180), clock=ClockQuality.NETWORK, uptime_ms=1_232_597,
        opening=OPENING, original=FIRST_PHOTO, image=b"RIFF\x12\x00\x00\x00WEBPVP8 not a whole picture",
    ),
    Kind.ORIGINAL: Original(
        boot=12, sequence=360, at=after(90_000), clock=ClockQuality.NETWORK, uptime_ms=1_322_417,
        original=FIRST_PHOTO, offset=64_000, size=64_011, piece=b"first photo",
    ),
    Kind.HEALTH: Health(
        boot=12, sequence=301, at=after(-60_000), clock=ClockQuality.UNSET, uptime_ms=1_172_417, next_within_s=900,
        version="0.1.0", boot_reason="power", frames=11_724, frames_moved=310, spooled=2,
        disk_free_bytes=21_474_836_480, bytes_sent=48_213, temperature_c=41, camera_fault=None, shed=0,
    ),
    Kind.STATUS: Status(
        boot=12, sequence=1, at=after(-1_232_000), clock=ClockQuality.UNSET, uptime_ms=417,
        presence=Presence.GONE, connection=3,
    ),
    Kind.REPLY: Reply(
        boot=12, sequence=359, at=after(89_000), clock=ClockQuality.NETWORK, uptime_ms=1_321_417,
        command=7, outcome=Outcome.REFUSED, words="order: 'dance' is not an order of this camera",
    ),
    Kind.RECEIPT: Receipt(
        at=after(400),
        stored=(Named(boot=12, sequence=345, digest=b"\x01" * 8), Named(boot=12, sequence=346, digest=b"\x02" * 8)),
        refused=(RefusedMessage(boot=12, sequence=344, digest=b"\x03" * 8, reason="image: not a WebP"),),
    ),
    Kind.COMMAND: Command(
        at=after(88_000), number=7, expires=after(688_000), order="original", words={"original": FIRST_PHOTO},
    ),
}  # fmt: skip


def topic(kind: Kind) -> Topic:
    return Topic("thap-lan", "CAM-012", kind)


def sealed(kind: Kind) -> bytes:
    return envelope.seal(EXAMPLES[kind].encode(), topic(kind), KEY)


if __name__ == "__main__":
    for each in EXAMPLES:
        file = GOLDEN / "v1" / f"{each}.cose"
        if not file.exists():  # a golden file is only ever added: cameras in the field still speak like this
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(sealed(each))
    key_file = GOLDEN / "public-key.txt"
    key_file.write_text(f"{KEY.public}\n")
