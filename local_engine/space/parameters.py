"""The hyperparameters that a space is made of, as Keras Tuner has them, to and from plain data.

A parameter never changes once made, so spaces and containers share them freely. Arithmetic is Keras Tuner's to the last bit:
the same seed draws the same value. Three things differ: `value_to_prob` with a fractional `step`, where theirs can land one step
too low; values that rounding would put a hair outside the range; and `values` without a `step`, which here are in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_engine.space.categorical import Boolean, Choice, Fixed
from local_engine.space.numeric import Float, Int, Numerical
from local_engine.space.parameter import HyperParameter

__all__ = ["Boolean", "Choice", "Fixed", "Float", "HyperParameter", "Int", "KINDS", "Numerical", "deserialize", "serialize"]

KINDS: dict[str, type[HyperParameter]] = {kind.__name__: kind for kind in (Fixed, Float, Int, Choice, Boolean, HyperParameter)}
"""Each kind by the name that configurations carry."""


def serialize(parameter: HyperParameter) -> dict[str, Any]:
    """A parameter as plain data, in Keras' shape."""
    return {"class_name": type(parameter).__name__, "config": parameter.get_config()}


def deserialize(config: Mapping[str, Any]) -> HyperParameter:
    """The parameter that `serialize` wrote.

    Raises:
        ValueError: its kind is not known.
    """
    kind = KINDS.get(config["class_name"])
    if kind is None:
        raise ValueError(f"Unknown hyperparameter: '{config['class_name']}'. It is none of {sorted(KINDS)}")
    return kind.from_config(config["config"])
