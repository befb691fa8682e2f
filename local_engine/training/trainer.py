"""`train`: one candidate from (definition, parameters, data, budget, observer) to an artifact folder, the same everywhere."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.definition import Definition, Value
from local_engine.errors import TrialError
from local_engine.space.flat import Space
from local_engine.space.hp import bind
from local_engine.training import checkpoint, estimators, fitting, override, randomness, user_callbacks, writing
from local_engine.training.contract import Artifact, Publisher, TrainObserver, TrialBudget
from local_engine.training.curve import Curve
from local_engine.training.failures import as_trial_errors
from local_engine.training.outputs import output_kind
from local_engine.training.progress import Progress
from local_engine.training.publishing import Publishing
from local_engine.training.turn import Turn

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder


def train(
    definition: Definition,
    params: Mapping[str, Value],
    data: Dataset,
    budget: TrialBudget,
    observer: TrainObserver,
    *,
    folder: Path,
    builder: Builder,
    seed: int,
    space: Space | None = None,
    publisher: Publisher | None = None,
) -> Artifact:
    """Trains one candidate until it has trained `budget.epochs` epochs in all, from its checkpoint where `folder` has one.

    The same arguments give the same numbers, bit for bit on CPU; so do two turns and one of the same length. Exceptions: a
    user's own `fit` (see `override`), random ops outside Keras' generators, and callbacks that remember more than plain numbers.

    Args:
        definition: the search; its task, objective, `train` and `code` are what counts here.
        params: values by name. What building asks for besides is drawn from `seed` and the name.
        data: parts and preprocessing.
        budget: how far to go.
        observer: told of each epoch, asked whether to stop after it.
        folder: the trial's own; made where it is not there.
        builder: makes the model.
        seed: the trial's; weights, order of rows and dropout derive from it.
        space: what is known of the space; tells which of `params` are active.
        publisher: gets the artifact, at the end and while the training goes on; `folder` has the trial's state alone then, and
            the artifact's folder is what the publisher gave.

    Returns:
        The artifact, whose model is that of the best epoch so far.

    Raises:
        TrialError: building, training or saving failed; its `reason` is short.
    """
    hp = bind(space if space is not None else Space(), params, seed)
    turn = Turn(definition, data, budget, observer, Path(folder), builder, seed, hp, data.train, data.validation, publisher)
    return run(turn, value=None)


def run(turn: Turn, *, value: float | None, extra: Mapping[str, Any] | None = None) -> Artifact:
    """Runs a turn; `value` is the final fit's, which measures none itself, and `extra` goes into its `metrics.json`."""
    turn.folder.mkdir(parents=True, exist_ok=True)
    with as_trial_errors(turn.builder.files):
        candidate = _build(turn)
        if estimators.is_estimator(candidate) and not hasattr(candidate, "compiled"):
            return _run_estimator(turn, candidate, value, extra)
        return _run_keras(turn, candidate, value, extra)


def _build(turn: Turn) -> Any:
    """A fresh candidate; every call gives the same weights."""
    randomness.begin(turn.seed)
    return turn.builder.build(turn.hp)


def _run_keras(turn: Turn, model: Any, value: float | None, extra: Mapping[str, Any] | None) -> Artifact:
    if not hasattr(model, "trainable_variables"):
        raise TrialError(
            f"the builder returned {type(model).__name__}, not a Keras model or a scikit-learn estimator",
            hint="end it with: return model",
        )
    fit = fitting.Fit.of(turn, model, lambda: _build(turn))
    model = fit.model
    progress = Progress(turn)
    if turn.publisher is not None:
        progress.publishing = Publishing(
            turn.publisher, lambda folder: _write_keras(dataclasses.replace(turn, folder=folder), fit, progress, value, extra)
        )
    (override if turn.builder.fit is not None else fitting).fit(fit, progress, _callbacks(turn))
    if progress.best_epoch is None or progress.best is None:
        raise TrialError("the objective was never a number", hint="see the trial's curve: every epoch's value is missing")
    checkpoint.assign(model.variables, progress.best)
    return _left(turn, lambda turn: _write_keras(turn, fit, progress, value, extra))


def _left(turn: Turn, write: Callable[[Turn], Artifact]) -> Artifact:
    """The artifact in the turn's folder; where there is a publisher, with him instead."""
    if turn.publisher is None:
        return write(turn)
    made: list[Artifact] = []
    turn.publisher.publish(lambda folder: made.append(write(dataclasses.replace(turn, folder=folder))))
    return made[0]


def _write_keras(
    turn: Turn, fit: fitting.Fit, progress: Progress, value: float | None, extra: Mapping[str, Any] | None
) -> Artifact:
    """Writes the artifact of the model as it is, whose weights are those of the best epoch."""
    best_epoch = progress.best_epoch
    assert best_epoch is not None
    known = progress.curve.values[best_epoch - 1]
    reached = value if known is None else known
    assert reached is not None
    kind = output_kind(turn.definition.task, fit.model, fit.some_outputs())
    custom = writing.write_keras(turn, fit.model, fit.encoding)
    facts = {"kind": "keras", "output": kind, "custom_objects": custom}
    return _artifact(turn, progress.curve, best_epoch, reached, progress.over or progress.paused, progress.seconds, facts, extra)


def _run_estimator(turn: Turn, estimator: Any, value: float | None, extra: Mapping[str, Any] | None) -> Artifact:
    began = time.monotonic()
    encoding = estimators.fit(turn, estimator)
    curve = Curve(turn.folder)
    metrics: dict[str, float] = {}
    if not turn.is_final:
        metrics, value = estimators.measure(turn, estimator, encoding)
    assert value is not None
    curve.add(metrics, value)
    turn.observer.on_epoch(1, metrics, None if turn.is_final else value)
    reached, seconds = value, time.monotonic() - began

    def write(turn: Turn) -> Artifact:
        custom = writing.write_estimator(turn, estimator, encoding)
        facts = {"kind": "estimator", "output": estimators.kind_of(turn.definition.task), "custom_objects": custom}
        return _artifact(turn, curve, 1, reached, None, seconds, facts, extra)

    return _left(turn, write)


def _artifact(
    turn: Turn,
    curve: Curve,
    best_epoch: int,
    value: float,
    stopped: str | None,
    seconds: float,
    facts: Mapping[str, Any],
    extra: Mapping[str, Any] | None,
) -> Artifact:
    """Writes metrics and manifest, and says what there is."""
    writing.write_metrics(turn, curve, best_epoch=best_epoch, value=value, extra=extra)
    numbers = {"epochs": curve.epochs, "best_epoch": best_epoch, "value": value}
    writing.write_manifest(turn, {**facts, **numbers})
    return Artifact(
        folder=turn.folder,
        value=value,
        best_epoch=best_epoch,
        epochs=curve.epochs,
        metrics=curve.metrics(best_epoch),
        params=dict(turn.hp.values),
        space=Space.from_hyperparameters(turn.hp),
        stopped=stopped,
        seconds=seconds,
    )


def _callbacks(turn: Turn) -> list[Any]:
    """The definition's callbacks; the final fit has nothing to stop early for, nor any validation metric to watch."""
    made = user_callbacks.make(turn.definition.train.callbacks, turn.definition.code.root)
    if not turn.is_final:
        return made
    return [
        callback
        for callback in made
        if type(callback).__name__ != "EarlyStopping" and not str(getattr(callback, "monitor", "")).startswith("val_")
    ]
