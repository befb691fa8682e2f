"""What a tuning job tries next: within its ranges, as strings."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping
from typing import Any

_EXPLORED = 3
"""So many ended jobs before anything is proposed near the best."""


class Proposer:
    """Grid: every combination once. Otherwise at random, and for `Bayesian` every other time near the best so far."""

    def __init__(self, config: Mapping[str, Any], source: random.Random) -> None:
        ranges = config.get("ParameterRanges", {})
        self._strategy = config["Strategy"]
        self._integers = ranges.get("IntegerParameterRanges", [])
        self._floats = ranges.get("ContinuousParameterRanges", [])
        self._choices = ranges.get("CategoricalParameterRanges", [])
        self._random = source
        self._told: list[tuple[float, Mapping[str, str]]] = []
        self._asked = 0
        values = [[(one["Name"], value) for value in one["Values"]] for one in self._choices]
        self._grid = itertools.product(*values)
        self.size = math.prod(len(one) for one in values) if self._strategy == "Grid" else None

    def propose(self) -> dict[str, str] | None:
        """The next hyperparameters; None where a grid has no more."""
        self._asked += 1
        if self._strategy == "Grid":
            found = next(self._grid, None)
            return None if found is None else dict(found)
        near = None
        if self._strategy == "Bayesian" and len(self._told) >= _EXPLORED and self._asked % 2:
            near = max(self._told, key=lambda one: one[0])[1]
        integers = {one["Name"]: str(round(self._number(one, near))) for one in self._integers}
        floats = {one["Name"]: repr(self._number(one, near)) for one in self._floats}
        choices = {one["Name"]: self._choice(one, near) for one in self._choices}
        return integers | floats | choices

    def told(self, tried: Mapping[str, str], value: float) -> None:
        """What came of it; more is better."""
        if math.isfinite(value):
            self._told.append((value, tried))

    def _choice(self, one: Mapping[str, Any], near: Mapping[str, str] | None) -> str:
        if near is not None and self._random.random() < 0.7:
            return near[one["Name"]]
        found: str = self._random.choice(one["Values"])
        return found

    def _number(self, one: Mapping[str, Any], near: Mapping[str, str] | None) -> float:
        """On the range's own scale; near the best it is a tenth of the range away."""
        low, high, scale = float(one["MinValue"]), float(one["MaxValue"]), one.get("ScalingType", "Auto")
        start, end = _to_scale(low, scale), _to_scale(high, scale)
        if near is None:
            at = self._random.uniform(start, end)
        else:
            at = self._random.gauss(_to_scale(float(near[one["Name"]]), scale), (end - start) / 10)
        return min(high, max(low, _from_scale(at, scale)))


def _to_scale(value: float, scale: str) -> float:
    if scale == "Logarithmic":
        return math.log(value)
    return -math.log1p(-value) if scale == "ReverseLogarithmic" else value


def _from_scale(at: float, scale: str) -> float:
    if scale == "Logarithmic":
        return math.exp(at)
    return -math.expm1(-at) if scale == "ReverseLogarithmic" else at
