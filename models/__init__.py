"""What the detector knows: a card and weights for each model, loading, decoding, evaluation.

A model is data: a folder with a card.toml and either its weights beside it or the address and SHA-256 to fetch them by.
"""

import hashlib
import os
from pathlib import Path

from models.card import Card, Input, read
from models.errors import BadCard, WeightsAltered, WeightsMissing

__all__ = ["DEFAULT", "Card", "Input", "cache", "load", "names", "weights"]

DEFAULT = "nanodet_416_int8"
_HERE = Path(__file__).parent


def names() -> list[str]:
    """The models that Sambar has a card for."""
    return sorted(card.parent.name for card in _HERE.glob("*/card.toml"))


def load(name_or_path: str | Path) -> Card:
    """The card of a model that Sambar knows by name, or of one's own: a card file, or the folder it lies in.

    Raises BadCard.
    """
    path = Path(name_or_path)
    if path.name == str(name_or_path) and path.suffix != ".toml":
        if path.name not in names():
            raise BadCard(
                f"model {path.name!r}: not known; expected one of {', '.join(names())}, or the path of a card.toml"
            )
        return read(_HERE / path.name / "card.toml")
    return read(path if path.suffix == ".toml" else path / "card.toml")


def cache() -> Path:
    """Where fetched weights lie."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "sambar" / "models"


def place(card: Card) -> Path:
    """Where the weights are, or will be once fetched."""
    # The hash in the name: another version of a model is another file.
    return card.folder / card.file if card.file is not None else cache() / f"{card.name}-{card.sha256[:12]}.tflite"


def weights(card: Card) -> Path:
    """The file with the weights, its SHA-256 checked. Raises WeightsMissing, WeightsAltered."""
    path = place(card)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        # By its card's path where the name alone would not find it.
        known = card.name if card.folder == _HERE / card.name else card.folder / "card.toml"
        how = f"get them with: sambar models fetch {known}" if card.url else "they belong beside the card"
        raise WeightsMissing(f"model {card.name}: there are no weights at {path}; {how}") from None
    except OSError as wrong:
        raise WeightsMissing(f"model {card.name}: the weights at {path} cannot be read: {wrong}") from wrong
    if digest != card.sha256:
        remedy = "delete the file and fetch it again" if card.url else "restore the file"
        raise WeightsAltered(
            f"model {card.name}: {path} has SHA-256 {digest}; expected {card.sha256}. "
            f"It is not the file that the card means: {remedy}."
        )
    return path
