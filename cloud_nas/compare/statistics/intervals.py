"""Intervals around a measured value: Wilson's for a share of rows; BCa bootstrap over rows; above `MOST_RESAMPLED` rows the delta
method, which for the area under the ROC curve is DeLong's.

Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). Efron, "Better bootstrap
confidence intervals", JASA 82 (1987); the acceleration is of the influence function (the infinitesimal jackknife).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cloud_nas.compare.statistics.estimates import Estimate, Floats, Means
from cloud_nas.compare.statistics.metrics import BOUNDED

MOST_RESAMPLED = 20_000
"""Rows above which a normal approximation takes the place of resampling: there the two agree."""

RESAMPLES = 2000
_CELLS = 2_000_000


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, by `method` (`wilson`, `bca`, `bca-normal`, `delta`, `delong`); both NaN where there is none."""

    low: float
    high: float
    method: str


def intervals(
    estimates: dict[str, Estimate], n: int, *, alpha: float = 0.05, seed: int = 0, method: str | None = None
) -> dict[str, Interval]:
    """The interval of each metric of one model.

    Args:
        estimates: by the metric's name.
        n: rows.
        alpha: 1 less the interval's level.
        seed: of the resamples; the same rows in the same order give the same intervals.
        method: `bca` or `delta`; None: by the number of rows.
    """
    found: dict[str, Interval] = {}
    chosen = method or ("bca" if n <= MOST_RESAMPLED else "delta")
    resampled = {name: one for name, one in estimates.items() if name != "accuracy"}
    if "accuracy" in estimates:
        found["accuracy"] = wilson(round(estimates["accuracy"].value * n), n, alpha=alpha)
    if chosen == "delta":
        found |= {name: _approximated(name, one, n, alpha, seed) for name, one in resampled.items()}
    elif resampled:
        values = {name: np.concatenate(parts) for name, parts in _resample(resampled, n, seed).items()}
        found |= {name: bca(name, one, values[name], n, alpha=alpha) for name, one in resampled.items()}
    return {name: found[name] for name in estimates}


def wilson(hits: int, n: int, *, alpha: float = 0.05) -> Interval:
    """Of a share, `hits` of `n`."""
    z = _z(1 - alpha / 2)
    share, middle = hits / n, (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(n * share * (1 - share) + z * z / 4)
    low = 0.0 if hits == 0 else middle - half
    return Interval(low, 1.0 if hits == n else middle + half, "wilson")


def _approximated(name: str, estimate: Estimate, n: int, alpha: float, seed: int) -> Interval:
    """The calibration error has a corner at 0, near which good models are: what is normal there is its bins, not itself."""
    if name == "calibration_error" and isinstance(estimate, Means):
        return replace(bca(name, estimate, estimate.drawn(RESAMPLES, seed), n, alpha=alpha), method="bca-normal")
    return delta(name, estimate, alpha=alpha)


def delta(name: str, estimate: Estimate, *, alpha: float = 0.05) -> Interval:
    """By the deviation of the influence, on the scale on which a bounded or positive metric has no bound."""
    influence = estimate.influence()
    error = _error(influence)
    method = "delong" if name == "auc" else "delta"
    value, z = estimate.value, _z(1 - alpha / 2)
    if not math.isfinite(value):
        return Interval(math.nan, math.nan, method)
    if name in BOUNDED and 0 < value < 1:
        middle, scale = math.log(value / (1 - value)), value * (1 - value)
        low, high = (1 / (1 + math.exp(-(middle + sign * z * error / scale))) for sign in (-1, 1))
        return Interval(low, high, method)
    if name in BOUNDED and error < 1e-12:  # every row is right, or wrong: they say nothing of the deviation
        return wilson(round(value * len(influence)), len(influence), alpha=alpha)
    low, high = value - z * error, value + z * error
    if name in BOUNDED:
        low, high = max(0.0, low), min(1.0, high)
    return Interval(low, high, method)


def bca(name: str, estimate: Estimate, resampled: Floats, n: int, *, alpha: float = 0.05) -> Interval:
    """Bias-corrected and accelerated.

    Where every resample gives the same share of 0 or 1, the rows say nothing of its deviation: then it is Wilson's, of `n`.

    Args:
        name: the metric's.
        estimate: on the rows as they are.
        resampled: its value in each resample; those that are NaN are left out.
        n: rows.
        alpha: 1 less the interval's level.
    """
    values, value = resampled[np.isfinite(resampled)], estimate.value
    if not math.isfinite(value) or not len(values):
        return Interval(math.nan, math.nan, "bca")
    if name in BOUNDED and np.ptp(values) < 1e-12 and min(value, 1 - value) < 1e-12:
        return wilson(round(value * n), n, alpha=alpha)
    from scipy.special import ndtr, ndtri

    influence = estimate.influence()
    squares = float((influence**2).sum())
    acceleration = float((influence**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0
    slack = 1e-9 * max(1.0, abs(value))
    below = float(np.mean(values < value - slack) + np.mean(np.abs(values - value) <= slack) / 2)
    bias = float(ndtri(min(max(below, 0.5 / len(values)), 1 - 0.5 / len(values))))
    moved = bias + np.array([_z(alpha / 2), _z(1 - alpha / 2)])
    levels = ndtr(bias + moved / (1 - acceleration * moved))
    low, high = (float(one) for one in np.quantile(values, levels))
    return Interval(low, high, "bca")


def weights(n: int, count: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """How often each row is drawn in each of `count` resamples of n rows, some resamples at a time: (some, n)."""
    draw = np.random.default_rng(seed)
    at_once = max(1, _CELLS // n)
    for start in range(0, count, at_once):
        some = min(at_once, count - start)
        drawn = draw.integers(0, n, size=(some, n), dtype=np.int32) + (np.arange(some, dtype=np.int64) * n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=some * n).reshape(some, n).astype(np.float32)


def _resample(estimates: dict[str, Estimate], n: int, seed: int) -> dict[str, list[Floats]]:
    found: dict[str, list[Floats]] = {name: [] for name in estimates}
    for some in weights(n, RESAMPLES, seed):
        for name, one in estimates.items():
            found[name].append(one.resampled(some))
    return found


def _error(influence: Floats) -> float:
    return float(np.sqrt((influence**2).mean() / len(influence)))


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(level))
