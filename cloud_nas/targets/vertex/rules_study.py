"""Rules of a study: what is searched, for what, by what, and how often."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.targets.vertex.limits import APART

_SPECS = ("doubleValueSpec", "integerValueSpec", "categoricalValueSpec", "discreteValueSpec")
_CONDITIONS = {
    "integerValueSpec": "parentIntValues",
    "categoricalValueSpec": "parentCategoricalValues",
    "discreteValueSpec": "parentDiscreteValues",
}
"""The kinds of parameter that others may depend on, and what their condition is called."""

Parameter = Mapping[str, Any]


@dataclass(frozen=True)
class _Place:
    """A parameter where it stands: on the way to it, each parent's place and the values under which it is there."""

    parameter: Parameter
    path: str
    way: tuple[tuple[str, frozenset[Any]], ...]


def count_problems(job: Mapping[str, Any], path: str) -> Iterator[str]:
    """How many trials, at once, and failed."""
    trials = job["maxTrialCount"]
    if job["parallelTrialCount"] > trials:
        yield f"{path}.parallelTrialCount: {job['parallelTrialCount']} at once of {trials} in all"
    if "maxFailedTrialCount" not in job:
        yield f"{path}.maxFailedTrialCount: missing, and the first failure would end the search"
    elif job["maxFailedTrialCount"] > trials:
        yield f"{path}.maxFailedTrialCount: {job['maxFailedTrialCount']}, of {trials} in all"


def problems(study: Mapping[str, Any], path: str) -> Iterator[str]:
    """What is wrong with a StudySpec."""
    metrics = [one["metricId"] for one in study["metrics"]]
    for name in sorted({name for name in metrics if metrics.count(name) > 1}):
        yield f"{path}.metrics: {name} is there more than once"
    for index, metric in enumerate(study["metrics"]):
        if metric["goal"] == "GOAL_TYPE_UNSPECIFIED":
            yield f"{path}.metrics[{index}].goal: MAXIMIZE or MINIMIZE"
    if "observationNoise" in study:
        yield f"{path}.observationNoise: not for hyperparameter tuning jobs"
    roots = enumerate(study["parameters"])
    places = [one for index, root in roots for one in _places(root, f"{path}.parameters[{index}]")]
    for one in places:
        yield from _parameter(one)
        if study.get("algorithm") == "GRID_SEARCH" and "doubleValueSpec" in one.parameter:
            yield f"{one.path}.doubleValueSpec: a grid has no doubles"
    for first, second in itertools.combinations(places, 2):
        name = first.parameter["parameterId"]
        if name == second.parameter["parameterId"] and not _disjoint(first, second):
            yield f"{second.path}.parameterId: {name} is there already, under conditions that are not apart"


def _places(parameter: Parameter, path: str, way: tuple[tuple[str, frozenset[Any]], ...] = ()) -> Iterator[_Place]:
    """A parameter, and all that depend on it."""
    yield _Place(parameter, path, way)
    for number, child in enumerate(parameter.get("conditionalParameterSpecs", ())):
        values = frozenset(value for name in _CONDITIONS.values() for value in child.get(name, {}).get("values", ()))
        below = f"{path}.conditionalParameterSpecs[{number}].parameterSpec"
        yield from _places(child["parameterSpec"], below, (*way, (path, values)))


def _disjoint(first: _Place, second: _Place) -> bool:
    """Whether the two are never there at once: somewhere on their ways one parent has values apart."""
    ways = dict(second.way)
    return any(parent in ways and not values & ways[parent] for parent, values in first.way)


def _parameter(place: _Place) -> Iterator[str]:
    parameter, path = place.parameter, place.path
    kind = next((name for name in _SPECS if name in parameter), None)
    if kind is None:
        yield f"{path}: one of {', '.join(_SPECS)}, not none of them"
        return
    spec, where = parameter[kind], f"{path}.{kind}"
    if "defaultValue" in spec:
        yield f"{where}.defaultValue: not for hyperparameter tuning jobs"
    scale = parameter.get("scaleType")
    if scale == "SCALE_TYPE_UNSPECIFIED":
        yield f"{path}.scaleType: leave it out, or name one"
    if kind == "categoricalValueSpec":
        yield from _categories(spec["values"], where)
        if scale is not None:
            yield f"{path}.scaleType: categories have none"
    else:
        yield from _numbers(kind, spec, scale, where)
    for number, child in enumerate(parameter.get("conditionalParameterSpecs", ())):
        yield from _condition(kind, spec, child, f"{path}.conditionalParameterSpecs[{number}]")


def _categories(values: Any, path: str) -> Iterator[str]:
    if len(set(values)) != len(values):
        yield f"{path}.values: one is there more than once"
    if "" in values:
        yield f"{path}.values: one is empty"


def _numbers(kind: str, spec: Mapping[str, Any], scale: str | None, path: str) -> Iterator[str]:
    if kind == "discreteValueSpec":
        values = [float(one) for one in spec["values"]]
        if any(after - before < APART for before, after in itertools.pairwise(values)):
            yield f"{path}.values: they ascend, by {APART:g} at least"
        least = min(values)
    else:
        least, most = float(spec["minValue"]), float(spec["maxValue"])
        if least > most:
            yield f"{path}.maxValue: {most:g} is below minValue, {least:g}"
    if scale in ("UNIT_LOG_SCALE", "UNIT_REVERSE_LOG_SCALE") and least <= 0:
        yield f"{path}: {scale} is for values above 0"


def _condition(kind: str, spec: Mapping[str, Any], child: Mapping[str, Any], path: str) -> Iterator[str]:
    wanted = _CONDITIONS.get(kind)
    named = [name for name in _CONDITIONS.values() if name in child]
    if wanted is None:
        yield f"{path}: nothing can depend on a double"
    elif named != [wanted]:
        yield f"{path}: {wanted} is needed, since the parent has {kind}"
    else:
        for value in child[wanted]["values"]:
            if not _has(kind, spec, value):
                yield f"{path}.{wanted}: the parent is never {value!r}"


def _has(kind: str, spec: Mapping[str, Any], value: Any) -> bool:
    if kind == "integerValueSpec":
        return int(spec["minValue"]) <= int(value) <= int(spec["maxValue"])
    return value in spec["values"]
