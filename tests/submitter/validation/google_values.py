"""Values for a member of Google's protos: right ones, and each kind of wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cloud_nas.targets.vertex.constraints import CONSTRAINTS, Constraint
from cloud_nas.targets.vertex.protos import PACKAGE, behaviour

TEXTS = {
    "": "text",
    "projects/P/locations/L": "projects/my-project/locations/europe-west4",
    "gs://BUCKET/NAME": "gs://my-bucket/name",
    "gs://BUCKET/PREFIX": "gs://my-bucket/prefix/",
    "a schema on Cloud Storage": "gs://google-cloud-aiplatform/schema/x_1.0.0.yaml",
    "a name without spaces": "name",
    "projects/P/locations/L/models/ID": "projects/my-project/locations/europe-west4/models/1",
    "projects/P/locations/L/datasets/ID": "projects/my-project/locations/europe-west4/datasets/1",
    "projects/NUMBER/global/networks/NAME": "projects/123456789012/global/networks/private",
    "an account's address": "trainer@my-project.iam.gserviceaccount.com",
    "a type of machine": "n1-standard-8",
    "an image": "tensorflow/tensorflow:2.21.0",
    "a name as C has them": "NAME",
    "a key's full name": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k",
}
"""By what a constraint calls its form: a text of it."""

FORMS: dict[str, Any] = {
    "google.protobuf.Duration": "60s",
    "google.protobuf.Timestamp": "2026-01-01T00:00:00Z",
    "google.protobuf.Struct": {},
    "google.protobuf.ListValue": [],
    "google.protobuf.DoubleValue": 0.5,
    "google.protobuf.FloatValue": 0.5,
    "google.protobuf.Int64Value": 1,
    "google.protobuf.Int32Value": 1,
    "google.protobuf.BoolValue": True,
    "google.protobuf.StringValue": "text",
    "google.protobuf.FieldMask": "name",
    "google.protobuf.Value": {"any": 1},
}
MESSAGE, ENUM, TEXT, BOOLEAN = 11, 14, 9, 8
_FLOATS, _WHOLE = (1, 2), (3, 4, 5, 13)


def is_map(field: Any) -> bool:
    return field.type == MESSAGE and bool(field.message_type.GetOptions().map_entry)


def constraint(field: Any) -> Constraint | None:
    return CONSTRAINTS.get(f"{field.containing_type.full_name.removeprefix(PACKAGE)}.{field.json_name}")


def right(field: Any, way: tuple[Any, ...] = ()) -> Any:
    """What a member may be; `way` are the members below it that are to be there."""
    if is_map(field):
        return {"key": right(field.message_type.fields_by_name["value"], way)}
    rule = constraint(field)
    if not field.is_repeated:
        return one(field, rule, way)
    count = int((rule.least if rule is not None else None) or 1)
    return [one(field, None if rule is None else rule.each, way if not index else ()) for index in range(count)]


def one(field: Any, rule: Constraint | None, way: tuple[Any, ...] = ()) -> Any:
    if field.type == MESSAGE:
        name = field.message_type.full_name
        return FORMS[name] if name in FORMS else message(field.message_type, way)
    if field.type == ENUM:
        return field.enum_type.values[-1].name
    if field.type == BOOLEAN:
        return True
    if field.type in _FLOATS or field.type in _WHOLE:
        return 1 if rule is None or rule.least is None else int(rule.least)
    return TEXTS[rule.called] if rule is not None and not rule.among else rule.among[0] if rule is not None else "text"


def message(descriptor: Any, way: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A message with what is required, and the next member of the way."""
    required, _ = behaviour().get(descriptor.full_name.removeprefix(PACKAGE), ((), ()))
    fields = {field.json_name: field for field in descriptor.fields}
    names = list(dict.fromkeys([*required, *([way[0].json_name] if way else [])]))
    return {name: right(fields[name], way[1:] if way and way[0].json_name == name else ()) for name in names}


def ways(descriptor: Any, seen: frozenset[str] = frozenset()) -> Iterator[tuple[Any, ...]]:
    """The way to every member; into what only the service sets, none goes on."""
    if descriptor.full_name in seen or not descriptor.full_name.startswith(PACKAGE):
        return
    _, own = behaviour().get(descriptor.full_name.removeprefix(PACKAGE), ((), ()))
    for field in descriptor.fields:
        yield (field,)
        if field.type == MESSAGE and field.json_name not in own:
            inner = field.message_type.fields_by_name["value"].message_type if is_map(field) else field.message_type
            if inner is not None:
                yield from ((field, *rest) for rest in ways(inner, seen | {descriptor.full_name}))


def changed(value: dict[str, Any], way: tuple[Any, ...], new: Any) -> dict[str, Any]:
    """The same request with something else at the end of the way; `...`: with nothing there."""
    field, rest = way[0], way[1:]
    key = field.json_name
    if not rest:
        return {name: item for name, item in value.items() if name != key} if new is ... else {**value, key: new}
    below = value[key]
    if is_map(field):
        return {**value, key: {name: changed(item, rest, new) for name, item in below.items()}}
    inner = [changed(below[0], rest, new), *below[1:]] if field.is_repeated else changed(below, rest, new)
    return {**value, key: inner}


def wrongs(field: Any) -> Iterator[tuple[str, Any, str]]:
    """Each way in which a member can be wrong: what it is called, the value, and a word of the message that tells of it."""
    if field.message_type is not None and field.message_type.full_name == "google.protobuf.Value":
        return
    needed = "is needed, not"
    if is_map(field):
        yield "type", [], needed
        if field.name == "labels":
            yield "too many", {f"k{index}": "v" for index in range(65)}, "at most"
            for key in ("Upper", "with space", "a" * 65, "-first"):
                yield f"key {key[:12]}", {key: "v"}, "small letters" if len(key) < 65 else "at most"
            yield "value", {"key": "Upper"}, "small letters"
            yield "long value", {"key": "a" * 65}, "at most"
        return
    rule = constraint(field)
    if field.is_repeated:
        yield "type", {"not": "a list"}, needed
        if rule is not None and rule.least:
            yield "too few", [], "at least"
        if rule is not None and rule.most is not None:
            yield "too many", [one(field, rule.each)] * (int(rule.most) + 1), "at most"
        rule = None if rule is None else rule.each
        yield from ((f"entry: {name}", [value], said) for name, value, said in _entry(field, rule))
    else:
        yield from _entry(field, rule)


def _entry(field: Any, rule: Constraint | None) -> Iterator[tuple[str, Any, str]]:
    needed = "is needed, not"
    if field.type == MESSAGE:
        own = FORMS.get(field.message_type.full_name)
        yield "type", 7 if isinstance(own, (str, dict, list)) or own is None else {"a": "mapping"}, needed
        if own is None:
            yield "unknown", {**message(field.message_type), "bogus": 1}, "there is no such member"
        if isinstance(own, str) and field.message_type.full_name in ("google.protobuf.Duration", "google.protobuf.Timestamp"):
            yield "form", "soon", needed
    elif field.type == ENUM:
        yield "enum", "BOGUS", "is none of"
        yield "number for a name", 1, needed
    elif field.type == BOOLEAN:
        yield "type", "true", needed
    elif field.type == TEXT:
        yield "type", 7, needed
    else:
        yield "type", "text", needed
        yield "true is no number", True, needed
        if field.type in _FLOATS:
            yield "nan", float("nan"), "is no number"
        else:
            yield "too large", 2**80, needed
            yield "half", 1.5, needed
    if rule is not None and field.type not in (MESSAGE, ENUM, BOOLEAN):
        yield from _beyond(rule, is_text=field.type == TEXT)


def _beyond(rule: Constraint, *, is_text: bool) -> Iterator[tuple[str, Any, str]]:
    if not is_text:
        if rule.least is not None:
            yield "least", int(rule.least) - 1, "at least"
        if rule.most is not None:
            yield "most", int(rule.most) + 1, "at most"
        return
    if rule.most is not None:
        yield "long", "a" * (int(rule.most) + 1), "at most"
    if rule.form is not None:
        yield "form", " \n", "is not"
    if rule.among:
        yield "among", "bogus", "is none of"
