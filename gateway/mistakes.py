"""Settings files: read as TOML, checked whole, every mistake told at once."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class BadSettings(Exception):
    """Every mistake in a settings file, one a line: dotted path, value, what was expected."""


class Section(BaseModel):
    """A part of a settings file. What it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Raises BadSettings; `what` says what was expected there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadSettings(f"{path}: cannot be read ({missing.strerror}); expected {what}") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadSettings(f"{path}: is not TOML: {broken}") from broken


def sentences(wrong: ValidationError, prefix: str = "", secret: frozenset[str] = frozenset()) -> list[str]:
    """A sentence for each mistake. The values of the fields named in `secret` are not shown."""

    def sentence(error: Any) -> str:
        steps = [str(step) for step in error["loc"]]
        where = ".".join(filter(None, [prefix, *steps]))
        hides = bool(secret & set(steps)) or isinstance(error["input"], dict)
        value = "" if hides else f" {error['input']!r:.80};"
        if error["type"] == "missing":
            return f"{where}: is missing"
        if error["type"] == "extra_forbidden":
            return f"{where}: there is no such setting"
        words = str(error["msg"]).removeprefix("Value error, ")
        return f"{where}:{value} {words if words.startswith('expected') else f'expected: {words}'}"

    return [sentence(error) for error in wrong.errors(include_url=False)]


def refuse(path: Path, mistakes: list[str]) -> None:
    """Raises BadSettings when there are any."""
    if mistakes:
        many = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        raise BadSettings("\n".join([f"{path}: {many}", *(f"  {each}" for each in mistakes)]))
