"""The objective's value at an epoch: what the model reports of it, else what our own table computes from validation outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from local_engine.definition import Objective
from local_engine.errors import TrialError
from local_engine.training.scoring import FUNCTIONS, Array, OutputKind, find, plain_name, predictions, same_metric

Outputs = Callable[[], tuple[Array, Array, OutputKind]]
"""Gives labels, outputs and the outputs' kind on the validation part; called only when it is needed, for it costs a pass."""


def reported_name(objective: Objective, logs: Mapping[str, float]) -> str | None:
    """The name under which `logs` report the objective on the validation part, or None."""
    return reported_name_of(objective.metric, logs)


def reported_name_of(metric: str, logs: Mapping[str, float]) -> str | None:
    """The name under which `logs` report `metric` on the validation part, or None.

    The name itself comes first, then names that mean the same (`acc`, `sparse_categorical_accuracy`, `auc_1`).
    """
    wanted = plain_name(metric)
    if f"val_{wanted}" in logs:
        return f"val_{wanted}"
    exact = next((name for name in logs if name.startswith("val_") and plain_name(name) == wanted), None)
    if exact is not None:
        return exact
    return next((name for name in logs if name.startswith("val_") and same_metric(name, wanted)), None)


def value_of(objective: Objective, task: str, logs: Mapping[str, float], outputs: Outputs) -> float:
    """The objective after an epoch.

    Raises:
        TrialError: neither the model nor our table has the metric for this task.
    """
    name = reported_name(objective, logs)
    if name is not None:
        return float(logs[name])
    metric = find(objective.metric)
    if metric is None or metric.name not in FUNCTIONS or task not in metric.tasks:
        reported = ", ".join(sorted({plain_name(item) for item in logs})) or "nothing"
        raise TrialError(
            f"the model does not report {plain_name(objective.metric)}",
            hint=f"it reports {reported}; add the metric to compile(metrics=...) or choose another objective",
        )
    labels, raw, kind = outputs()
    return float(FUNCTIONS[metric.name](labels, predictions(task, raw, kind)))
