"""A scikit-learn estimator as a candidate: fitted once, measured with the scoring table, saved by skops (never pickled)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from local_engine import files
from local_engine.errors import MissingDependencyError, TrialError
from local_engine.metrics import REGRESSION
from local_engine.training import objective
from local_engine.training.encoding import ENCODED, Encoded, Encoding
from local_engine.training.scoring import Array, score
from local_engine.training.turn import Turn

NAME = "model.skops"
PREPROCESSING = "preprocessing.keras"


def is_estimator(candidate: Any) -> bool:
    """Whether a builder returned an estimator of scikit-learn rather than a Keras model."""
    return callable(getattr(candidate, "fit", None)) and callable(getattr(candidate, "get_params", None))


def matrix(encoded: Encoded) -> Array:
    """Rows as estimators take them: (n, features); images and arrays flattened.

    Raises:
        TrialError: the rows are a dict of named columns, which only a Keras model asks for.
    """
    if isinstance(encoded, dict):
        raise TrialError("an estimator takes one matrix of rows")
    return encoded.reshape(len(encoded), -1)


def fit(turn: Turn, estimator: Any) -> Encoding:
    """Fits `estimator` in place on the training rows; gives the form that it saw.

    Raises:
        TrialError: the rows are streamed.
    """
    if turn.train.streamed:
        raise TrialError("an estimator needs its rows in memory, and these are streamed")
    encoding = Encoding.of(turn.data, None)
    _seed(estimator, turn.seed)
    estimator.fit(matrix(ENCODED.get(turn.data, encoding, turn.train)), turn.train.labels)
    return encoding


def measure(turn: Turn, estimator: Any, encoding: Encoding) -> tuple[dict[str, float], float]:
    """All metrics of the task on the validation rows, as `val_...`, and the objective's value."""
    assert turn.validation is not None and turn.validation.labels is not None
    rows = matrix(ENCODED.get(turn.data, encoding, turn.validation))
    outputs = outputs_of(estimator, rows, turn.data.num_classes)
    task = turn.definition.task
    logs = {f"val_{name}": value for name, value in score(task, turn.validation.labels, outputs).items()}
    labels = turn.validation.labels
    return logs, objective.value_of(turn.definition.objective, task, logs, lambda: (labels, outputs, kind_of(task)))


def kind_of(task: str) -> Any:
    """What `outputs_of` gives for this task."""
    return "values" if task in REGRESSION else "probabilities"


def outputs_of(estimator: Any, rows: Array, classes: int | None) -> Array:
    """Values (n,), or probabilities float64 (n, classes); 1 for the predicted class where it tells no probabilities.

    Classes that the training rows lack get probability 0.
    """
    if classes is None:
        return np.asarray(estimator.predict(rows), dtype=np.float64).reshape(len(rows))
    full = np.zeros((len(rows), classes))
    if hasattr(estimator, "predict_proba"):
        full[:, np.asarray(estimator.classes_, dtype=int)] = estimator.predict_proba(rows)
    else:
        full[np.arange(len(rows)), np.asarray(estimator.predict(rows), dtype=int)] = 1.0
    return full


def save(estimator: Any, path: Path) -> None:
    """Writes an estimator by skops, whole or not at all."""
    with files.replacing(path) as file:
        file.write(_skops().dumps(estimator))


def untrusted_types(path: Path) -> list[str]:
    """Names of types in the file at `path` that are not on skops' allow-list: the user's own, for the most part."""
    return sorted(_skops().get_untrusted_types(file=str(path)))


_OWN_TYPES = re.compile(r"(sklearn\.(?!datasets|externals|utils)|numpy\.|scipy\.sparse\.)[a-z0-9_.]*[A-Z]\w*")


def is_known_type(name: str) -> bool:
    """Whether a type that skops does not trust by itself is a class of scikit-learn, NumPy or SciPy; functions never are."""
    return _OWN_TYPES.fullmatch(name) is not None


def load(path: Path, *, trusted: list[str]) -> Any:
    """Reads an estimator; types outside skops' allow-list and `trusted` are refused by skops."""
    return _skops().load(str(path), trusted=trusted)


def _seed(estimator: Any, seed: int) -> None:
    """Gives every `random_state` that the user left open the trial's seed."""
    open_states = {
        name: seed
        for name, value in estimator.get_params(deep=True).items()
        if value is None and name.rpartition("__")[2] == "random_state"
    }
    if open_states:
        estimator.set_params(**open_states)


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingDependencyError(
            "estimators are saved by skops, which is not installed", hint="pip install 'cloud-nas[local]'"
        ) from error
    return skops.io
