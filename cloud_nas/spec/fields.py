"""The kinds of value a spec holds that plain types do not cover; each knows its mistakes by code and its form as JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from cloud_nas.spec.durations import FORM, PATTERN, parse_duration

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
"""Safe as a folder's name and as a part of a remote job's name."""

RUN_PATTERN = r"^r-[0-9a-z]{5,12}$"
"""What a run's id looks like."""


def refuse(code: str, message: str, hint: str | None = None) -> PydanticCustomError:
    """A mistake with a code of ours, that the reader of pydantic's errors passes on as it is."""
    return PydanticCustomError("spec", "{message}", {"code": code, "message": message, "hint": hint})


def whole(value: Any) -> Any:
    """`1e3` and `10.0` are whole numbers too; text and booleans stay what they are, and are refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _duration(value: Any) -> Any:
    if value is None:
        return None
    try:
        return parse_duration(value)
    except ValueError:
        raise refuse("CN113", f"not a duration: {shown(value)}", FORM) from None


def _money(value: Any) -> Any:
    """`20 USD`, or a number, which is dollars."""
    if value is None:
        return None
    number, _, currency = value.strip().partition(" ") if isinstance(value, str) else (value, "", "USD")
    try:
        amount = -1.0 if isinstance(number, bool) else float(number)
    except (TypeError, ValueError):
        amount = -1.0
    if not 0 < amount < 1e9 or currency.strip() not in ("USD", ""):
        raise refuse("CN136", f"not an amount of money: {shown(value)}", 'an amount is like "20 USD"; prices are in US dollars')
    return amount


def _held_out(value: Any) -> Any:
    """The test part: a share of the rows, or the path of a file that holds them."""
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise refuse("CN108", f"test is a share such as 0.1, or a file's path, not {shown(value)}")
    if not 0 <= value < 1:
        raise refuse("CN109", f"test is a share of the rows, 0 or more and less than 1, not {value:g}", "0.1 holds out a tenth")
    return float(value)


def _run(value: Any) -> Any:
    """A run's id; one of its trials is not a run."""
    if value is None or (isinstance(value, str) and re.fullmatch(RUN_PATTERN, value)):
        return value
    raise refuse("CN135", f"not a run: {shown(value)}", "a run's id is like r-7k2xq; `cloud-nas status` lists them")


def _keep(value: Any) -> Any:
    value = whole(value)
    if value in ("best", "all") or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise refuse("CN109", f"keep is best, all, or how many trials' files stay, not {shown(value)}")


def _callback(value: Any) -> Any:
    """`Name`, `{Name: {option: value}}` and `file.py:Class`, all as a mapping of one name to its options."""
    form = 'a callback is written `ReduceLROnPlateau`, `{ReduceLROnPlateau: {factor: 0.5}}` or `"file.py:Class"`'
    if isinstance(value, str) and value.strip():
        return {value: {}}
    if not isinstance(value, dict) or len(value) != 1:
        raise refuse("CN131", f"not a callback: {shown(value)}", form)
    name, options = next(iter(value.items()))
    if options is not None and not isinstance(options, dict):
        raise refuse("CN131", f"the options of {name} are a mapping, not {shown(options)}", form)
    return {name: options or {}}


def shown(value: Any) -> str:
    """A value as a message names it, short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f'"{value[:60]}…"' if len(value) > 60 else f'"{value}"'
    return str(value)


Patience = Annotated[int, Field(ge=0), BeforeValidator(whole)]
"""A whole number from 0."""

Version = Annotated[int, Field(ge=1, le=1), BeforeValidator(whole)]
"""The version of the spec's form."""

Positive = Annotated[int, Field(gt=0), BeforeValidator(whole)]
"""A whole number from 1."""

Seed = Annotated[int, Field(ge=0, le=2**32 - 1), BeforeValidator(whole)]
"""A seed, as NumPy takes it."""

Seconds = Annotated[
    float | None,
    BeforeValidator(_duration),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": PATTERN},
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e10},
                {"type": "null"},
            ]
        }
    ),
]
"""A duration as the user writes it; held in seconds."""

Money = Annotated[
    float | None,
    BeforeValidator(_money),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?( USD)?\s*$"},
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e9},
                {"type": "null"},
            ]
        }
    ),
]
"""An amount as the user writes it; held in US dollars."""

HeldOut = Annotated[
    float | str | None,
    BeforeValidator(_held_out),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                {"type": "string", "pattern": "\\S"},
                {"type": "null"},
            ]
        }
    ),
]

Keep = Annotated[
    str | int,
    BeforeValidator(_keep),
    WithJsonSchema({"anyOf": [{"enum": ["best", "all"]}, {"type": "integer", "exclusiveMinimum": 0}]}),
]

RunId = Annotated[
    str | None,
    BeforeValidator(_run),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": RUN_PATTERN}, {"type": "null"}]}),
]
"""The id of a run that this machine knows."""

Callback = Annotated[
    dict[str, dict[str, Any]],
    BeforeValidator(_callback),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "\\S"},
                {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": ["object", "null"]}},
            ]
        }
    ),
]
"""A mapping of one name to its options."""
