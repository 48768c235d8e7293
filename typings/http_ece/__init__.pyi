"""What alerts/channels/fake_push.py uses of http-ece 1.2, which brings no types."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

class ECEException(Exception): ...

def decrypt(
    content: bytes, *, private_key: EllipticCurvePrivateKey, auth_secret: bytes, version: str = "aes128gcm"
) -> bytes: ...
