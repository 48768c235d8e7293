import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.wire.examples import KEY, PRIVATE
from wire.keys import BadKey, PublicKey, SigningKey


def test_a_public_key_is_read_as_it_was_written() -> None:
    key = SigningKey.make().public
    assert PublicKey.parse(str(key)) == key


def test_a_signing_key_survives_its_file(tmp_path: Path) -> None:
    key = SigningKey.make()
    key.save(tmp_path / "keys" / "camera.pem")
    assert SigningKey.load(tmp_path / "keys" / "camera.pem").public == key.public


def test_only_its_owner_can_read_a_key(tmp_path: Path) -> None:
    SigningKey.make().save(tmp_path / "camera.pem")
    assert stat.S_IMODE((tmp_path / "camera.pem").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    SigningKey.make().save(tmp_path / "camera.pem")
    with pytest.raises(FileExistsError):
        SigningKey.make().save(tmp_path / "camera.pem")


def test_a_key_says_nothing_of_its_private_half() -> None:
    key = SigningKey.make()
    assert repr(key) == f"SigningKey(public={key.public})"


def test_a_public_key_file_may_hold_its_text_or_a_pem(tmp_path: Path) -> None:
    key = SigningKey.make().public
    (tmp_path / "text").write_text(f"{key}\n")
    (tmp_path / "pem").write_bytes(key.pem())
    assert PublicKey.load(tmp_path / "text") == PublicKey.load(tmp_path / "pem") == key


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:AAAA", "rsa:AAAA", "ed25519:!!!!"])
def test_a_bad_public_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadKey, match="public key"):
        PublicKey.parse(text)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(BadKey, match="expected Ed25519"):
        SigningKey.load(tmp_path / "key.pem")


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match=r"camera\.pem: cannot be read \(No such file"):
        SigningKey.load(tmp_path / "camera.pem")


def test_a_signature_that_swallows_its_message_is_refused() -> None:
    signature = PRIVATE.sign(b"word")
    assert KEY.public.signed(b"word", signature)
    assert not KEY.public.signed(b"", signature + b"word")
