"""The JSON Schema of the spec, for editors: made from the same types that validate it, and from the strategies' own tables."""

from __future__ import annotations

from typing import Any

from cloud_nas.spec.model import Search, Spec
from local_engine.strategies.options import LEARNING, OPTIONS, Option

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[type, str] = {int: "integer", float: "number", bool: "boolean", str: "string"}


def schema() -> dict[str, Any]:
    """A JSON Schema, draft 2020-12."""
    made = Spec.model_json_schema(mode="validation")
    made["$defs"]["Search"] = _search(made["$defs"]["Search"])
    return {"$schema": DIALECT, **made, "title": "cloud-nas spec"}


def _search(section: dict[str, Any]) -> dict[str, Any]:
    """Every strategy by name, and under each its own options and no others; a run to begin from where it learns."""
    default = Search.model_fields["strategy"].default
    section["properties"]["strategy"] = {**section["properties"]["strategy"], "enum": list(OPTIONS)}
    section["properties"]["strategy"].pop("pattern", None)
    section["additionalProperties"] = True
    common = dict.fromkeys(section["properties"], True)
    section["allOf"] = [
        {
            "if": {"properties": {"strategy": {"const": name}}, **({} if name == default else {"required": ["strategy"]})},
            "then": {
                "properties": {
                    **common,
                    **({} if name in LEARNING else {"warm_start": {"type": "null"}}),
                    **{option.name: _option(option) for option in options},
                },
                "additionalProperties": False,
            },
        }
        for name, options in OPTIONS.items()
    ]
    return section


def _option(option: Option) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _TYPES[option.type], "default": option.default, "description": option.doc}
    if option.choices:
        made["enum"] = list(option.choices)
    if option.minimum is not None:
        made["minimum"] = option.minimum
    if option.maximum is not None:
        made["maximum"] = option.maximum
    return made
