"""A model's card: what it was made from, what it takes, what its outputs mean, and what was measured of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from models.decode.names import DecoderName
from models.detection import KINDS
from models.errors import BadCard

Fraction = Annotated[float, Field(gt=0, lt=1)]
Side = Annotated[int, Field(ge=32, le=4096)]
Scale = Annotated[float, Field(gt=0)]
Byte = Annotated[int, Field(ge=0, le=255)]


def _known(word: str) -> str:
    if word not in KINDS:
        raise ValueError(f"expected one of {', '.join(sorted(KINDS))}")
    return word


@dataclass(frozen=True, slots=True)
class Input:
    """What the network takes: one picture as float32, (value - mean) / std in each channel."""

    width: Side
    height: Side
    layout: Literal["NCHW", "NHWC"]
    colour: Literal["BGR", "RGB"]
    fit: Literal["letterbox", "stretch"]
    """`letterbox` keeps the frame's shape and fills right and bottom; `stretch` does not keep it."""
    mean: tuple[float, float, float]
    """In the order of `colour`."""
    std: tuple[Scale, Scale, Scale]
    fill: Byte = 114
    """Of the letterbox."""

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Card:
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    title: Annotated[str, Field(min_length=1)]
    decoder: DecoderName
    threshold: Fraction
    """The score from which a box is a detection."""
    nms: Fraction
    """Overlap (intersection over union) from which the less sure of two boxes with one label is dropped."""
    input: Input
    labels: Annotated[Mapping[int, Annotated[str, AfterValidator(_known)]], Field(min_length=1)]
    """Class number → our word for it. Classes that are not named are not looked at."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the weights."""
    size: Annotated[int, Field(gt=0)]
    """Of the weights, in bytes."""
    source: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)]
    file: str | None = None
    """The weights, beside the card. Either this or `url`."""
    url: Annotated[str, Field(pattern=r"^https?://.")] | None = None
    member: str | None = None
    """The file that holds the weights, where `url` is a gzipped tarball."""
    part: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0)]] | None = None
    """The bytes of `member` that are the weights: from the first number up to, and not including, the second."""
    measured: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])
    folder: Path = Path()
    """Where the card lies."""

    __pydantic_config__ = ConfigDict(extra="forbid")


_CARD = TypeAdapter(Card)


def read(path: Path) -> Card:
    """The card in the file `path`. Raises BadCard, which names every mistake in it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadCard(f"{path}: there is no such card") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadCard(f"{path}: not a TOML file that can be read: {wrong}") from None
    mistakes = _contradictions(table)
    try:
        card = _CARD.validate_python(table | {"folder": path.parent})
    except ValidationError as wrong:
        found = [_sentence(cast("dict[str, Any]", each)) for each in wrong.errors(include_url=False)]
        raise BadCard(_listed(path, found + mistakes)) from None
    if mistakes:
        raise BadCard(_listed(path, mistakes))
    return card


def _contradictions(table: Mapping[str, Any]) -> list[str]:
    """What is wrong between the card's lines, whatever is wrong within them."""
    wrong: list[str] = []
    if "folder" in table:
        wrong.append("folder: not for a card to say; it is where the card lies")
    if ("file" in table) == ("url" in table):
        wrong.append(f"file, url: {'both' if 'file' in table else 'neither'} given; expected one of them")
    wrong.extend(
        f"{word}: given without {needs}; expected both or neither"
        for word, needs in (("member", "url"), ("part", "member"))
        if word in table and needs not in table
    )
    part: object = table.get("part")
    match part:
        case [int(first), int(after)] if after <= first:
            wrong.append(f"part: {part!r}; expected the second number to be larger than the first")
        case _:
            pass
    return wrong


def _sentence(error: Mapping[str, Any]) -> str:
    path = ".".join(str(step) for step in error["loc"] if step not in {"int", "float", "str"})
    expected = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] in {"missing", "missing_argument"}:
        return f"{path}: missing"
    return f"{path}: {error['input']!r}; {expected[0].lower()}{expected[1:]}"


def _listed(path: Path, mistakes: list[str]) -> str:
    return "\n  ".join([f"{path}: {len(mistakes)} mistake{'s' * (len(mistakes) != 1)} in the card", *mistakes])
