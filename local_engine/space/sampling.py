"""How a parameter's random value is drawn: from a seed and the parameter's key, whatever else is drawn around it."""

from __future__ import annotations

from typing import Any

from local_engine.seeds import derive
from local_engine.space.parameters import HyperParameter


def draw(parameter: HyperParameter, seed: int, key: str) -> Any:
    """A random value of `parameter`, a function of `seed` and `key` alone, the same on every machine."""
    return parameter.prob_to_value(derive(seed, key) / 2**31)
