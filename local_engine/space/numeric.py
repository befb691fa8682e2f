"""Hyperparameters over a range of numbers: Int and Float."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_engine.space.parameter import HyperParameter
from local_engine.space.ranges import Range


class Numerical(HyperParameter):
    """Base of Int and Float: a range, an optional step, and how probability is spread over it.

    Args:
        name: as in HyperParameter.
        min_value: the lower bound, inclusive.
        max_value: the upper bound, inclusive.
        step: distance between values (a factor where sampling is not linear), or None for any value in the range.
        sampling: "linear", "log" or "reverse_log", in any case; None is linear.
        default: `min_value` where None.
        **kwargs: `conditions`.

    Raises:
        ValueError: the bounds are crossed, or not for this sampling; or the sampling is unknown.
    """

    def __init__(
        self,
        name: str,
        min_value: Any,
        max_value: Any,
        step: Any = None,
        sampling: Any = "linear",
        default: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, default=default, **kwargs)
        self._range = Range.checked(type(self).__name__, name, min_value, max_value, step, sampling)
        self.min_value = min_value
        self.max_value = max_value
        self.step = step
        self.sampling = self._range.sampling

    @property
    def default(self) -> Any:
        """As given, else `min_value`."""
        return self._default if self._default is not None else self.min_value

    @property
    def values(self) -> Sequence[Any]:
        """All values where there is a step; else up to ten, spread evenly over [0, 1), in order."""
        if self.step is None:
            return tuple(sorted({self.prob_to_value(index * 0.1 + 0.05) for index in range(10)}))
        return tuple(self._range.at(index) for index in range(self._range.count()))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        own = {"min_value": self.min_value, "max_value": self.max_value, "step": self.step, "sampling": self.sampling}
        return {**super().get_config(), **own}

    def _text(self, quote: str) -> str:
        shown = [("min_value", self.min_value), ("max_value", self.max_value), ("step", self.step)]
        shown += [("sampling", self.sampling), ("default", self.default)]
        fields = ", ".join(f"{name}: {quote}{value}{quote}" for name, value in shown)
        return f"{type(self).__name__}(name: '{self.name}', {fields})"


class Int(Numerical):
    """A whole number in [min_value, max_value], both included. `step` is 1 where sampling is linear and none is given."""

    def __init__(
        self,
        name: str,
        min_value: Any,
        max_value: Any,
        step: Any = None,
        sampling: Any = "linear",
        default: Any = None,
        **kwargs: Any,
    ) -> None:
        if step is not None:
            step = _whole(step, "step")
        elif sampling == "linear":
            step = 1
        low, high = _whole(min_value, "min_value"), _whole(max_value, "max_value")
        super().__init__(name, low, high, step=step, sampling=sampling, default=default, **kwargs)

    @property
    def values(self) -> Sequence[int]:
        """All values where there is a step, without listing them where sampling is linear; else up to ten of them."""
        if self.step is not None and self.sampling == "linear":
            return range(self.min_value, self.max_value + 1, self.step)
        return tuple(int(value) for value in super().values)

    def prob_to_value(self, prob: float) -> int:
        """The whole number at `prob`."""
        if self.step is None:
            # One past the upper bound, so that rounding down reaches the bound itself.
            return int(self._range.sample(prob, self.max_value + 1))
        return int(self._range.sample_step(prob))

    def value_to_prob(self, value: int) -> float:
        """The middle of the share of [0, 1) that `value` has."""
        if self.step is None:
            return self._range.prob(value + 0.5, self.max_value + 1)
        return self._range.prob_step(value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; `default` is None where none was given."""
        return {**super().get_config(), "default": self._default}

    def __repr__(self) -> str:
        return self._text("")


class Float(Numerical):
    """A number in [min_value, max_value]."""

    def __init__(
        self,
        name: str,
        min_value: Any,
        max_value: Any,
        step: Any = None,
        sampling: Any = "linear",
        default: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, float(min_value), float(max_value), step=step, sampling=sampling, default=default, **kwargs)

    def prob_to_value(self, prob: float) -> float:
        """The number at `prob`."""
        if self.step is None:
            return float(min(max(self._range.sample(prob, self.max_value), self.min_value), self.max_value))
        return float(self._range.sample_step(prob))

    def value_to_prob(self, value: float) -> float:
        """Where `value` lies in the range, as sampling spreads it."""
        return self._range.prob(value, self.max_value) if self.step is None else self._range.prob_step(value)

    def __repr__(self) -> str:
        return self._text("'")


def _whole(value: Any, argument: str) -> int:
    """`value` as an int, where nothing is lost."""
    whole = int(value)
    if whole != value:
        raise ValueError(f"{argument} must be an int, Received: {value} of type {type(value)}.")
    return whole
