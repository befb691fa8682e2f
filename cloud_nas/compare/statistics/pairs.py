"""Whether two models differ on the same rows: McNemar's exact test for accuracy, else a paired permutation of their answers,
which above `MOST_RESAMPLED` rows takes its normal form. Holm's correction keeps the chance of one false difference among all.

McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12 (1947). Holm, "A simple
sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloud_nas.compare.statistics.estimates import Estimate
from cloud_nas.compare.statistics.intervals import MOST_RESAMPLED

PERMUTATIONS = 9999
_CELLS = 2_000_000


@dataclass(frozen=True)
class Difference:
    """`difference` is the first's value less the second's, `p` two-sided; `deviation` is that of what one row does to it."""

    difference: float
    p: float
    test: str
    deviation: float


def compare(
    metric: str,
    one: Estimate,
    other: Estimate,
    hits: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
    *,
    seed: int = 0,
) -> Difference:
    """Tests the difference of a metric between two models.

    Args:
        metric: its name.
        one: of the first model.
        other: of the second, on the same rows in the same order.
        hits: for accuracy, which rows each had right, (n,).
        seed: of the permutations.
    """
    rows = one.influence() - other.influence()
    difference = one.value - other.value
    deviation = float(np.sqrt((rows**2).mean()))
    if metric == "accuracy" and hits is not None:
        return Difference(difference, mcnemar(*hits), "mcnemar", deviation)
    if not math.isfinite(difference):
        return Difference(difference, math.nan, "permutation", deviation)
    if len(rows) > MOST_RESAMPLED:
        return Difference(difference, _normal(rows + difference), "permutation-normal", deviation)
    return Difference(difference, permutation(one, other, len(rows), seed=seed), "permutation", deviation)


def mcnemar(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Exact: the rows that only one of the two had right, as throws of a fair coin."""
    from scipy.stats import binomtest

    first, second = int((one & ~other).sum()), int((other & ~one).sum())
    return 1.0 if first + second == 0 else float(binomtest(first, first + second, 0.5).pvalue)


def permutation(one: Estimate, other: Estimate, n: int, *, seed: int = 0, count: int = PERMUTATIONS) -> float:
    """The share of exchanges of the two models' answers, each row's with chance one half, that differ as much; never 0."""
    draw = np.random.default_rng(seed)
    seen = abs(one.value - other.value)
    slack = 1e-9 * max(1.0, seen)
    as_much, at_once = 0, max(1, _CELLS // n)
    for start in range(0, count, at_once):
        some = min(at_once, count - start)
        swaps = draw.integers(0, 2, size=(some, n), dtype=np.uint8).astype(np.float32)
        differences = one.swapped(other, swaps)
        as_much += int((np.abs(differences[np.isfinite(differences)]) >= seen - slack).sum())
    return (as_much + 1) / (count + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values, in the order of `p_values`; NaN stays NaN and counts for nothing."""
    known = [place for place, p in enumerate(p_values) if math.isfinite(p)]
    order = sorted(known, key=lambda place: p_values[place])
    found, highest = list(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[place]))
        found[place] = highest
    return found


def rows_needed(difference: float, deviation: float, *, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Rows that tell such a difference with this power, the deviation staying as it is; None where no number would.

    Args:
        difference: between the two models.
        deviation: of what one row does to it.
        alpha: the test's level, two-sided.
        power: the chance of finding it.
    """
    from scipy.special import ndtri

    if difference == 0 or not math.isfinite(difference) or deviation <= 0:
        return None
    return math.ceil(((float(ndtri(1 - alpha / 2)) + float(ndtri(power))) * deviation / abs(difference)) ** 2)


def _normal(rows: NDArray[Any]) -> float:
    """Of exchanges that each turn the sign of what a row does to the difference."""
    from scipy.special import ndtr

    squares = float((rows**2).sum())
    return 1.0 if squares == 0 else float(2 * ndtr(-abs(float(rows.sum())) / math.sqrt(squares)))
