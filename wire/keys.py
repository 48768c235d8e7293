"""Ed25519 keys: made on the machine that owns them, the public half written as one word."""

import base64
import binascii
import os
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cwt import COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from wire.errors import WireError

PREFIX = "ed25519:"
SIGNATURE_BYTES = 64


class BadKey(WireError):
    """A key that cannot be read, or is of another kind."""


class PublicKey:
    """Whose signature it is."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key = key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's for `message`."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self._raw)
        except BadSignatureError:
            return False
        return True

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `str(key)`. Raises BadKey."""
        try:
            if not text.startswith(PREFIX):
                raise ValueError("no prefix")
            raw = base64.b64decode(text.removeprefix(PREFIX), altchars=b"-_", validate=True)
            return cls(Ed25519PublicKey.from_public_bytes(raw))
        except (ValueError, binascii.Error) as wrong:
            raise BadKey(f"public key: {text[:80]!r}; expected {PREFIX!r} and 44 letters of base64") from wrong

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a file that holds a PEM or the text of `str(key)`. Raises BadKey."""
        text = _read(path).decode("ascii", errors="replace").strip()
        if text.startswith(PREFIX):
            return cls.parse(text)
        try:
            key = load_pem_public_key(text.encode())
        except (ValueError, UnsupportedAlgorithm) as wrong:
            raise BadKey(f"{path}: not a public key in PEM or as '{PREFIX}…' ({wrong})") from wrong
        if not isinstance(key, Ed25519PublicKey):
            raise BadKey(f"{path}: a key of another kind; expected Ed25519")
        return cls(key)

    def pem(self) -> bytes:
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def __str__(self) -> str:
        return PREFIX + base64.b64encode(self._raw, altchars=b"-_").decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)


class SigningKey:
    """What a camera or the gateway signs with. Never leaves its machine; its text says nothing of it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())
        self.cose: COSEKeyInterface = COSEKey.from_pem(self._pem(), alg="EdDSA")

    @classmethod
    def make(cls) -> Self:
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a PEM file. Raises BadKey."""
        pem = _read(path)
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
            raise BadKey(f"{path}: not a private key in PEM without a password") from wrong
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"{path}: a key of another kind; expected Ed25519")
        return cls(key)

    def save(self, path: Path) -> None:
        """To a new PEM file that only its owner can read, durable when this returns.

        Raises FileExistsError: a key is never overwritten.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(self._pem())
            file.flush()
            os.fsync(handle)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def derived(self, purpose: str) -> bytes:
        """32 secret bytes for another purpose, the same each time, from which nobody finds the key (RFC 5869)."""
        raw = self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return HKDF(SHA256(), 32, salt=None, info=f"sambar 1 {purpose}".encode()).derive(raw)

    def _pem(self) -> bytes:
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public})"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise BadKey(f"{path}: cannot be read ({missing.strerror}); expected a key file") from missing
