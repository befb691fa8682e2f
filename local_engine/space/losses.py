"""What of a Keras Tuner script cannot be carried into a spec, and why."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from local_engine.space.captured import Lost
from local_engine.space.recording import Call

_TUNER_OPTIONS = {
    "hyperparameters": "the ranges are those that the builder asks for; put these into it",
    "optimizer": "what the builder compiles with counts; put it there",
    "loss": "what the builder compiles with counts; put it there",
    "metrics": "what the builder compiles with counts; put it there",
    "distribution_strategy": "a trial trains on one device",
    "max_model_size": "models of any size are trained; raise an error in the builder for those too large",
    "max_consecutive_failed_trials": "a search goes on until its budget is spent",
    "scoring": "the objective is a metric of the spec's own table",
    "cv": "one validation part takes the place of cross-validation",
}

_SEARCH_ARGUMENTS = {
    "class_weight": "training has no such setting; override fit in a HyperModel",
    "sample_weight": "training has no such setting",
    "groups": "rows are split at random, stratified",
    "steps_per_epoch": "an epoch is one pass over the training rows",
    "validation_steps": "the whole validation part is measured",
    "validation_freq": "every epoch is measured",
    "initial_epoch": "a trial begins with its first epoch",
}

_HARMLESS = ("verbose", "workers", "use_multiprocessing", "max_queue_size", "validation_batch_size")


def of_options(options: Mapping[str, Any], line: int | None) -> Iterator[Lost]:
    """Losses of the arguments of a tuner and its oracle."""
    for name, value in options.items():
        if name in _TUNER_OPTIONS and value is not None:
            yield Lost(line, name, _TUNER_OPTIONS[name])
    if (options.get("executions_per_trial") or 1) > 1:
        yield Lost(line, f"executions_per_trial={options['executions_per_trial']}", "each configuration is trained once")
    if options.get("max_retries_per_trial"):
        yield Lost(line, f"max_retries_per_trial={options['max_retries_per_trial']}", "a failed trial is not tried again")
    for name in ("tune_new_entries", "allow_new_entries"):
        if options.get(name) is False:
            yield Lost(line, f"{name}=False", "whatever the builder asks for is searched")


def of_arguments(other: Mapping[str, Any], line: int | None) -> Iterator[Lost]:
    """Losses of the further arguments of `search`."""
    for name, value in other.items():
        if name in _HARMLESS or value is None or (name == "shuffle" and value is True):
            continue
        yield Lost(line, name, _SEARCH_ARGUMENTS.get(name, "training has no such setting"))


def of_tuner(call: Call) -> Iterator[Lost]:
    """Losses of a tuner of the script's own class."""
    line = None if call.site is None else call.site.line
    for kind in type(call.made).__mro__:
        if kind.__name__ == call.kind or kind is object:
            return
        methods = [name for name, value in vars(kind).items() if inspect.isfunction(value) and name != "__init__"]
        for name in methods:
            yield Lost(
                _line_of(vars(kind)[name]) or line, f"{kind.__name__}.{name}", "trials are run by cloud-nas, not by the tuner"
            )


def of_oracle(call: Call) -> Iterator[Lost]:
    """Losses of an oracle that is not one of Keras Tuner's."""
    kind = type(call.made)
    if kind.__name__ != call.kind or call.kind == "Oracle":
        line = None if call.site is None else call.site.line
        yield Lost(line, kind.__name__, "an oracle of one's own proposes nothing here; name one of the strategies")


def of_data(name: str, value: Any, line: int | None) -> Iterator[Lost]:
    """Loss of a dataset, generator or the like where arrays are wanted."""
    if not is_arrays(value):
        what = f"{name} of type {type(value).__name__}"
        yield Lost(line, what, "a spec names files; save the rows as npz or parquet and name that")


def is_arrays(value: Any) -> bool:
    """Whether `value` is an array, a table, or a tuple, list or dict of them; or nothing."""
    if value is None or isinstance(value, int | float | str | bool):
        return True
    if isinstance(value, Mapping):
        return all(is_arrays(part) for part in value.values())
    if isinstance(value, list | tuple):
        return all(is_arrays(part) for part in value)
    return hasattr(value, "shape") and hasattr(value, "__array__")


def _line_of(function: Any) -> int | None:
    code = getattr(function, "__code__", None)
    return None if code is None else code.co_firstlineno
