"""Values against the descriptors of the service's protos, more strictly than the protos' own reading of JSON.

That reading stops at the first thing it finds, fills in what is missing, and knows neither what is required nor what is the
service's own to say. `behaviour.toml` has both, from the protos' comments; a test compares the two.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cloud_nas.targets.vertex.constraints import CONSTRAINTS, LABELS, Constraint

PACKAGE = "google.cloud.aiplatform.v1."

_WHOLE, _NUMBER = "a whole number", "a number"
_TYPES: dict[int, tuple[tuple[type, ...], str]] = {
    1: ((int, float), _NUMBER),
    2: ((int, float), _NUMBER),
    3: ((int, str), _WHOLE),
    4: ((int, str), _WHOLE),
    5: ((int,), _WHOLE),
    8: ((bool,), "true or false"),
    9: ((str,), "a text"),
    12: ((str,), "a text"),
    13: ((int,), _WHOLE),
    14: ((str,), "a name"),
}
"""By descriptor's type: what JSON has for it, and what that is called."""

_BITS = {3: 63, 4: 64, 5: 31, 13: 32}
_MESSAGE, _ENUM = 11, 14
_DURATION = re.compile(r"-?\d{1,12}(\.\d{1,9})?s")
_FORMS: dict[str, tuple[tuple[type, ...], re.Pattern[str] | None, str]] = {
    "google.protobuf.Duration": ((str,), _DURATION, "seconds like 3600s"),
    "google.protobuf.Timestamp": ((str,), re.compile(r"\d{4}-\d\d-\d\dT.+"), "a time like 2026-01-01T00:00:00Z"),
    "google.protobuf.Struct": ((Mapping,), None, "a mapping"),
    "google.protobuf.ListValue": ((list, tuple), None, "a list"),
    "google.protobuf.DoubleValue": ((int, float), None, _NUMBER),
    "google.protobuf.FloatValue": ((int, float), None, _NUMBER),
    "google.protobuf.Int64Value": ((int, str), None, _WHOLE),
    "google.protobuf.Int32Value": ((int,), None, _WHOLE),
    "google.protobuf.BoolValue": ((bool,), None, "true or false"),
    "google.protobuf.StringValue": ((str,), None, "a text"),
    "google.protobuf.FieldMask": ((str,), None, "names of fields"),
}
"""Messages that JSON writes in a form of their own. A `Value` may be anything."""


def problems(descriptor: Any, value: Any, path: str = "") -> Iterator[str]:
    """Everything wrong with a message, and all below it: `member.member: the rule`.

    Args:
        descriptor: of the message.
        value: what would be sent, as JSON.
        path: where it stands.
    """
    if not isinstance(value, Mapping):
        yield f"{path or 'request'}: a mapping is needed, not {short(value)}"
        return
    name = descriptor.full_name.removeprefix(PACKAGE)
    required, own = behaviour().get(name, ((), ()))
    fields = {field.json_name: field for field in descriptor.fields}
    for missing in required:
        if value.get(missing) in (None, ""):
            yield f"{_below(path, missing)}: missing"
    for member, item in value.items():
        where = _below(path, member)
        if member not in fields:
            yield f"{where}: there is no such member"
        elif member in own:
            yield f"{where}: the service's own to say"
        else:
            yield from _field(fields[member], item, where, CONSTRAINTS.get(f"{name}.{member}"))
    yield from _unions(descriptor, value, path)


@cache
def behaviour() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """By message, without the package's name: which members are required, and which only the service sets."""
    path = Path(__file__).parent / "behaviour.toml"
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: (tuple(one.get("required", ())), tuple(one.get("output_only", ()))) for name, one in found.items()}


def short(value: Any) -> str:
    """A value in a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unions(descriptor: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for union in descriptor.oneofs:
        names = [field.json_name for field in union.fields if field.json_name in value]
        if len(names) > 1:
            yield f"{path or 'request'}: one of {', '.join(names)}, not {len(names)} of them"


def _field(field: Any, value: Any, path: str, rule: Constraint | None) -> Iterator[str]:
    if _is_map(field):
        yield from _map(field, value, path)
        return
    if not field.is_repeated:
        yield from _one(field, value, path, rule)
        return
    if not isinstance(value, (list, tuple)):
        yield f"{path}: a list is needed, not {short(value)}"
        return
    if rule is not None:
        yield from rule.of_count(len(value), path)
    for index, item in enumerate(value):
        yield from _one(field, item, f"{path}[{index}]", None if rule is None else rule.each)


def _map(field: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: a mapping is needed, not {short(value)}"
        return
    key, item = (field.message_type.fields_by_name[name] for name in ("key", "value"))
    keys, values = LABELS if path.rpartition(".")[2] == "labels" else (None, None)
    if keys is not None:
        yield from keys.of_count(len(value), path)
    for name, one in value.items():
        yield from _one(key, name, f"{path} key {short(name)}", None if keys is None else keys.each)
        yield from _one(item, one, f"{path}.{name}", values)


def _one(field: Any, value: Any, path: str, rule: Constraint | None) -> Iterator[str]:
    if field.type == _MESSAGE:
        yield from _message(field.message_type, value, path)
        return
    types, called = _TYPES[field.type]
    if not isinstance(value, types) or (isinstance(value, bool) and field.type != 8):
        yield f"{path}: {called} is needed, not {short(value)}"
    elif field.type == _ENUM and value not in field.enum_type.values_by_name:
        yield f"{path}: {short(value)} is none of {_some([one.name for one in field.enum_type.values])}"
    elif field.type in _BITS and not _fits(field.type, value):
        yield f"{path}: {called} of {_BITS[field.type] + 1} bits is needed, not {short(value)}"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: {value} is no number"
    elif rule is not None:
        yield from rule.of_value(value, path)


def _message(descriptor: Any, value: Any, path: str) -> Iterator[str]:
    if descriptor.full_name == "google.protobuf.Value":
        return
    form = _FORMS.get(descriptor.full_name)
    if form is None:
        yield from problems(descriptor, value, path)
        return
    types, pattern, called = form
    is_right = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    if not is_right or (pattern is not None and not pattern.fullmatch(str(value))):
        yield f"{path}: {called} is needed, not {short(value)}"


def _fits(kind: int, value: Any) -> bool:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,20}", value, re.ASCII):
        return False
    least = 0 if kind in (4, 13) else -(2 ** _BITS[kind])
    return bool(least <= int(value) < 2 ** _BITS[kind])


def _is_map(field: Any) -> bool:
    return field.type == _MESSAGE and bool(field.message_type.GetOptions().map_entry)


def _below(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
