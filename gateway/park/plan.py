"""Two parks compared, in words; and a park written out as park.toml."""

import json
from collections.abc import Iterable
from typing import Any, cast

from gateway.mistakes import Section
from gateway.park.settings import ParkSettings

ONE = ("park", "grouping", "response")
"""Sections that are there once."""
MANY = ("area", "camera", "team", "person", "route")


def plan(current: ParkSettings | None, wanted: ParkSettings) -> list[str]:
    """Every change from the one to the other, in words; empty when there is none."""
    if current is None:
        return [f"new park {wanted.park.name!r}"] + [
            f"new {kind} {entry.name!r}" for kind in MANY for entry in getattr(wanted, kind)
        ]
    changes = [change for name in ONE for change in _fields(name, getattr(current, name), getattr(wanted, name))]
    for kind in MANY:
        before = {entry.name: entry for entry in getattr(current, kind)}
        after = {entry.name: entry for entry in getattr(wanted, kind)}
        changes += [f"new {kind} {name!r}" for name in after if name not in before]
        changes += [_gone(kind, name) for name in before if name not in after]
        for name in after.keys() & before.keys():
            changes += _fields(f"{kind} {name!r}", before[name], after[name])
    return changes


def export(park: ParkSettings) -> str:
    """park.toml's text, from which `load_park` makes the same park."""
    lines: list[str] = []
    for name in ONE:
        lines += ["", f"[{name}]", *_lines(getattr(park, name))]
    for kind in MANY:
        for entry in getattr(park, kind):
            lines += ["", f"[[{kind}]]", *_lines(entry)]
    return "\n".join(lines[1:]) + "\n"


def _gone(kind: str, name: str) -> str:
    return f"{kind} {name!r} is taken out" + ("; its messages are refused from now on" if kind == "camera" else "")


def _fields(what: str, before: Section, after: Section) -> list[str]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [f"{what}: {name} {_short(old[name])} → {_short(new[name])}" for name in new if old[name] != new[name]]


def _short(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(_short(each) for each in cast('list[Any]', value))}]"
        case dict():
            return " ".join(str(each) for each in cast("dict[str, Any]", value).values())
        case _:
            return repr(value)


def _lines(section: Section) -> Iterable[str]:
    for name, value in section.model_dump(mode="json", exclude_none=True).items():
        yield f"{name} = {_toml(value)}"


def _toml(value: Any) -> str:
    """TOML 1.0: what JSON writes for a string is a TOML basic string too."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return f"[{', '.join(_toml(each) for each in cast('list[Any]', value))}]"
        case dict():
            fields = (f"{key} = {_toml(each)}" for key, each in cast("dict[str, Any]", value).items())
            return f"{{ {', '.join(fields)} }}"
        case _:
            return repr(value)
