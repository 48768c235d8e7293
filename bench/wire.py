"""Bytes and time per message: the reference sighting of docs/wire.md."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.report import Options, Report, run
from wire import envelope
from wire.keys import SigningKey
from wire.messages import Sighting
from wire.topics import Kind, Topic

REFERENCE = Path(__file__).parents[1] / "tests" / "wire" / "golden" / "v1" / "sighting.cose"
LARGEST_SIGHTING = 600
"""Bytes, signed: with the MQTT, TCP and IP headers it fits one segment of 700 on the worst links."""


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of one call, of `rounds` batches of 50."""
    times: list[float] = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(50):
            work()
        times.append((time.perf_counter() - begin) * 1000 / 50)
    return median(times)


def measure(report: Report, options: Options) -> None:
    rounds = 5 if options.quick else 40
    sealed = REFERENCE.read_bytes()
    payload = envelope.peek(sealed)
    sighting = Sighting.decode(payload)
    key, topic = SigningKey.make(), Topic("thap-lan", "CAM-012", Kind.SIGHTING)
    signed = envelope.seal(payload, topic, key)
    plain = json.dumps(
        sighting.model_dump(), default=lambda value: value.hex() if isinstance(value, bytes) else str(value)
    )

    encode = milliseconds(sighting.encode, rounds)
    seal = milliseconds(lambda: envelope.seal(payload, topic, key), rounds)
    unseal = milliseconds(lambda: envelope.unseal(signed, topic, key.public), rounds)
    decode = milliseconds(lambda: Sighting.decode(payload), rounds)
    as_json = milliseconds(lambda: json.dumps(sighting.model_dump(), default=str), rounds)

    report.figure("sighting, signed", len(signed), "bytes")
    report.figure("sighting, payload", len(payload), "bytes")
    report.figure("the same as JSON with natural names, unsigned", len(plain), "bytes")
    report.figure("encode", encode, "ms")
    report.figure("sign", seal, "ms")
    report.figure("verify", unseal, "ms")
    report.figure("decode and check", decode, "ms")
    report.figure("the same as JSON with natural names, unsigned", as_json, "ms")
    report.ratio("encode and sign, against JSON unsigned", (encode + seal) / as_json, "<=", 10)
    report.ratio("bytes against JSON with natural names, unsigned", len(signed) / len(plain), "<=", 0.5)
    report.ratio("bytes of the signed sighting, against its budget", len(signed) / LARGEST_SIGHTING, "<=", 1)


if __name__ == "__main__":
    run("wire: bytes and time per message", measure)
