"""What Vertex AI's tuner makes of a study's parameters, written from its documentation alone: values of what is active."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_KINDS = ("doubleValueSpec", "integerValueSpec", "discreteValueSpec", "categoricalValueSpec")
_CONDITIONS = {
    "integerValueSpec": "parentIntValues",
    "discreteValueSpec": "parentDiscreteValues",
    "categoricalValueSpec": "parentCategoricalValues",
}


def arguments(values: Mapping[str, Any]) -> dict[str, str]:
    """As a trial's command line has them: every number as a float may be."""
    return {name: value if isinstance(value, str) else repr(float(value)) for name, value in values.items()}


def proposed(parameters: Sequence[Mapping[str, Any]], draw: random.Random) -> dict[str, Any]:
    """One trial's values at random."""
    found: dict[str, Any] = {}
    for one in parameters:
        _propose(one, draw, found)
    return found


def grid(parameters: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every combination of values of what is active.

    Raises:
        ValueError: there is a double.
    """
    for parts in itertools.product(*(list(_grid(one)) for one in parameters)):
        yield {name: value for part in parts for name, value in part.items()}


def kind_of(parameter: Mapping[str, Any]) -> str:
    """The one kind of value that is given."""
    (kind,) = (kind for kind in _KINDS if kind in parameter)
    return kind


def _propose(one: Mapping[str, Any], draw: random.Random, found: dict[str, Any]) -> None:
    kind = kind_of(one)
    spec = one[kind]
    if kind == "doubleValueSpec":
        value: Any = draw.uniform(spec["minValue"], spec["maxValue"])
    elif kind == "integerValueSpec":
        value = draw.randint(spec["minValue"], spec["maxValue"])
    else:
        value = draw.choice(spec["values"])
    assert one["parameterId"] not in found, "two parameters of one name are active at once"
    found[one["parameterId"]] = value
    for child in _woken(one, value):
        _propose(child, draw, found)


def _grid(one: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kind = kind_of(one)
    spec = one[kind]
    if kind == "doubleValueSpec":
        raise ValueError(f"{one['parameterId']} is a double")
    values = range(spec["minValue"], spec["maxValue"] + 1) if kind == "integerValueSpec" else spec["values"]
    for value in values:
        for below in grid(_woken(one, value)):
            yield {one["parameterId"]: value, **below}


def _woken(one: Mapping[str, Any], value: Any) -> list[Mapping[str, Any]]:
    name = _CONDITIONS.get(kind_of(one), "")
    return [child["parameterSpec"] for child in one.get("conditionalParameterSpecs", ()) if value in child[name]["values"]]
