"""What alerts/channels/push.py uses of py-vapid 1.9, which brings no types."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

class Vapid02:
    def __init__(self, private_key: EllipticCurvePrivateKey | None = None) -> None: ...
    def sign(self, claims: dict[str, str | int]) -> dict[str, str]: ...
