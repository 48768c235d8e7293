"""Who speaks: the cameras' public keys as the park has them, and the gateway's own signing key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store.tables import Camera, Park
from wire.keys import BadKey, PublicKey, SigningKey


class Unknown(ValueError):
    """A camera that is not in the park's settings, or is no longer trusted."""


@dataclass(frozen=True, slots=True)
class _Entry:
    key: PublicKey | None
    """None when what the park has cannot be read as one."""
    revoked: bool


class Keyring:
    """The cameras' keys in memory. For one thread."""

    def __init__(self, keys: Mapping[tuple[str, str], PublicKey] | None = None) -> None:
        """`keys` by (park, camera), until the first `refresh`."""
        self._applied: dict[str, int] | None = None
        self._entries = {name: _Entry(key, revoked=False) for name, key in (keys or {}).items()}

    def refresh(self, session: Session) -> None:
        """Read the keys anew when a park's settings were applied since. One small query when none was."""
        applied = {row.park: row.applied for row in session.execute(select(Park.park, Park.applied))}
        if applied == self._applied:
            return
        rows = session.execute(select(Camera.park, Camera.camera, Camera.key, Camera.revoked_at))
        self._entries = {
            (park, camera): _Entry(_parsed(key), revoked is not None) for park, camera, key, revoked in rows
        }
        self._applied = applied

    def key_of(self, park: str, camera: str) -> PublicKey:
        """Raises Unknown."""
        entry = self._entries.get((park, camera))
        if entry is None:
            known = park in (self._applied or {})
            raise Unknown(f"camera: {camera!r} is not in park {park!r}; expected one that its settings name" if known
                          else f"park: {park!r} is not known here; expected one that was applied")  # fmt: skip
        if entry.revoked:
            raise Unknown(f"camera: {park}/{camera} is revoked")
        if entry.key is None:
            raise Unknown(f"camera: {park}/{camera} has a key in the store that cannot be read; apply the park again")
        return entry.key


def gateway_key(path: Path) -> SigningKey:
    """The key with which the gateway signs, made at its first start. Raises BadKey, OSError."""
    try:
        return SigningKey.load(path)
    except BadKey:
        if path.exists():
            raise
    key = SigningKey.make()
    try:
        key.save(path)
    except FileExistsError:  # another role of this gateway was a moment earlier
        return SigningKey.load(path)
    return key


def _parsed(key: str) -> PublicKey | None:
    try:
        return PublicKey.parse(key)
    except BadKey:
        return None
