"""Values against shapes of botocore's service model: required, unknown, type, min, max, pattern, enum, unions.

botocore itself looks at required members, types and lower bounds; the service looks at all of it, after the call has been made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

SEPARATORS = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's category Z, for a character class."""

_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": SEPARATORS, r"\p{Alnum}": "a-zA-Z0-9"}
_TYPES: dict[str, tuple[tuple[Any, ...], str]] = {
    "string": ((str,), "a text"),
    "integer": ((int,), "a whole number"),
    "long": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "double": ((int, float), "a number"),
    "boolean": ((bool,), "true or false"),
    "structure": ((dict, Mapping), "a mapping"),
    "map": ((dict, Mapping), "a mapping"),
    "list": ((list, tuple), "a list"),
}
_UNITS = {"string": " characters", "list": " entries", "map": " entries"}


def problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Everything wrong with a value, and all below it: `Member.Member: the rule`.

    Args:
        shape: of botocore's.
        value: what would be sent.
        path: where it stands.
    """
    kind = shape.type_name
    if kind not in _TYPES:  # timestamps and blobs, which no request of ours has
        return
    types, called = _TYPES[kind]
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: {called} is needed, not {_short(value)}"
        return
    yield from _bounds(shape, value, path)
    if kind == "string":
        yield from _text(shape, value, path)
    elif kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from problems(shape.member, item, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from problems(shape.key, key, f"{path} key {_short(key)}")
            yield from problems(shape.value, item, f"{path}.{key}")


def _bounds(shape: Any, value: Any, path: str) -> Iterator[str]:
    unit = _UNITS.get(shape.type_name, "")
    measured = len(value) if unit else value
    if shape.type_name in ("structure", "boolean"):
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if not unit and not -float("inf") < measured < float("inf"):
        yield f"{path}: {measured} is no number"
    if least is not None and measured < least:
        yield f"{path}: {measured}{unit}, {least} at least"
    if most is not None and measured > most:
        yield f"{path}: {measured}{unit}, {most} at most"


def _text(shape: Any, value: str, path: str) -> Iterator[str]:
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(value):
        yield f"{path}: {_short(value)} is not of the form {pattern}"
    if shape.enum and value not in shape.enum:
        known = ", ".join(shape.enum[:8]) + (", ..." if len(shape.enum) > 8 else "")
        yield f"{path}: {_short(value)} is none of {known}"


def _structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: missing"
    if shape.metadata.get("union") and len(value) != 1:
        yield f"{path}: exactly one of {', '.join(shape.members)}, not {len(value)} of them"
    for name, item in value.items():
        if name not in shape.members:
            yield f"{path}.{name}: there is no such member"
        else:
            yield from problems(shape.members[name], item, f"{path}.{name}")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model, which is Java's, as Python's: digits and letters are ASCII there, unless Unicode is named."""
    translated = pattern
    for theirs, ours in _CLASSES.items():
        translated = translated.replace(theirs, ours)
    return re.compile(translated, 0 if translated != pattern else re.ASCII)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
