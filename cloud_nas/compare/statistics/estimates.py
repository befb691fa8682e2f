"""A metric of one model on n rows, in the forms that intervals and tests need.

Nearly every metric is a smooth function of means over the rows (`Means`): what a resample or a swap of two models makes of it
needs the sums alone, and its influence function is its gradient times what a row adds. The area under the ROC curve is not; it
has its own form in `area.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEP = 1e-6
_AT_ONCE = 2**22


class Estimate(ABC):
    """A metric's value on n rows, and what stands behind it."""

    value: float

    @abstractmethod
    def influence(self) -> Floats:
        """What each row does to the value, (n,), with mean 0: the standard error is its deviation over the root of n."""

    @abstractmethod
    def resampled(self, weights: Any) -> Floats:
        """The value where each row counts so many times.

        Args:
            weights: (resamples, n), each row of it with sum n.

        Returns:
            (resamples,); NaN where the metric is not defined.
        """

    @abstractmethod
    def swapped(self, other: Estimate, swaps: Any) -> Floats:
        """The difference to `other` where the two models' answers to some rows are exchanged.

        Args:
            other: the same metric of another model, on the same rows.
            swaps: (permutations, n), 1 where a row's answers are exchanged, else 0.

        Returns:
            (permutations,).
        """


class Means(Estimate):
    """A function of means over the rows.

    Args:
        columns: (n, q), dense or sparse: what each row adds.
        function: of means (..., q), gives values (...).
    """

    def __init__(self, columns: Any, function: Callable[[Floats], Floats]) -> None:
        self._columns = columns
        self._function = function
        self._rows = columns.shape[0]
        self._means = np.asarray(columns.sum(axis=0), dtype=np.float64).reshape(-1) / self._rows
        self.value = float(function(self._means))

    def influence(self) -> Floats:
        """The gradient times what a row adds, less its mean."""
        gradient = self._gradient()
        found = np.asarray(self._columns @ gradient, dtype=np.float64).reshape(-1)
        return found - float(self._means @ gradient)

    def resampled(self, weights: Any) -> Floats:
        """Of the sums."""
        return self._of_sums(np.asarray(weights @ self._columns, dtype=np.float64))

    def drawn(self, count: int, seed: int) -> Floats:
        """The value at `count` draws of the means from their normal approximation, for a function with corners."""
        products = self._columns.T @ self._columns
        square = np.asarray(products.toarray() if hasattr(products, "toarray") else products, dtype=np.float64)
        covariance = (square / self._rows - np.outer(self._means, self._means)) / self._rows
        draws = np.random.default_rng(seed).multivariate_normal(self._means, covariance, size=count, method="eigh")
        return np.asarray(self._function(draws), dtype=np.float64)

    def swapped(self, other: Estimate, swaps: Any) -> Floats:
        """Of the sums, moved by what the exchanged rows add less."""
        assert isinstance(other, Means), "two models are compared by one metric"
        moved = np.asarray(swaps @ (other._columns - self._columns), dtype=np.float64)
        ours, theirs = self._means * self._rows, other._means * self._rows
        return self._of_sums(ours + moved) - self._of_sums(theirs - moved)

    def _of_sums(self, sums: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self._function(sums / self._rows), dtype=np.float64)

    def _gradient(self) -> Floats:
        """By central differences, some columns at a time."""
        size = len(self._means)
        found = np.empty(size)
        steps = np.maximum(np.abs(self._means), 1e-3) * _STEP
        for start in range(0, size, max(1, _AT_ONCE // size)):
            chosen = np.arange(start, min(size, start + max(1, _AT_ONCE // size)))
            moved = np.zeros((len(chosen), size))
            moved[np.arange(len(chosen)), chosen] = steps[chosen]
            with np.errstate(invalid="ignore", divide="ignore"):
                difference = self._function(self._means + moved) - self._function(self._means - moved)
            found[chosen] = difference / (2 * steps[chosen])
        return np.nan_to_num(found)
