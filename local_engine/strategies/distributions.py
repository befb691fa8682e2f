"""Hyperparameters as Optuna's distributions: one for the record that people look at, one for what a surrogate models.

The record keeps the values themselves (a dashboard then shows `units 64`, not an index). A surrogate wants the scale on which the
values are spread evenly: a list of numbers becomes their position, a reversed logarithm its probability.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_engine.definition import Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from local_engine.space.parameters import Float, HyperParameter, Int


def recorded(parameter: HyperParameter) -> BaseDistribution | None:
    """The distribution that a study's storage shows for `parameter`; None for a fixed value."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    from local_engine.space.parameters import Boolean, Choice, Fixed, Float, Int

    if isinstance(parameter, Fixed):
        return None
    if isinstance(parameter, Int):
        return IntDistribution(parameter.min_value, parameter.max_value, log=parameter.sampling == "log")
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.min_value, parameter.max_value, log=parameter.sampling == "log")
    assert isinstance(parameter, Boolean | Choice)
    return CategoricalDistribution(tuple(dict.fromkeys(parameter.values)))


def holds(distribution: BaseDistribution, value: Value) -> bool:
    """Whether `value` can be recorded under `distribution`; a builder may have forced one that lies outside."""
    try:
        return distribution._contains(distribution.to_internal_repr(value))
    except (TypeError, ValueError):
        return False


@dataclass(frozen=True)
class Modelled:
    """How a surrogate sees one hyperparameter: a distribution, and the way there and back."""

    distribution: BaseDistribution
    encode: Callable[[Value], Any]
    decode: Callable[[Any], Value]


def modelled(parameter: HyperParameter) -> Modelled | None:
    """What a surrogate models for `parameter`; None where there is nothing to choose."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    from local_engine.space.parameters import Boolean, Choice, Fixed, Float, Int

    if isinstance(parameter, Fixed):
        return None
    if isinstance(parameter, Boolean) or (isinstance(parameter, Choice) and not parameter.ordered):
        return Modelled(CategoricalDistribution(tuple(dict.fromkeys(parameter.values))), _same, _same)
    if isinstance(parameter, Choice):
        return _listed(sorted(set(parameter.values)))
    assert isinstance(parameter, Int | Float)
    if parameter.step is not None and (isinstance(parameter, Float) or parameter.sampling != "linear"):
        return _listed(sorted(set(parameter.values)))
    if parameter.sampling == "reverse_log":
        return _by_probability(parameter)
    log = parameter.sampling == "log"
    if isinstance(parameter, Float):
        return Modelled(FloatDistribution(parameter.min_value, parameter.max_value, log=log), _same, float)
    step = 1 if log else parameter.step or 1
    top = parameter.min_value + (parameter.max_value - parameter.min_value) // step * step
    return Modelled(IntDistribution(parameter.min_value, top, log=log, step=step), _same, int)


def _same(value: Any) -> Any:
    return value


def _by_probability(parameter: Int | Float) -> Modelled:
    """Numbers by their cumulative probability. Optuna's range holds 1, ours ends before it, so what comes back is kept inside."""
    from optuna.distributions import FloatDistribution

    def encode(value: Any) -> float:
        return min(1.0, max(0.0, parameter.value_to_prob(value)))

    def decode(probability: float) -> Value:
        value: Value = min(max(parameter.prob_to_value(probability), parameter.min_value), parameter.max_value)
        return value

    return Modelled(FloatDistribution(0.0, 1.0), encode, decode)


def _listed(values: list[Any]) -> Modelled:
    """Numbers by their position in ascending order."""
    from optuna.distributions import IntDistribution

    positions = {value: position for position, value in enumerate(values)}
    return Modelled(IntDistribution(0, len(values) - 1), positions.__getitem__, lambda position: values[int(position)])
