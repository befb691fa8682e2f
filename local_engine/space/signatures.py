"""The arguments of Keras Tuner's tuners, oracles and `search`, in their order, so that positional ones get their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ENTRIES = ("hyperparameters", "tune_new_entries", "allow_new_entries", "max_retries_per_trial", "max_consecutive_failed_trials")
_KEPT = ("directory", "project_name", "logger", "tuner_id", "overwrite", "executions_per_trial")
_TUNER = ("oracle", "hypermodel", "max_model_size", "optimizer", "loss", "metrics", "distribution_strategy", *_KEPT)

TUNERS: dict[str, tuple[str, ...]] = {
    "BaseTuner": ("oracle", "hypermodel", "directory", "project_name", "overwrite"),
    "Tuner": _TUNER,
    "MultiExecutionTuner": _TUNER,
    "RandomSearch": ("hypermodel", "objective", "max_trials", "seed", *_ENTRIES),
    "GridSearch": ("hypermodel", "objective", "max_trials", "seed", *_ENTRIES),
    "BayesianOptimization": (
        *("hypermodel", "objective", "max_trials", "num_initial_points", "alpha", "beta", "seed"),
        *_ENTRIES,
    ),
    "Hyperband": ("hypermodel", "objective", "max_epochs", "factor", "hyperband_iterations", "seed", *_ENTRIES),
    "SklearnTuner": ("oracle", "hypermodel", "scoring", "metrics", "cv"),
}
"""Tuner class to its constructor's positional arguments, without `self`."""

ORACLES: dict[str, tuple[str, ...]] = {
    "Oracle": ("objective", "max_trials", "hyperparameters", "allow_new_entries", "tune_new_entries", "seed"),
    "RandomSearchOracle": ("objective", "max_trials", "seed", "hyperparameters"),
    "GridSearchOracle": ("objective", "max_trials", "seed", "hyperparameters"),
    "BayesianOptimizationOracle": ("objective", "max_trials", "num_initial_points", "alpha", "beta", "seed", "hyperparameters"),
    "HyperbandOracle": ("objective", "max_epochs", "factor", "hyperband_iterations", "seed", "hyperparameters"),
}
"""Oracle class to its constructor's positional arguments, without `self`."""

_FIT = ("x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle")
_SKLEARN = ("X", "y", "sample_weight", "groups")


def named(order: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """`args` under their names in `order`, then `kwargs`; positional ones past the end are left out."""
    return {**dict(zip(order, args, strict=False)), **kwargs}


def named_search(kind: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `search` of a tuner of class `kind`, the features always under `x`."""
    arguments = named(_SKLEARN if kind == "SklearnTuner" else _FIT, args, kwargs)
    if "X" in arguments:
        arguments = {"x": arguments.pop("X"), **arguments}
    return arguments
