"""The area under the ROC curve as an estimate: a class against the rest, averaged over the classes that have rows on both sides.

Its influence is that of DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
characteristic curves", Biometrics 44 (1988): what share of the other side a row is ranked above.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloud_nas.compare.statistics.estimates import Estimate, Floats


class Area(Estimate):
    """The area of each class's curve, averaged.

    Args:
        labels: (n,), integers.
        probabilities: (n, classes); of two classes the second one's are ranked.
    """

    def __init__(self, labels: NDArray[Any], probabilities: NDArray[Any]) -> None:
        count = probabilities.shape[1]
        columns = [1] if count == 2 else range(count)
        sides = [(labels == column, probabilities[:, column]) for column in columns]
        self._sides = [(positive, scores) for positive, scores in sides if 0 < positive.sum() < len(labels)]
        self._influence = np.zeros(len(labels))
        areas = []
        for positive, scores in self._sides:
            above = _above(positive, scores)
            area = float(above[positive].mean())
            share = float(positive.mean())
            areas.append(area)
            self._influence += np.where(positive, (above - area) / share, (1 - above - area) / (1 - share))
        self.value = float(np.mean(areas)) if areas else float("nan")
        if areas:
            self._influence /= len(areas)

    def influence(self) -> Floats:
        """DeLong's."""
        return self._influence

    def resampled(self, weights: Any) -> Floats:
        """By the ranks of the whole, which a resample does not change."""
        areas = [_weighted(positive, scores, np.asarray(weights)) for positive, scores in self._sides]
        return np.mean(areas, axis=0) if areas else np.full(len(weights), np.nan)

    def swapped(self, other: Estimate, swaps: Any) -> Floats:
        """To first order: what the exchanged rows do to the difference, by their influence."""
        ours, theirs = self.influence() + self.value, other.influence() + other.value
        difference = (ours - theirs) / len(ours)
        return np.asarray(difference.sum() - 2 * (swaps @ difference), dtype=np.float64)


def _above(positive: NDArray[np.bool_], scores: NDArray[Any]) -> Floats:
    """For each row, which share of the other side its score is above (of a positive) or not below (of a negative), ties half.

    Of a negative it is the share of the positives that are *not* above it, so that 1 less it is what it does for the area.
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    found = np.empty(len(scores))
    for side in (True, False):
        chosen = positive == side
        others = np.bincount(place[~chosen], minlength=len(counts)).astype(np.float64)
        below = np.cumsum(others) - others / 2
        found[chosen] = below[place[chosen]] / others.sum()
    return found


def _weighted(positive: NDArray[np.bool_], scores: NDArray[Any], weights: NDArray[Any]) -> Floats:
    """The area under each row of weights (resamples, n); NaN where one side has none left."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    sorted_weights = weights[:, order]
    of_positives = np.add.reduceat(sorted_weights * positive[order], starts, axis=1)
    of_all = np.add.reduceat(sorted_weights, starts, axis=1)
    of_negatives = of_all - of_positives
    below = np.cumsum(of_negatives, axis=1) - of_negatives / 2
    pairs = (of_positives * below).sum(axis=1, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(pairs / (of_positives.sum(axis=1, dtype=np.float64) * of_negatives.sum(axis=1, dtype=np.float64)))
