"""The metrics that models are compared by, each as an estimate; their values are those of `local_engine.training.scoring`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloud_nas.compare.statistics.area import Area
from cloud_nas.compare.statistics.estimates import Estimate, Floats, Means

BINS = 15
"""Bins of equal width for the calibration error, as Guo et al., "On Calibration of Modern Neural Networks" (2017), take them."""

CLASSIFICATION = ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "auc", "log_loss", "calibration_error")
REGRESSION = ("rmse", "mae", "r2", "mse", "mape")
MINIMIZED = frozenset({"log_loss", "calibration_error", "rmse", "mae", "mse", "mape"})
"""The metrics that are the better the smaller."""

BOUNDED = frozenset({"accuracy", "balanced_accuracy", "f1", "precision", "recall", "auc", "calibration_error"})
"""The metrics that are shares: between 0 and 1."""

_SMALLEST = 1e-7
Array = NDArray[Any]


def estimate(metric: str, labels: Array, outputs: Array) -> Estimate:
    """A metric of a model.

    Args:
        metric: one of `CLASSIFICATION` or `REGRESSION`.
        labels: (n,); integers for a classification, else floats.
        outputs: probabilities (n, classes), or values (n,).

    Raises:
        KeyError: there is no such metric.
    """
    return _MAKERS[metric](labels, outputs)


def _accuracy(labels: Array, outputs: Array) -> Estimate:
    hits = (outputs.argmax(axis=1) == labels).astype(np.float32)
    return Means(hits[:, None], lambda means: means[..., 0])


def _by_class(function: Callable[[Floats, Floats, Floats], Floats]) -> Callable[[Array, Array], Estimate]:
    """A metric of each class's share of hits, of rows and of claims, averaged over the classes that have rows."""

    def make(labels: Array, outputs: Array) -> Estimate:
        from scipy import sparse

        rows, classes = outputs.shape
        predicted = outputs.argmax(axis=1)
        hits = np.flatnonzero(predicted == labels)
        every = np.arange(rows)
        row = np.concatenate([hits, every, every])
        column = np.concatenate([labels[hits], classes + labels, 2 * classes + predicted])
        columns = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(rows, 3 * classes))

        def of_means(means: Floats) -> Floats:
            hit, actual, claimed = (means[..., part * classes : (part + 1) * classes] for part in range(3))
            found = np.where(actual > 0, function(hit, actual, claimed), np.nan)
            return np.asarray(np.nanmean(found, axis=-1))

        return Means(columns, of_means)

    return make


def _recall(hit: Floats, actual: Floats, claimed: Floats) -> Floats:
    return hit / np.where(actual > 0, actual, 1.0)


def _precision(hit: Floats, actual: Floats, claimed: Floats) -> Floats:
    return hit / np.where(claimed > 0, claimed, 1.0)


def _f1(hit: Floats, actual: Floats, claimed: Floats) -> Floats:
    both = actual + claimed
    return 2 * hit / np.where(both > 0, both, 1.0)


def _log_loss(labels: Array, outputs: Array) -> Estimate:
    chosen = outputs[np.arange(len(labels)), labels].astype(np.float64)
    return _mean_of(-np.log(np.clip(chosen, _SMALLEST, 1.0)))


def _calibration_error(labels: Array, outputs: Array) -> Estimate:
    """How far confidence is from the share of hits, over bins of confidence, weighted by their rows."""
    from scipy import sparse

    rows = len(labels)
    sure = outputs.max(axis=1).astype(np.float64)
    hits = outputs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    columns = sparse.csr_matrix((hits - sure, (np.arange(rows), place)), shape=(rows, BINS))
    return Means(columns, lambda means: np.abs(means).sum(axis=-1))


def _rmse(labels: Array, outputs: Array) -> Estimate:
    squares = (labels.astype(np.float64) - outputs) ** 2
    return Means(squares[:, None], lambda means: np.sqrt(np.maximum(means[..., 0], 0.0)))


def _mse(labels: Array, outputs: Array) -> Estimate:
    return _mean_of((labels.astype(np.float64) - outputs) ** 2)


def _mae(labels: Array, outputs: Array) -> Estimate:
    return _mean_of(np.abs(labels.astype(np.float64) - outputs))


def _mape(labels: Array, outputs: Array) -> Estimate:
    return _mean_of(100 * np.abs(labels.astype(np.float64) - outputs) / np.maximum(np.abs(labels), _SMALLEST))


def _r2(labels: Array, outputs: Array) -> Estimate:
    centred = labels.astype(np.float64) - float(np.mean(labels))  # so that the spread loses no digits
    squares = (labels.astype(np.float64) - outputs) ** 2
    columns = np.stack([squares, centred, centred**2], axis=1)

    def of_means(means: Floats) -> Floats:
        spread = means[..., 2] - means[..., 1] ** 2
        return np.where(spread > 0, 1 - means[..., 0] / np.where(spread > 0, spread, 1.0), np.nan)

    return Means(columns, of_means)


def _mean_of(values: Floats) -> Estimate:
    return Means(values[:, None], lambda means: means[..., 0])


_MAKERS: dict[str, Callable[[Array, Array], Estimate]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _by_class(_recall),
    "f1": _by_class(_f1),
    "precision": _by_class(_precision),
    "recall": _by_class(_recall),
    "auc": Area,
    "log_loss": _log_loss,
    "calibration_error": _calibration_error,
    "rmse": _rmse,
    "mse": _mse,
    "mae": _mae,
    "mape": _mape,
    "r2": _r2,
}
