"""Which metrics the engine measures, for which tasks, and which way is better.

The engine computes them with NumPy, which a machine that only checks specs need not have; a test holds the two tables equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from local_engine.definition import Goal

CLASSIFICATION = ("image-classification", "tabular-classification", "text-classification")
REGRESSION = ("tabular-regression",)


@dataclass(frozen=True)
class Metric:
    """A metric's name in the spec, its goal, its tasks, and what others call it."""

    name: str
    goal: Goal
    tasks: tuple[str, ...]
    aliases: tuple[str, ...] = ()


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "accuracy",
            "maximize",
            CLASSIFICATION,
            ("acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy", "sparse_accuracy"),
        ),
        Metric("balanced_accuracy", "maximize", CLASSIFICATION, ("balanced_acc",)),
        Metric("f1", "maximize", CLASSIFICATION, ("f1_score", "f1_macro", "macro_f1")),
        Metric("precision", "maximize", CLASSIFICATION, ("precision_macro",)),
        Metric("recall", "maximize", CLASSIFICATION, ("recall_macro",)),
        Metric("auc", "maximize", CLASSIFICATION, ("roc_auc", "auc_roc")),
        Metric("log_loss", "minimize", CLASSIFICATION, ("logloss", "cross_entropy", "crossentropy")),
        Metric("rmse", "minimize", REGRESSION, ("root_mean_squared_error",)),
        Metric("mse", "minimize", REGRESSION, ("mean_squared_error",)),
        Metric("mae", "minimize", REGRESSION, ("mean_absolute_error",)),
        Metric("mape", "minimize", REGRESSION, ("mean_absolute_percentage_error",)),
        Metric("r2", "maximize", REGRESSION, ("r2_score", "r_squared")),
        Metric("loss", "minimize", CLASSIFICATION + REGRESSION),
    )
}


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
