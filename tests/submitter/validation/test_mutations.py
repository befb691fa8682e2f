"""One violation for each constraint of each member of the operations that we use: all are caught, where botocore catches some.

For each member a request is made that has just it and what the service requires beside it; then the member is made wrong in each
way in which the model lets it be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.validate import ParamValidator

from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.sagemaker.client import service_model
from cloud_nas.targets.sagemaker.shapes import compiled, problems
from cloud_nas.targets.sagemaker.validation import problems as problems_of_plan

OPERATIONS = (
    "CreateAutoMLJobV2",
    "CreateHyperParameterTuningJob",
    "CreateTrainingJob",
    "CreateModel",
    "CreateTransformJob",
)

_TEXTS = (
    "a", "1", "a1", "A1-b", "p5", "AB", "1D", "100K", "/opt/ml/x", "fs-0123456789", "s3://bucket/key/", "https://host/key",
    "123456789012", "arn:aws:iam::123456789012:role/name", "arn:aws:lambda:eu-west-1:123456789012:function:f",
    "arn:aws:sagemaker:eu-west-1:123456789012:training-plan/x", "arn:aws:sagemaker:eu-west-1:123456789012:model-package/x/1",
    "arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/x", "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/x",
    "arn:aws:sagemaker:eu-west-1:aws:hub-content/h/Model/m/1.0.0",
    "arn:aws:sagemaker:eu-west-1:aws:hub-content/h/DataSet/d/1.0.0",
    "arn:aws:sagemaker:eu-west-1:123456789012:experiment/x",
)  # fmt: skip
"""Texts of which one has the form of each pattern."""

_WRONG_TEXTS = ("\n", " ", "\u00e9!", "--", "a b\n")


@dataclass(frozen=True)
class Step:
    """A member on the way into a request: of a structure, of a list or of a map."""

    kind: str
    name: str


def right(shape: Any, way: tuple[tuple[Step, Any], ...] = ()) -> Any:
    """A value that the model allows: what is required, and the members on the way."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.required_members)
        if way:
            names = [way[0][0].name] if shape.metadata.get("union") else list(dict.fromkeys([*names, way[0][0].name]))
        elif shape.metadata.get("union"):
            names = [next(iter(shape.members))]
        return {name: right(shape.members[name], way[1:] if way and way[0][0].name == name else ()) for name in names}
    if kind == "list":
        if not way and not shape.metadata.get("min"):
            return []
        return [right(shape.member, way[1:])] + [right(shape.member)] * (shape.metadata.get("min", 1) - 1)
    if kind == "map":
        return {right(shape.key): right(shape.value, way[1:])} if way or shape.metadata.get("min") else {}
    if kind == "string":
        return _text(shape)
    if kind == "boolean":
        return True
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    return least if least is not None else most if most is not None else 1


def _text(shape: Any) -> str:
    if shape.enum:
        return str(shape.enum[0])
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    pattern = shape.metadata.get("pattern")
    for one in _TEXTS:
        for text in (one, one + "a" * max(0, least - len(one))):
            if least <= len(text) <= most and (pattern is None or compiled(pattern).fullmatch(text)):
                return text
    raise AssertionError(f"no text of the form {pattern}, {least} to {most}: add one to _TEXTS")


def ways(shape: Any, seen: frozenset[str] = frozenset()) -> Iterator[tuple[tuple[Step, Any], ...]]:
    """The way to every member, and to every entry of lists and maps."""
    if shape.name in seen:
        return
    below: list[tuple[Step, Any]] = []
    if shape.type_name == "structure":
        below = [(Step("member", name), member) for name, member in shape.members.items()]
    elif shape.type_name == "list":
        below = [(Step("item", "0"), shape.member)]
    elif shape.type_name == "map":
        below = [(Step("value", ""), shape.value)]
    for step, member in below:
        yield ((step, member),)
        for rest in ways(member, seen | {shape.name}):
            yield ((step, member), *rest)


def changed(value: Any, way: tuple[tuple[Step, Any], ...], new: Any) -> Any:
    """The same request with something else at the end of the way; `...`: with nothing there."""
    (step, _), rest = way[0], way[1:]
    if step.kind == "item":
        return [changed(value[0], rest, new) if rest else new, *value[1:]]
    key = step.name if step.kind == "member" else next(iter(value))
    if not rest and new is ...:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: changed(value[key], rest, new) if rest else new}


def wrongs(shape: Any) -> Iterator[tuple[str, Any, str]]:
    """Each way in which a value can be wrong: what it is called, the value, and a word of the message that tells of it."""
    kind, metadata = shape.type_name, shape.metadata
    least, most = metadata.get("min"), metadata.get("max")
    other: dict[str, Any] = {"string": 7, "integer": "7", "long": "7", "float": "7", "double": "7", "boolean": "true"}
    yield "type", other.get(kind, "text"), "is needed, not"
    if kind == "structure":
        yield "unknown", {**right(shape), "Bogus": 1}, "there is no such member"
        if metadata.get("union"):
            yield "none of a union", {}, "exactly one of"
            yield "two of a union", {name: right(member) for name, member in shape.members.items()}, "exactly one of"
    elif kind == "string":
        if least:
            yield "min", "a" * (least - 1), "at least"
        if most is not None:
            yield "max", "a" * (most + 1), "at most"
        if shape.enum:
            yield "enum", "Bogus", "is none of"
        pattern = metadata.get("pattern")
        bad = next((one for one in _WRONG_TEXTS if pattern and not compiled(pattern).fullmatch(one)), None)
        if bad is not None:
            yield "pattern", bad, "is not of the form"
    elif kind == "list":
        if least:
            yield "min", [right(shape.member)] * (least - 1), "at least"
        if most is not None:
            yield "max", [right(shape.member)] * (most + 1), "at most"
    elif kind == "map":
        if most is not None:
            yield "max", {f"k{index}": right(shape.value) for index in range(most + 1)}, "at most"
        yield from ((f"key: {name}", {key: right(shape.value)}, said) for name, key, said in wrongs(shape.key) if name != "type")
    elif kind in ("integer", "long", "float", "double"):
        if least is not None:
            yield "min", least - 1, "at least"
        if most is not None:
            yield "max", most + 1, "at most"
        yield "true is no number", True, "is needed, not"


def mutations(shape: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Every violation: what it is, the request, and a word of the message."""
    for name in shape.required_members:
        yield f"{name} missing", changed(right(shape), ((Step("member", name), shape.members[name]),), ...), "missing"
    yield "unknown", {**right(shape), "Bogus": 1}, "there is no such member"
    for way in ways(shape):
        base, (_, member) = right(shape, way), way[-1]
        called = ".".join(step.name or "*" for step, _ in way)
        for kind, value, said in wrongs(member):
            yield f"{called} {kind}", changed(base, way, value), said
        if member.type_name == "structure":
            for name in member.required_members:
                whole = right(member)
                if name in whole:
                    without = {key: item for key, item in whole.items() if key != name}
                    yield f"{called}.{name} missing", changed(base, way, without), "missing"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_violation_of_a_constraint_of_the_model_is_caught(operation: str) -> None:
    shape = service_model("sagemaker").operation_model(operation).input_shape
    theirs = ParamValidator()
    count = botocore_caught = 0
    missed = []
    for called, body, said in mutations(shape):
        count += 1
        found = problems_of_plan(Plan("sagemaker:tuning", requests=(Request("sagemaker", operation, body),)))
        if not any(said in one for one in found):
            missed.append(f"{called}: {found[:2]}")
        botocore_caught += theirs.validate(body, shape).has_errors()
    print(f"{operation}: {count} violations, {count - len(missed)} caught here, {botocore_caught} by botocore")
    assert not missed, "\n".join(missed[:20])
    assert count > 60
    assert botocore_caught < count


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_model_allows_is_let_through(operation: str) -> None:
    shape = service_model("sagemaker").operation_model(operation).input_shape
    wrong = [list(problems(shape, right(shape, way), ""))[:1] for way in ways(shape)]
    assert [one for one in wrong if one] == []


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "Kosten stelle: Zürich/東京=1", "tab\there"),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a\u00a0b_c", "semicolon;"),
        (r"arn:[\p{Alnum}\-]+:lambda:[\p{Alnum}\-]+:[0-9]{12}:function:.*", "arn:aws:lambda:x:123456789012:function:f", "arn:ä"),
        (r"arn:aws[a-z\-]*:iam::\d{12}:role/?.+", "arn:aws:iam::123456789012:role/a", "arn:aws:iam::١٢٣456789012:role/a"),
        (r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}", "r-7k2xq-1", "r-7k2xq-1\n"),
    ],
)
def test_patterns_mean_what_they_mean_to_the_service(pattern: str, good: str, bad: str) -> None:
    assert compiled(pattern).fullmatch(good)
    assert not compiled(pattern).fullmatch(bad)
