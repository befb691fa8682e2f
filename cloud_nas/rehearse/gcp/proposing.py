"""What a tuner tries next: within its parameters, and of conditional ones only those whose condition holds."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_EXPLORED = 3
"""So many trials with a value before anything is proposed near the best."""

Values = dict[str, Any]
"""By the parameter's name; numbers as floats, categories as text."""


class Proposer:
    """A grid is gone through whole; otherwise at random, and without a named algorithm every other time near the best."""

    def __init__(self, study: Mapping[str, Any], draw: random.Random) -> None:
        self._parameters: Sequence[Mapping[str, Any]] = study["parameters"]
        self._algorithm = study.get("algorithm", "ALGORITHM_UNSPECIFIED")
        self._draw = draw
        self._told: list[tuple[float, Values]] = []
        self._asked = 0
        self._grid: Iterator[Values] | None = _grid(self._parameters) if self._algorithm == "GRID_SEARCH" else None

    def propose(self) -> Values | None:
        """The next values; None where a grid has no more."""
        self._asked += 1
        if self._grid is not None:
            return next(self._grid, None)
        near: Values | None = None
        if self._algorithm == "ALGORITHM_UNSPECIFIED" and len(self._told) >= _EXPLORED and self._asked % 2:
            near = max(self._told, key=lambda one: one[0])[1]
        found: Values = {}
        for one in self._parameters:
            self._fill(one, near, found)
        return found

    def told(self, tried: Values, value: float) -> None:
        """What came of it; more is better."""
        if math.isfinite(value):
            self._told.append((value, tried))

    def _fill(self, one: Mapping[str, Any], near: Values | None, found: Values) -> None:
        value = self._value(one, None if near is None else near.get(one["parameterId"]))
        found[one["parameterId"]] = value
        for child in _children(one, value):
            self._fill(child, near, found)

    def _value(self, one: Mapping[str, Any], near: Any) -> Any:
        if "categoricalValueSpec" in one:
            values = one["categoricalValueSpec"]["values"]
            return near if near in values and self._draw.random() < 0.7 else self._draw.choice(values)
        if "discreteValueSpec" in one:
            values = [float(value) for value in one["discreteValueSpec"]["values"]]
            return near if near in values and self._draw.random() < 0.5 else self._draw.choice(values)
        whole = "integerValueSpec" in one
        spec = one["integerValueSpec"] if whole else one["doubleValueSpec"]
        low, high = float(spec.get("minValue", 0)), float(spec.get("maxValue", 0))
        scale = one.get("scaleType", "")
        start, end = _to_scale(low, low, high, scale), _to_scale(high, low, high, scale)
        at = self._draw.uniform(start, end)
        if near is not None:
            at = self._draw.gauss(_to_scale(float(near), low, high, scale), (end - start) / 10)
        value = min(high, max(low, _from_scale(at, low, high, scale)))
        return float(round(value)) if whole else value


def spoken(one: Mapping[str, Any], value: Any) -> str:
    """A value as the command line has it: discretes as floats, integers plain."""
    if "categoricalValueSpec" in one:
        return str(value)
    return str(int(value)) if "integerValueSpec" in one else repr(float(value))


def active(parameters: Sequence[Mapping[str, Any]], values: Values) -> Iterator[Mapping[str, Any]]:
    """The parameters that these values have, each by the definition whose condition holds."""
    for one in parameters:
        if one["parameterId"] in values:
            yield one
            yield from active(list(_children(one, values[one["parameterId"]])), values)


def _children(one: Mapping[str, Any], value: Any) -> Iterator[Mapping[str, Any]]:
    for child in one.get("conditionalParameterSpecs", ()):
        wanted = next((child[key]["values"] for key in child if key.startswith("parent")), ())
        if any(str(value) == str(each) or (not isinstance(value, str) and float(value) == float(each)) for each in wanted):
            yield child["parameterSpec"]


def _grid(parameters: Sequence[Mapping[str, Any]]) -> Iterator[Values]:
    lists = [list(_ways(one)) for one in parameters]
    for chosen in itertools.product(*lists):
        found: Values = {}
        for each in chosen:
            found |= each
        yield found


def _ways(one: Mapping[str, Any]) -> Iterator[Values]:
    for value in _all(one):
        children = list(_children(one, value))
        for below in _grid(children) if children else iter([{}]):
            yield {one["parameterId"]: value, **below}


def _all(one: Mapping[str, Any]) -> list[Any]:
    if "categoricalValueSpec" in one:
        return list(one["categoricalValueSpec"]["values"])
    if "discreteValueSpec" in one:
        return [float(value) for value in one["discreteValueSpec"]["values"]]
    spec = one["integerValueSpec"]
    return [float(value) for value in range(int(spec.get("minValue", 0)), int(spec.get("maxValue", 0)) + 1)]


def _to_scale(value: float, low: float, high: float, scale: str) -> float:
    if scale == "UNIT_LOG_SCALE":
        return math.log(value)
    return -math.log(low + high - value) if scale == "UNIT_REVERSE_LOG_SCALE" else value


def _from_scale(at: float, low: float, high: float, scale: str) -> float:
    if scale == "UNIT_LOG_SCALE":
        return math.exp(at)
    return low + high - math.exp(-at) if scale == "UNIT_REVERSE_LOG_SCALE" else at
