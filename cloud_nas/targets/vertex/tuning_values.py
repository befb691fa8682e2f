"""The values of one hyperparameter as Vertex AI's tuner takes them: a range, numbers in ascending order, or names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cloud_nas.targets.vertex.limits import APART, EXACT, VALUES
from local_engine.containers.parameters import Scale, only_value
from local_engine.containers.texts import texts_of
from local_engine.definition import Value

if TYPE_CHECKING:
    from local_engine.space.parameters import Choice, Float, HyperParameter, Int

Kind = Literal["double", "integer", "discrete", "categorical"]


@dataclass(frozen=True)
class Values:
    """What a tuner is told of a hyperparameter's values.

    Attributes:
        kind: how they are sent.
        low: the least of a range, else None.
        high: the greatest, else None.
        scale: how numbers are spread.
        listed: what is sent of a discrete one (floats, ascending) or of a categorical one (texts).
        rounded: whether there are steps that the tuner does not know.
        unordered: whether there is an order that it does not know.
    """

    kind: Kind
    low: int | float | None = None
    high: int | float | None = None
    scale: Scale = "linear"
    listed: tuple[float, ...] | tuple[str, ...] = ()
    rounded: bool = False
    unordered: bool = False

    @property
    def count(self) -> int | None:
        """How many there are; None where there is no end of them."""
        if self.kind == "integer":
            assert isinstance(self.low, int) and isinstance(self.high, int)
            return self.high - self.low + 1
        return len(self.listed) or None


def values_of(parameter: HyperParameter, *, listed: bool = False) -> Values | None:
    """What is sent of a hyperparameter; None where it has one value, so that nothing is.

    Args:
        parameter: any.
        listed: only what a grid at home tries of it: the service's grid takes no doubles.
    """
    from local_engine.space.parameters import Boolean, Choice, Float, Int

    if only_value(parameter) is not None:
        return None
    if isinstance(parameter, Boolean):
        return Values("categorical", listed=texts_of(parameter))
    if isinstance(parameter, Choice):
        return _of_choice(parameter)
    assert isinstance(parameter, Int | Float)
    return _of_grid(parameter) if listed else _of_range(parameter)


def sent_as(parameter: HyperParameter, values: Values, wanted: Sequence[Value]) -> tuple[Any, ...]:
    """What is sent of those of a hyperparameter's values that are `wanted`, in the order of what is sent.

    Args:
        parameter: one that others stand under; not a double.
        values: of `values_of`.
        wanted: what a condition names; what is none of its values does not count.
    """
    if values.kind == "categorical":
        pairs = zip(dict.fromkeys(parameter.values), values.listed, strict=True)
        return tuple(text for value, text in pairs if value in wanted)
    if values.kind == "discrete":
        return tuple(number for number in values.listed if number in wanted)
    assert values.low is not None and values.high is not None
    whole = {int(one) for one in wanted if not isinstance(one, str) and one == int(one) and values.low <= one <= values.high}
    return tuple(sorted(whole))


def _of_choice(parameter: Choice) -> Values:
    different = list(dict.fromkeys(parameter.values))
    if parameter.ordered and different in (sorted(different), sorted(different, reverse=True)):
        numbers = tuple(float(value) for value in sorted(different))
        if _fit(numbers) and all(isinstance(value, float) or abs(value) <= EXACT for value in different):
            return Values("discrete", listed=numbers)
    return Values("categorical", listed=texts_of(parameter), unordered=parameter.ordered and len(different) > 2)


def _of_range(parameter: Int | Float) -> Values:
    from local_engine.space.parameters import Int
    from local_engine.space.ranges import Range

    low, high, step, scale = parameter.min_value, parameter.max_value, parameter.step, _scale(parameter)
    kind: Kind = "integer" if isinstance(parameter, Int) else "double"
    if step is None or (kind == "integer" and step == 1):
        return Values(kind, low, high, scale)
    if Range(low, high, step, parameter.sampling).count() <= VALUES:
        numbers = tuple(float(value) for value in dict.fromkeys(parameter.values))
        if _fit(tuple(sorted(numbers))) and max(map(abs, numbers)) <= EXACT:
            return Values("discrete", scale=scale, listed=tuple(sorted(numbers)))
    return Values(kind, low, high, scale, rounded=True)


def _of_grid(parameter: Int | Float) -> Values:
    from local_engine.space.parameters import Int
    from local_engine.strategies.tree import grid_values

    scale = _scale(parameter)
    if isinstance(parameter, Int) and parameter.step == 1 and parameter.sampling == "linear":
        return Values("integer", parameter.min_value, parameter.max_value)
    return Values("discrete", scale=scale, listed=tuple(sorted(float(value) for value in grid_values(parameter))))


def _scale(parameter: Int | Float) -> Scale:
    return parameter.sampling  # type: ignore[return-value]  # checked when the parameter was made: one of SAMPLINGS


def _fit(numbers: tuple[float, ...]) -> bool:
    """Whether ascending numbers may be a discrete parameter."""
    apart = (after - before for before, after in itertools.pairwise(numbers))
    return 0 < len(numbers) <= VALUES and all(distance >= APART for distance in apart)
