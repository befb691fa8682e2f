"""Requests and answers against botocore's model of a service: a request that breaks it is refused, an answer must keep to it.

Written apart from the submitter's own check of requests, so that the two are second opinions of each other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloud_nas.rehearse.aws.errors import AwsError, invalid

_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\p{M}": "", r"\p{Alnum}": "a-zA-Z0-9", r"\p{ASCII}": "\x00-\x7f"}
_PYTHON: dict[str, Any] = {
    "string": str, "integer": int, "long": int, "boolean": bool, "float": (int, float), "double": (int, float),
    "structure": Mapping, "map": Mapping, "list": list,
}  # fmt: skip


@functools.cache
def service_model(service: str) -> Any:
    """Botocore's model of `sagemaker`, `resourcegroupstaggingapi`, `service-quotas`, `pricing`."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def check(service: str, operation: str, body: Mapping[str, Any]) -> None:
    """Refuses a request that the model does not allow.

    Raises:
        AwsError: `ValidationException` with the member and the rule, or `SerializationException`.
    """
    shape = service_model(service).operation_model(operation).input_shape
    if shape is not None:
        _check(shape, body, "")


def encode(service: str, operation: str, answer: Mapping[str, Any]) -> Any:
    """The answer as JSON data.

    Raises:
        TypeError: the answer is not one that the model allows; a defect of the stand-in.
    """
    shape = service_model(service).operation_model(operation).output_shape
    return {} if shape is None else _encode(shape, answer, operation)


def _check(shape: Any, value: Any, path: str) -> None:
    kind = shape.type_name
    if kind in _PYTHON and (not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind != "boolean")):
        raise AwsError("SerializationException", f"{path or 'the request'}: {kind} expected, found {type(value).__name__}")
    limits = shape.metadata
    if kind == "structure":
        _check_structure(shape, value, path)
    elif kind == "list":
        _check_size(len(value), limits, path)
        for index, one in enumerate(value):
            _check(shape.member, one, f"{path}.{index + 1}.member")
    elif kind == "map":
        _check_size(len(value), limits, path)
        for key, one in value.items():
            _check(shape.key, key, f"{path}.key")
            _check(shape.value, one, f"{path}.{key}.value")
    elif kind == "string":
        _check_size(len(value), limits, path)
        if shape.enum and value not in shape.enum:
            raise _broken(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        if "pattern" in limits and not _matches(limits["pattern"], value):
            raise _broken(value, path, f"Member must satisfy regular expression pattern: {limits['pattern']}")
    elif kind in ("integer", "long", "float", "double"):
        _check_number(value, limits, path)


def _check_structure(shape: Any, value: Mapping[str, Any], path: str) -> None:
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        raise AwsError("SerializationException", f"{path or 'the request'}: unknown member {unknown[0]}")
    for name in shape.required_members:
        if name not in value:
            raise _broken("null", f"{path}.{name}".lstrip("."), "Member must not be null")
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        raise invalid(f"{path}: exactly one of {', '.join(shape.members)} must be set")
    for name, one in value.items():
        _check(shape.members[name], one, f"{path}.{name}".lstrip("."))


def _check_size(size: int, limits: Mapping[str, Any], path: str) -> None:
    if "min" in limits and size < limits["min"]:
        raise _broken("", path, f"Member must have length greater than or equal to {limits['min']}")
    if "max" in limits and size > limits["max"]:
        raise _broken("", path, f"Member must have length less than or equal to {limits['max']}")


def _check_number(value: float, limits: Mapping[str, Any], path: str) -> None:
    if "min" in limits and value < limits["min"]:
        raise _broken(value, path, f"Member must have value greater than or equal to {limits['min']}")
    if "max" in limits and value > limits["max"]:
        raise _broken(value, path, f"Member must have value less than or equal to {limits['max']}")


def _broken(value: Any, path: str, rule: str) -> AwsError:
    return invalid(f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: {rule}")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for theirs, ours in _CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


def _encode(shape: Any, value: Any, path: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        unknown = sorted(set(value) - set(shape.members))
        lacking = sorted(name for name in shape.required_members if value.get(name) is None)
        if unknown or lacking:
            raise TypeError(f"the stand-in's answer {path}: unknown {unknown}, lacking {lacking}")
        return {k: _encode(shape.members[k], v, f"{path}.{k}") for k, v in value.items() if v is not None}
    if kind == "list":
        return [_encode(shape.member, one, path) for one in value]
    if kind == "map":
        return {key: _encode(shape.value, one, f"{path}.{key}") for key, one in value.items()}
    if kind == "timestamp":
        return value.timestamp() if isinstance(value, datetime) else value
    if kind in _PYTHON and not isinstance(value, _PYTHON[kind]):
        raise TypeError(f"the stand-in's answer {path}: {value!r} is no {kind}")
    if kind == "string" and shape.enum and value not in shape.enum:
        raise TypeError(f"the stand-in's answer {path}: {value!r} is not one of {shape.enum}")
    return value
