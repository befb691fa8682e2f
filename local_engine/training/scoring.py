"""How the metrics are computed, and which name means which. Importable without TensorFlow.

Every number that compares models is computed here from outputs and labels, never by a model's own metrics, so that a Keras
model, an estimator and a cloud's predictions are measured alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from local_engine.metrics import METRICS, REGRESSION, Metric

OutputKind = Literal["probabilities", "logits", "raw", "values"]
"""What a model's outputs are: class probabilities; logits; class scores that are neither; a regression's values."""

Array = NDArray[Any]
_SMALLEST = 1e-7  # probabilities are clipped here before a logarithm, as Keras does


def _accuracy(labels: Array, probabilities: Array) -> float:
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def _recalls_and_precisions(labels: Array, probabilities: Array) -> tuple[Array, Array, Array]:
    """Per class: recall, precision (0 where a class is never predicted), and whether the class is among the labels."""
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    hits = np.bincount(labels[predicted == labels], minlength=classes).astype(float)
    actual = np.bincount(labels, minlength=classes)
    claimed = np.bincount(predicted, minlength=classes)
    return hits / np.maximum(actual, 1), hits / np.maximum(claimed, 1), actual > 0


def _recall(labels: Array, probabilities: Array) -> float:
    recalls, _, present = _recalls_and_precisions(labels, probabilities)
    return float(recalls[present].mean())


def _precision(labels: Array, probabilities: Array) -> float:
    _, precisions, present = _recalls_and_precisions(labels, probabilities)
    return float(precisions[present].mean())


def _f1(labels: Array, probabilities: Array) -> float:
    recalls, precisions, present = _recalls_and_precisions(labels, probabilities)
    total = recalls + precisions
    scores = np.divide(2 * recalls * precisions, total, out=np.zeros_like(total), where=total > 0)
    return float(scores[present].mean())


def _auc(labels: Array, probabilities: Array) -> float:
    """The area under the ROC curve; one against the rest, averaged over the classes that have rows on both sides."""
    columns = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    areas = [_binary_auc(labels == column, probabilities[:, column]) for column in columns]
    defined = [area for area in areas if not np.isnan(area)]
    return float(np.mean(defined)) if defined else float("nan")


def _binary_auc(positive: Array, scores: Array) -> float:
    """Mann and Whitney's form: the share of (positive, negative) pairs in the right order, a tie counting one half."""
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _log_loss(labels: Array, probabilities: Array) -> float:
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(chosen.astype(np.float64), _SMALLEST, 1.0)).mean())


def _mse(labels: Array, values: Array) -> float:
    return float(np.mean((labels.astype(np.float64) - values) ** 2))


def _rmse(labels: Array, values: Array) -> float:
    return float(np.sqrt(_mse(labels, values)))


def _mae(labels: Array, values: Array) -> float:
    return float(np.mean(np.abs(labels.astype(np.float64) - values)))


def _mape(labels: Array, values: Array) -> float:
    """In percent, as Keras' own: 100 * mean(|error| / max(|label|, 1e-7))."""
    return float(100 * np.mean(np.abs(labels.astype(np.float64) - values) / np.maximum(np.abs(labels), _SMALLEST)))


def _r2(labels: Array, values: Array) -> float:
    spread = float(np.var(labels.astype(np.float64)))
    return 1 - _mse(labels, values) / spread if spread > 0 else float("nan")


FUNCTIONS: dict[str, Callable[[Array, Array], float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _recall,
    "f1": _f1,
    "precision": _precision,
    "recall": _recall,
    "auc": _auc,
    "log_loss": _log_loss,
    "rmse": _rmse,
    "mse": _mse,
    "mae": _mae,
    "mape": _mape,
    "r2": _r2,
}
"""How a metric is computed, from labels ((n,) integers, or floats for regression) and probabilities (n, classes) or values (n,);
NaN where it is not defined. `loss` has none: only the model itself can tell it.
"""


def plain_name(metric: str) -> str:
    """`metric` in lower case and without `val_`."""
    return metric.strip().lower().removeprefix("val_")


def find(metric: str) -> Metric | None:
    """The metric of that name or alias, `val_` or not; None where the table has none."""
    name = plain_name(metric)
    if name in METRICS:
        return METRICS[name]
    return next((found for found in METRICS.values() if name in found.aliases), None)


def same_metric(one: str, other: str) -> bool:
    """Whether two names mean one metric, aliases and Keras' numbering of repeated ones (`auc_1`) included."""
    first, second = (_unnumbered(plain_name(name)) for name in (one, other))
    found = find(first)
    return first == second or (found is not None and found is find(second))


def _unnumbered(name: str) -> str:
    head, _, tail = name.rpartition("_")
    return head if head and tail.isdigit() else name


def probabilities(outputs: Array, kind: OutputKind) -> Array:
    """Class probabilities, float64 (n, classes), of a classifier's outputs (n,), (n, 1) or (n, classes).

    One unit is the probability (or logit) of class 1. Outputs that are neither probabilities nor logits are made a
    distribution that keeps their order: a softmax over units; one unit is clipped to 0..1, as Keras' loss does.
    """
    outputs = np.asarray(outputs, dtype=np.float64)
    if outputs.ndim == 1:
        outputs = outputs[:, None]
    if outputs.shape[1] == 1:
        one = 1 / (1 + np.exp(-np.clip(outputs, -500, 500))) if kind == "logits" else np.clip(outputs, 0.0, 1.0)
        return np.concatenate([1 - one, one], axis=1)
    if kind == "probabilities":
        return outputs
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def look_like_probabilities(outputs: Array) -> bool:
    """Whether every row is a distribution over units (or, of one unit, a number in 0..1)."""
    outputs = np.asarray(outputs, dtype=np.float64)
    if not np.isfinite(outputs).all() or (outputs < -1e-6).any() or (outputs > 1 + 1e-6).any():
        return False
    return outputs.ndim == 1 or outputs.shape[1] == 1 or bool(np.allclose(outputs.sum(axis=1), 1.0, atol=1e-3))


def predictions(task: str, outputs: Array, kind: OutputKind) -> Array:
    """What `score` takes: probabilities (n, classes) for classification, values (n,) for regression."""
    if task in REGRESSION:
        return np.asarray(outputs, dtype=np.float64).reshape(len(outputs))
    return probabilities(outputs, kind)


def score(task: str, labels: Array, outputs: Array, kind: OutputKind = "probabilities") -> dict[str, float]:
    """Every metric of the table that fits the task and is defined on these rows, from labels and outputs."""
    predicted = predictions(task, outputs, kind)
    scores = {
        name: FUNCTIONS[name](labels, predicted) for name, metric in METRICS.items() if name in FUNCTIONS and task in metric.tasks
    }
    return {name: value for name, value in scores.items() if np.isfinite(value)}
