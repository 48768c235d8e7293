"""From our values to compact CBOR and back.

A message is a CBOR map whose keys are small integers; what stands inside it is a row, a CBOR array in the order of its
fields. Both are pydantic models here. Natural names would make a sighting twice as long on a link that charges by byte.

Whoever reads passes over keys and trailing elements that it does not know, so that a newer writer is understood.
"""

import io
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast

import cbor2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wire.errors import BadMessage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FRACTION_STEPS = 10_000
"""A fraction travels as a whole number of ten-thousandths: half a pixel in a frame 5,000 pixels wide."""


@dataclass(frozen=True, slots=True)
class Key:
    """The integer that stands for a field in its message's map. Never used again for another meaning."""

    number: int


class _Fraction:
    """Marks a float from 0 to 1 that travels as ten-thousandths."""


def _to_millisecond(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("expected a time with its zone")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _to_step(fraction: float) -> float:
    return round(fraction * FRACTION_STEPS) / FRACTION_STEPS


Instant = Annotated[datetime, AfterValidator(_to_millisecond)]
"""A moment in UTC, to the millisecond. Travels as milliseconds since 1970."""

Fraction = Annotated[float, Field(ge=0, le=1), AfterValidator(_to_step), _Fraction()]
"""A number from 0 to 1, to a ten-thousandth."""


class Model(BaseModel):
    """What messages and rows share: frozen, checked when made, nothing unknown kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, arbitrary_types_allowed=True)


M = TypeVar("M", bound=Model)

Reader = Callable[[Any, str], Any]
"""From CBOR's own types to ours. The second argument is the field's path, for a sentence."""


class Row(Model):
    """Travels as an array of its fields in their order. A missing tail takes its defaults."""


class Message(Model):
    """Travels as a map from each field's `Key`. A field that is None is left out."""

    KIND: ClassVar[int]

    def encode(self) -> bytes:
        """The payload, in deterministic CBOR: equal messages have equal bytes."""
        return cbor2.dumps(_pack(self), canonical=True)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """The inverse of `encode`. Raises BadMessage with every mistake."""
        return cls.from_plain(plain_map(payload))

    @classmethod
    def from_plain(cls, plain: dict[int, Any]) -> Self:
        """As `decode`, from the map that `plain_map` gave."""
        if plain.get(0) != cls.KIND:
            raise BadMessage(f"kind: {plain.get(0)!r:.60}; expected {cls.KIND}, a {cls.__name__.lower()}")
        fields: dict[str, Any] = {}
        for name, key in _keys(cls).items():
            if (value := plain.get(key)) is not None:
                reader = _reader(_annotation(cls, name))
                fields[name] = value if reader is None else reader(value, name)
        return _made(cls, fields)


def plain_map(payload: bytes) -> dict[int, Any]:
    """The map inside a payload, not yet read as a message. Raises BadMessage for anything else."""
    stream = io.BytesIO(payload)
    try:
        plain: object = cbor2.CBORDecoder(stream).decode()
    except Exception as broken:  # a decoder on foreign bytes: whatever it raises, they are no message
        raise BadMessage(f"payload: {len(payload)} bytes that are not CBOR ({broken}); expected a CBOR map") from broken
    if stream.read(1):
        raise BadMessage(
            f"payload: {len(payload)} bytes, some of them after the end of the map; expected a CBOR map alone"
        )
    if not isinstance(plain, dict):
        raise BadMessage(f"payload: a CBOR {type(plain).__name__}; expected a map with integer keys")
    return cast("dict[int, Any]", plain)


def _made(cls: type[M], fields: dict[str, Any], path: str = "") -> M:
    try:
        return cls.model_validate(fields)
    except ValidationError as wrong:
        raise BadMessage(_sentences(wrong, path)) from wrong


def _sentences(wrong: ValidationError, path: str) -> str:
    def sentence(error: Any) -> str:
        where = ".".join([path, *(str(step) for step in error["loc"])]).strip(".")
        if error["type"] == "missing":
            return f"{where}: is missing"
        return f"{where}: {error['input']!r:.80}; expected: {error['msg'].removeprefix('Value error, ')}"

    return "; ".join(sentence(error) for error in wrong.errors(include_url=False))


@cache
def _keys(cls: type[Message]) -> dict[str, int]:
    """Field name → integer key."""
    return {
        name: mark.number
        for name, field in cls.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Key)
    }


@cache
def _annotation(cls: type[Model], name: str) -> Any:
    field = cls.model_fields[name]
    marks = [mark for mark in field.metadata if isinstance(mark, _Fraction)]
    return Annotated[field.annotation, marks[0]] if marks else field.annotation


def _pack(value: Any, annotation: Any = None) -> Any:
    """Our value as CBOR's own types."""
    match value:
        case Message():
            packed: dict[int, Any] = {0: value.KIND}
            for name, key in _keys(type(value)).items():
                if (inner := getattr(value, name)) is not None:
                    packed[key] = _pack(inner, _annotation(type(value), name))
            return packed
        case Row():
            cells = [_pack(getattr(value, name), _annotation(type(value), name)) for name in type(value).model_fields]
            while cells and cells[-1] is None:
                cells.pop()
            return cells
        case datetime():
            return (value - EPOCH) // timedelta(milliseconds=1)
        case IntEnum():
            return int(value)
        case tuple():
            return [_pack(each) for each in cast("tuple[Any, ...]", value)]
        case float() if _is_fraction(annotation):
            return round(value * FRACTION_STEPS)
        case _:
            return value


def _is_fraction(annotation: Any) -> bool:
    return any(isinstance(mark, _Fraction) for mark in typing.get_args(annotation)[1:])


@cache
def _reader(annotation: Any) -> Reader | None:
    """The inverse of `_pack` for this annotation, as far as the shape goes; pydantic checks the values.

    None where CBOR's own type is ours. Made once for each annotation: decoding takes half the time.
    """
    if _is_fraction(annotation):
        return _converter(int, lambda plain: plain / FRACTION_STEPS, f"a whole number from 0 to {FRACTION_STEPS}")
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _reader(inner[0])
    if origin in {types.UnionType, typing.Union}:  # X | None: None never travels inside a map
        return _reader(next(each for each in inner if each is not types.NoneType))
    if origin is tuple:
        return _tuple_reader(_reader(inner[0]))
    if annotation is datetime:
        return _converter(int, lambda plain: EPOCH + timedelta(milliseconds=plain), "milliseconds since 1970")
    if isinstance(annotation, type) and issubclass(annotation, IntEnum):
        known = ", ".join(f"{each.value} ({each.name.lower()})" for each in annotation)
        return _converter(int, annotation, f"one of {known}")
    if isinstance(annotation, type) and issubclass(annotation, Row):
        return _row_reader(annotation)
    return None


def _tuple_reader(each: Reader | None) -> Reader:
    def read(plain: Any, path: str) -> tuple[Any, ...]:
        cells = _array(plain, path, "an array")
        if each is None:
            return tuple(cells)
        return tuple([each(cell, f"{path}.{place}") for place, cell in enumerate(cells)])

    return read


def _row_reader(row: type[Row]) -> Reader:
    columns = [(name, _reader(_annotation(row, name))) for name in row.model_fields]
    expected = f"an array: {', '.join(row.model_fields)}"

    def read(plain: Any, path: str) -> Row:
        fields: dict[str, Any] = {}
        # A newer writer's surplus is passed over.
        for (name, reader), cell in zip(columns, _array(plain, path, expected), strict=False):
            if cell is not None:
                fields[name] = cell if reader is None else reader(cell, f"{path}.{name}")
        return _made(row, fields, path)

    return read


def _converter(kind: type, convert: Callable[[Any], Any], expected: str) -> Reader:
    def read(plain: Any, path: str) -> Any:
        if not isinstance(plain, kind) or isinstance(plain, bool):
            raise BadMessage(f"{path}: {plain!r:.80}; expected {expected}")
        try:
            return convert(plain)
        except (ValueError, OverflowError) as wrong:
            raise BadMessage(f"{path}: {plain!r:.80}; expected {expected}") from wrong

    return read


def _array(plain: Any, path: str, expected: str) -> list[Any]:
    if not isinstance(plain, list):
        raise BadMessage(f"{path}: {plain!r:.80}; expected {expected}")
    return cast("list[Any]", plain)
