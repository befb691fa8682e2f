"""A user's `HyperModel.fit`, called as Keras Tuner calls it, and what it returns read as Keras Tuner reads it.

It gets `fit(hp, model, x, y, epochs=..., validation_data=(x, y), callbacks=[...], verbose=0)` with arrays in memory, or
`fit(hp, model, dataset, ...)` where the data are streamed. `initial_epoch` joins only when a trial goes on. `batch_size` joins
only when the spec's is not Keras' own default and the user's code does not speak of it: many such functions pass a batch size of
their own beside `**kwargs`, and two would be an error. The order of rows is then Keras' own: the same for the same turns, but not
the same in two turns as in one.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from local_engine.data.inputs import as_tensors
from local_engine.errors import TrialError
from local_engine.training import objective
from local_engine.training.fitting import Fit, begin
from local_engine.training.progress import Progress
from local_engine.training.scoring import plain_name, same_metric

_KERAS_BATCH_SIZE = 32


def fit(prepared: Fit, progress: Progress, callbacks: Sequence[Any]) -> None:
    """Trains by the user's own `fit`; records what it returns where it ran no epoch that our callback saw.

    Raises:
        TrialError: it returned something that is no History, number, dict of numbers or list of them.
    """
    begun = begin(prepared, progress, callbacks)
    if begun is None:
        return
    keeper, validation = begun
    before = progress.curve.epochs
    assert prepared.turn.builder.fit is not None
    args = _positional(prepared)
    kwargs = _keywords(prepared, [*callbacks, keeper], before)
    result = prepared.turn.builder.fit(prepared.turn.hp, prepared.model, *args, **kwargs)
    if progress.curve.epochs == before:
        logs = _logs(result, prepared.turn.definition.objective.metric)
        progress.epoch_ended(prepared.model, logs, lambda: prepared.outputs(validation), callbacks)


def _positional(prepared: Fit) -> tuple[Any, ...]:
    if prepared.turn.train.streamed:
        return (prepared.train_batches(),)
    return _tensors(prepared.arrays(prepared.turn.train))


def _tensors(rows: tuple[Any, Any]) -> tuple[Any, Any]:
    """Rows as `Model.fit` takes them: arrays, and strings as tensors."""
    x, y = rows
    values = x.values() if isinstance(x, dict) else [x]
    return (as_tensors(x) if any(value.dtype == object for value in values) else x), y


def _keywords(prepared: Fit, callbacks: Sequence[Any], first_epoch: int) -> dict[str, Any]:
    turn = prepared.turn
    keywords: dict[str, Any] = {"epochs": turn.budget.epochs, "callbacks": list(callbacks), "verbose": 0}
    if turn.validation is not None:
        streamed = turn.validation.streamed
        keywords["validation_data"] = prepared.validation_batches() if streamed else _tensors(prepared.arrays(turn.validation))
    if first_epoch:
        keywords["initial_epoch"] = first_epoch
    size = turn.definition.train.batch_size
    if size != _KERAS_BATCH_SIZE and not turn.train.streamed and not _speaks_of_batch_size(turn.builder.fit):
        keywords["batch_size"] = size
    return keywords


def _speaks_of_batch_size(function: Any) -> bool:
    """Whether the code of the user's `fit` names a batch size other than as a parameter it wants to be given."""
    if "batch_size" in inspect.signature(function).parameters:
        return False
    try:
        return "batch_size" in inspect.getsource(function)
    except (OSError, TypeError):
        return True  # no source to look at: leave it to Keras' default


def _logs(result: Any, metric: str) -> dict[str, float]:
    """The numbers of one epoch out of what the user's `fit` returned; of several results, their mean."""
    if isinstance(result, list | tuple) and result:
        each = [_logs(item, metric) for item in result]
        return {name: float(np.mean([logs[name] for logs in each])) for name in each[0] if all(name in logs for logs in each)}
    if hasattr(result, "history"):
        return {name: float(values[-1]) for name, values in result.history.items() if values}
    if isinstance(result, Mapping):
        logs = {str(name): float(value) for name, value in result.items()}
        if objective.reported_name_of(metric, logs) is None:
            same = next((name for name in logs if same_metric(name, metric)), None)
            if same is not None:
                logs[f"val_{plain_name(metric)}"] = logs[same]
        return logs
    if isinstance(result, int | float | np.number) and not isinstance(result, bool):
        return {f"val_{plain_name(metric)}": float(result)}
    raise TrialError(
        f"fit returned {type(result).__name__}, from which no value can be read",
        hint="return a History, a number, a dict of numbers, or a list of them",
    )
