"""The key by which push services know this gateway: RFC 8292 (VAPID)."""

import os
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


def vapid_key(path: Path) -> EllipticCurvePrivateKey:
    """The key in `path`, made when it is missing: one key, even when two processes come at once. Raises ValueError."""
    if not path.exists():
        _make(path)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, OSError) as wrong:
        raise ValueError(f"{path}: expected a private key in PEM ({type(wrong).__name__})") from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError(f"{path}: expected a private key on the curve P-256")  # noqa: TRY004 - a setting's mistake
    return key


def public_key(key: EllipticCurvePrivateKey) -> str:
    """As a browser's `pushManager.subscribe` takes it for `applicationServerKey`: base64url, without padding."""
    return unpadded(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _make(path: Path) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = mkstemp(dir=path.parent)  # for its owner alone: mode 600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(name)  # unlike a rename, never over a key that another process has just made
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
