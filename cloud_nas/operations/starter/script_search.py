"""What a script's tuner says: the strategy and its options, the budget, the objective, the callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.operations.starter.script_parts import ObjectivePart, Said, SearchPart, TrainPart
from cloud_nas.spec import metrics
from local_engine.definition import Goal, Task

if TYPE_CHECKING:
    from local_engine.space.captured import CapturedCallback, CapturedSearch

# Keras Tuner's and Keras' own defaults, where they differ from the spec's.
_MAX_EPOCHS = 100
_MAX_TRIALS = 10
_EPOCHS = 1
_PATIENCE = 0

_FILES_OF_THEIR_OWN = {"BackupAndRestore", "CSVLogger", "ModelCheckpoint", "TensorBoard"}
_OF_STOP_EARLY = ("min_delta", "mode")
_NEEDLESS = {"restore_best_weights"}
"""Options of EarlyStopping that change nothing: the model of the best epoch is kept anyway."""


def search_part(captured: CapturedSearch, said: Said) -> SearchPart:
    """The strategy, its options and its caps."""
    options, line = captured.options, captured.tuner_line
    strategy = captured.strategy
    if strategy is None:
        said.note(line, f"{captured.tuner} names no strategy of ours: random is taken")
        strategy = "random"
    seed = options.get("seed")
    if strategy == "hyperband":
        return _hyperband(captured, seed, said)
    ours: dict[str, Any] = {}
    if strategy == "bayesian":
        said.note(line, "bayesian is TPE here, Keras Tuner's is a Gaussian process (surrogate: gp, with the extra `gp`)")
        if options.get("num_initial_points"):
            ours["startup_trials"] = int(options["num_initial_points"])
        for name in ("alpha", "beta"):
            if name in options:
                said.lose(line, name, "it belongs to Keras Tuner's own Gaussian process")
    trials = options.get("max_trials", None if strategy == "grid" else _MAX_TRIALS)
    epochs = None if captured.tuner == "SklearnTuner" else captured.epochs or _EPOCHS
    return SearchPart(strategy, int(seed or 0), ours, trials, epochs)


def _hyperband(captured: CapturedSearch, seed: int | None, said: Said) -> SearchPart:
    options = captured.options
    epochs = int(options.get("max_epochs", _MAX_EPOCHS))
    if captured.epochs is not None and captured.epochs != epochs:
        said.note(captured.search_line, f"epochs={captured.epochs} is overridden by max_epochs={epochs}, as Keras Tuner does")
    ours = {"factor": int(options.get("factor", 3))}
    if options.get("hyperband_iterations", 1) != 1:
        ours["iterations"] = int(options["hyperband_iterations"])
    return SearchPart("hyperband", int(seed or 0), ours, None, epochs)


def objective_part(captured: CapturedSearch, task: Task, said: Said) -> ObjectivePart:
    """The metric without `val_`, and its goal."""
    line = captured.tuner_line
    if not captured.objectives:
        said.note(line, "no objective is named: the loss is taken")
        return ObjectivePart("loss", "minimize")
    first, *others = captured.objectives
    for other in others:
        said.lose(line, f"the objective {other.name}", f"a spec has one here; {first.name} is taken")
    if captured.tuner == "SklearnTuner" and first.name == "score":
        return ObjectivePart("r2" if task == "tabular-regression" else "accuracy", "maximize")
    if not first.name.startswith("val_"):
        said.note(line, f"{first.name} is of the training rows in the script, and of the validation rows here")
    name = metrics.plain_name(first.name)
    return ObjectivePart(name, _goal(name, first.direction))


def _goal(name: str, direction: str | None) -> Goal:
    if direction is not None:
        return "minimize" if direction == "min" else "maximize"
    known = metrics.METRICS.get(name)
    return known.goal if known is not None else "maximize"


def train_part(captured: CapturedSearch, said: Said) -> TrainPart:
    """Batches and callbacks."""
    stop_early: Mapping[str, Any] | None = None
    callbacks: list[Mapping[str, Any]] = []
    for callback in captured.callbacks:
        if callback.name == "EarlyStopping" and stop_early is None:
            stop_early = _stop_early(callback, captured.search_line, said)
        elif callback.name in _FILES_OF_THEIR_OWN:
            said.lose(captured.search_line, callback.name, "a trial keeps its own files; `cloud-nas show RUN/TRIAL` tells where")
        else:
            callbacks.append({callback.name: dict(callback.options)})
    return TrainPart(captured.batch_size, stop_early, tuple(callbacks))


def _stop_early(callback: CapturedCallback, line: int | None, said: Said) -> dict[str, Any]:
    options = dict(callback.options)
    found: dict[str, Any] = {"monitor": options.pop("monitor", "val_loss"), "patience": options.pop("patience", _PATIENCE)}
    found |= {name: options.pop(name) for name in _OF_STOP_EARLY if name in options}
    for name in options.keys() - _NEEDLESS:
        said.lose(line, f"EarlyStopping({name}={options[name]!r})", "stop_early has no such option")
    return found
