"""The metrics by name: which way is better, for which tasks, what others call them. `training.scoring` computes them.

A machine that only checks specs reads this without NumPy.
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
