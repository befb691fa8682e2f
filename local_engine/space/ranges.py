"""The arithmetic of a numeric range: how probability is spread over it, with and without steps. Keras Tuner's, bit for bit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

SAMPLINGS = ("linear", "log", "reverse_log")

_SLACK = 1e-8
"""What rounding may take from a whole number of steps: (0.3 - 0) / 0.1 is a hair under 3."""


def prob_to_index(prob: float, count: int) -> int:
    """The index, from 0, of the share of [0, 1] that holds `prob`, of `count` equal shares."""
    return min(math.floor(prob / (1 / count)), count - 1)


def index_to_prob(index: float, count: int) -> float:
    """The middle of the share at `index`, of `count` equal shares of [0, 1]."""
    return (index + 0.5) * (1 / count)


@dataclass(frozen=True)
class Range:
    """[low, high] with an optional step, under one of SAMPLINGS. Under the logarithmic ones a step is a factor."""

    low: Any
    high: Any
    step: Any
    sampling: str

    @classmethod
    def checked(cls, kind: str, name: str, low: Any, high: Any, step: Any, sampling: Any) -> Self:
        """A range after Keras Tuner's checks, with its messages.

        Raises:
            ValueError: the bounds are crossed, or not for this sampling; or the sampling is unknown.
        """
        where = f"For HyperParameters.{kind}(name='{name}'), "
        if low > high:
            raise ValueError(f"{where}min_value {low} is greater than the max_value {high}.")
        sampling = "linear" if sampling is None else sampling.lower()
        if sampling not in SAMPLINGS:
            raise ValueError(f"{where}sampling must be one of {set(SAMPLINGS)}")
        if sampling != "linear" and low <= 0:
            raise ValueError(f"{where}sampling='{sampling}' does not support negative values, found min_value: {low}.")
        if sampling != "linear" and step is not None and step <= 1:
            raise ValueError(f"{where}expected step > 1 with sampling='{sampling}'. Received: step={step}.")
        return cls(low, high, step, sampling)

    def sample(self, prob: float, high: Any) -> float:
        """The value at `prob` of [low, `high`], without steps."""
        if self.sampling == "linear":
            return float(prob * (high - self.low) + self.low)
        if self.sampling == "log":
            return float(self.low * math.pow(high / self.low, prob))
        return float(high + self.low - self.low * math.pow(high / self.low, 1 - prob))

    def prob(self, value: float, high: Any) -> float:
        """The cumulative probability of `value` in [low, `high`], without steps; one half where the two are the same."""
        if high == self.low:
            return 0.5
        if self.sampling == "linear":
            return float((value - self.low) / (high - self.low))
        if self.sampling == "log":
            return math.log(value / self.low) / math.log(high / self.low)
        return 1.0 - math.log((high + self.low - value) / self.low) / math.log(high / self.low)

    def count(self) -> int:
        """How many values the steps give. A fractional linear step can fall short of `high` by rounding, as in Keras Tuner."""
        if self.sampling == "linear":
            return int((self.high - self.low) // self.step + 1)
        return int(math.log(self.high / self.low, self.step) + _SLACK) + 1

    def at(self, index: int) -> Any:
        """The value after `index` steps."""
        if self.sampling == "linear":
            return self.low + index * self.step
        grown = self.low * math.pow(self.step, index)
        return grown if self.sampling == "log" else self.high + self.low - grown

    def sample_step(self, prob: float) -> Any:
        """The value at `prob`, of those that the steps give."""
        return self.at(prob_to_index(prob, self.count()))

    def prob_step(self, value: float) -> float:
        """The middle of the share of [0, 1) that `value` has among those that the steps give."""
        if self.sampling == "linear":
            index: float = math.floor((value - self.low) / self.step + _SLACK)
        elif self.sampling == "log":
            index = math.log(value / self.low, self.step)
        else:
            index = math.log((self.high - value + self.low) / self.low, self.step)
        return index_to_prob(index, self.count())
