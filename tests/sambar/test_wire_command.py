from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sambar.cli import main
from tests.wire.examples import GOLDEN, KEY, topic
from wire.keys import SigningKey
from wire.topics import Kind

SIGHTING = GOLDEN / "v1" / "sighting.cose"


def decode(file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["wire", "decode", str(file), *options])


@pytest.mark.parametrize("kind", list(Kind))
def test_any_message_is_printed(kind: Kind) -> None:
    result = decode(GOLDEN / "v1" / f"{kind}.cose")
    assert result.exit_code == 0
    assert result.output.startswith(f"{kind}, ")


def test_a_sighting_is_readable() -> None:
    words = decode(SIGHTING).output
    assert "  opened_at: 2026-11-22T20:40:07.250+00:00" in words
    assert "  counts: person 2" in words
    assert "score: 0.83" in words


def test_a_signature_that_holds_is_said_so() -> None:
    result = decode(SIGHTING, "--topic", str(topic(Kind.SIGHTING)), "--key", str(KEY.public))
    assert f"signature: holds for sambar/1/thap-lan/CAM-012/up/sighting and {KEY.public}" in result.output
    assert result.exit_code == 0


def test_a_signature_that_does_not_hold_is_said_so_and_ends_with_1() -> None:
    result = decode(SIGHTING, "--topic", str(topic(Kind.SIGHTING)), "--key", str(SigningKey.make().public))
    assert "signature: DOES NOT HOLD" in result.output
    assert result.exit_code == 1


def test_without_a_key_it_says_what_is_missing() -> None:
    assert "signature: not checked; give --key" in decode(SIGHTING, "--topic", str(topic(Kind.SIGHTING))).output


def test_a_file_that_is_no_message_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 a photo")
    result = decode(tmp_path / "photo.jpg")
    assert result.exit_code == 2
    assert "not COSE_Sign1" in result.output or "not CBOR" in result.output


def test_the_public_key_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(str(KEY.public))
    result = decode(SIGHTING, "--topic", str(topic(Kind.SIGHTING)), "--key", str(tmp_path / "key.txt"))
    assert "signature: holds" in result.output
