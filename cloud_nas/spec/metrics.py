"""What a spec asks of the engine's metrics: the names that fit a task, and what someone meant by another name."""

from __future__ import annotations

from local_engine.metrics import METRICS, REGRESSION, Metric

__all__ = ["METRICS", "default_metric", "known_as", "metrics_of", "plain_name"]


def default_metric(task: str) -> str:
    """What a task is judged by where the spec does not say."""
    return "rmse" if task in REGRESSION else "accuracy"


def plain_name(metric: str) -> str:
    """`val_accuracy` is `accuracy`: what chooses is always measured on the validation part."""
    return metric.removeprefix("val_") or metric


def known_as(name: str) -> Metric | None:
    """The metric that goes by this other name."""
    return next((metric for metric in METRICS.values() if name.lower() in metric.aliases), None)


def metrics_of(task: str) -> list[str]:
    """The names that fit a task."""
    return [metric.name for metric in METRICS.values() if task in metric.tasks]
