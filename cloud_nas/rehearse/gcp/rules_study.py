"""What Vertex AI refuses of a study: metrics, parameters with their conditions, the algorithm."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cloud_nas.rehearse.gcp.answers import require

Json = Mapping[str, Any]

_KINDS = {
    "doubleValueSpec": None,
    "integerValueSpec": "parentIntValues",
    "categoricalValueSpec": "parentCategoricalValues",
    "discreteValueSpec": "parentDiscreteValues",
}
"""The kinds of parameters, and what their children's conditions are called; doubles have none."""

_MOST_DISCRETE, _LEAST_GAP = 1000, 1e-10
_LOGARITHMIC = ("UNIT_LOG_SCALE", "UNIT_REVERSE_LOG_SCALE")


def check(study: Json) -> None:
    """Ends here where the service would refuse the study.

    Raises:
        Refused: 400.
    """
    metrics, parameters = study.get("metrics", ()), study.get("parameters", ())
    require(bool(metrics), "study_spec.metrics is required.")
    for one in metrics:
        require(_is_id(one.get("metricId", "")), f"Invalid metric_id: {one.get('metricId')}")
        require(one.get("goal") in ("MAXIMIZE", "MINIMIZE"), "The goal of a metric is required.")
    require(bool(parameters), "study_spec.parameters is required.")
    _together(parameters)
    for one in parameters:
        _parameter(one, grid=study.get("algorithm") == "GRID_SEARCH")


def _parameter(one: Json, *, grid: bool) -> None:
    name = one.get("parameterId", "")
    require(_is_id(name), f"Invalid parameter_id: {name}")
    kinds = [kind for kind in _KINDS if kind in one]
    require(len(kinds) == 1, f"Exactly one value spec is required for {name}.")
    (kind,) = kinds
    scale = one.get("scaleType", "SCALE_TYPE_UNSPECIFIED")
    values = one[kind]
    require("defaultValue" not in values, "default_value is not supported by HyperparameterTuningJob.")
    if kind == "categoricalValueSpec":
        texts = values.get("values", ())
        require(bool(texts) and len(set(texts)) == len(texts), f"The values of {name} must be unique and not empty.")
        require(scale == "SCALE_TYPE_UNSPECIFIED", f"scale_type must be unset for the CATEGORICAL parameter {name}.")
    elif kind == "discreteValueSpec":
        _discrete(name, [float(value) for value in values.get("values", ())], scale)
    else:
        low, high = float(values.get("minValue", 0)), float(values.get("maxValue", 0))
        require(low <= high, f"min_value of {name} is greater than max_value.")
        require(scale not in _LOGARITHMIC or low > 0, f"The feasible space of {name} must be strictly positive for {scale}.")
        require(not (grid and kind == "doubleValueSpec"), f"GRID_SEARCH does not support the DOUBLE parameter {name}.")
    _children(one, kind, grid=grid)


def _discrete(name: str, values: Sequence[float], scale: str) -> None:
    require(0 < len(values) <= _MOST_DISCRETE, f"{name} must have between 1 and {_MOST_DISCRETE} values.")
    gaps = [after - before for before, after in itertools.pairwise(values)]
    require(all(gap >= _LEAST_GAP for gap in gaps), f"The values of {name} must be in increasing order and {_LEAST_GAP} apart.")
    require(scale not in _LOGARITHMIC or values[0] > 0, f"The feasible space of {name} must be strictly positive for {scale}.")


def _children(one: Json, kind: str, *, grid: bool) -> None:
    name, children = one["parameterId"], one.get("conditionalParameterSpecs", ())
    wanted = _KINDS[kind]
    require(not children or wanted is not None, f"The DOUBLE parameter {name} can have no conditional parameters.")
    for child in children:
        require(bool(_condition(child, wanted)), f"A conditional parameter of {name} has no {wanted}.")
        strange = [value for value in _condition(child, wanted) if not _takes(one, kind, value)]
        require(not strange, f"{strange} are no values of {name}, on which a parameter depends.")
        _parameter(child.get("parameterSpec", {}), grid=grid)
    _together([child["parameterSpec"] | {"when": _condition(child, wanted)} for child in children])


def _together(parameters: Sequence[Json]) -> None:
    """Parameters side by side have names of their own, unless their conditions exclude each other."""
    for one, other in itertools.combinations(parameters, 2):
        same = one.get("parameterId") == other.get("parameterId")
        apart = "when" in one and not set(one["when"]) & set(other["when"])
        require(not same or apart, f"The parameter_id {one.get('parameterId')} is not unique.")


def _condition(child: Json, wanted: str | None) -> list[Any]:
    found: list[Any] = child.get(wanted or "", {}).get("values", [])
    return found


def _takes(parent: Json, kind: str, value: Any) -> bool:
    values = parent[kind]
    if kind == "integerValueSpec":
        return float(values.get("minValue", 0)) <= float(value) <= float(values.get("maxValue", 0))
    return value in values["values"] or (kind == "discreteValueSpec" and float(value) in map(float, values["values"]))


def _is_id(name: str) -> bool:
    return bool(name) and re.search(r"\s", name) is None
