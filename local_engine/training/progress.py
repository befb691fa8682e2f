"""Where a trial stands while it trains: its curve, its best weights, why it stopped; and the checkpoint of all that."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from local_engine.errors import TrialError
from local_engine.training import checkpoint as checkpoints
from local_engine.training import objective, stopping, user_callbacks
from local_engine.training.contract import TIME
from local_engine.training.curve import Curve
from local_engine.training.failures import NAN_LOSS
from local_engine.training.publishing import Publishing
from local_engine.training.scoring import Array
from local_engine.training.turn import Turn

EARLY_STOPPING = "early stopping"
BY_CALLBACK = "stopped by a callback"


class Progress:
    """A trial's state, moved on by each epoch.

    Attributes:
        curve: the epochs so far.
        best: the model's values at the best epoch (in the final fit, the last); None before the first.
        over: why the trial is over for good, or None.
        paused: why this turn ended although the trial could go on, or None.
        publishing: makes the artifact while the turn goes on, or None.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._began = time.monotonic()
        self.publishing: Publishing | None = None
        self._rhythm = checkpoints.Rhythm(None if turn.publisher is None else turn.publisher.oldest)
        self._stored = checkpoints.read(turn.folder)
        self.curve = Curve(turn.folder)
        self.best: Sequence[Array] | None = None
        self.over: str | None = None
        self.paused: str | None = None
        if self._stored is not None and self.curve.go_back_to(self._stored.epoch) != self._stored.epoch:
            self._stored = None  # the curve does not reach as far: the trial begins again
        if self._stored is None:
            self.curve.go_back_to(0)
        else:
            self.over = self._stored.stopped

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights are kept, from 1."""
        if self._turn.is_final:
            return self.curve.epochs or None
        return self.curve.best_epoch(self._turn.definition.objective.goal)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to train in this turn."""
        return self.over is not None or self.curve.epochs >= self._turn.budget.epochs

    @property
    def seconds(self) -> float:
        """Wall time of this turn so far."""
        return time.monotonic() - self._began

    def restore(self, model: Any) -> Sequence[dict[str, Any]]:
        """Puts a checkpoint's weights and optimizer state into a built `model`; gives what the callbacks remembered."""
        if self._stored is None:
            return ()
        checkpoints.assign(model.variables, self._stored.model)
        if model.optimizer is not None and self._stored.optimizer:
            model.optimizer.build(model.trainable_variables)
            checkpoints.assign(model.optimizer.variables, self._stored.optimizer)
        self.best = self._stored.best if self._stored.best is not None else self._stored.model
        return self._stored.callbacks

    def epoch_ended(
        self, model: Any, logs: Mapping[str, Any], outputs: objective.Outputs, callbacks: Sequence[Any]
    ) -> str | None:
        """Takes up an epoch; gives a reason to stop after it, or None.

        Raises:
            TrialError: the loss is not a number, or the objective cannot be had.
        """
        metrics = _finite(logs)
        value = None
        if not self._turn.is_final:
            definition = self._turn.definition
            value = objective.value_of(definition.objective, definition.task, {**metrics, **_numbers(logs)}, outputs)
            value = value if math.isfinite(value) else None
        number = self.curve.add(metrics, value)
        if self.best_epoch == number:
            self.best = checkpoints.values_of(model.variables)
        self._turn.observer.on_epoch(number, metrics, value)
        reason = self._reason_to_stop(model)
        last = reason is not None or number >= self._turn.budget.epochs
        self._save_if_due(model, callbacks, last=last)
        if self.publishing is not None and not last:
            self.publishing.epoch_ended(model, self)
        return reason

    def _reason_to_stop(self, model: Any) -> str | None:
        stop_early = self._turn.definition.train.stop_early
        if stop_early is not None and not self._turn.is_final:
            stopping.checked(stop_early, list(self.curve.metrics(self.curve.epochs)))
            if stopping.should_stop(stop_early, self.curve.series(stop_early.monitor)):
                self.over = EARLY_STOPPING
        if self.over is None and model.stop_training:
            self.over = BY_CALLBACK
        if self.over is None:
            self.paused = self._turn.observer.stop()
            limit = self._turn.budget.seconds
            if self.paused is None and limit is not None and self.seconds >= limit:
                self.paused = TIME
        return self.over or self.paused

    def _save_if_due(self, model: Any, callbacks: Sequence[Any], *, last: bool) -> None:
        optimizer = [] if model.optimizer is None else model.optimizer.variables
        size = sum(math.prod(v.shape) * 4 for v in [*model.variables, *optimizer])
        if not last and not self._rhythm.is_due(size):
            return
        began = time.monotonic()
        best_epoch = self.best_epoch
        state = checkpoints.Checkpoint(
            epoch=self.curve.epochs,
            model=checkpoints.values_of(model.variables),
            optimizer=checkpoints.values_of(optimizer),
            best=None if best_epoch in (None, self.curve.epochs) else self.best,
            best_epoch=best_epoch,
            stopped=self.over,
            callbacks=[user_callbacks.remembered(callback) for callback in callbacks],
        )
        checkpoints.write(self._turn.folder, state)
        if self._turn.publisher is not None:
            self._turn.publisher.checkpointed()
        self._rhythm.saved(time.monotonic() - began)


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}


def _finite(logs: Mapping[str, Any]) -> dict[str, float]:
    """The metrics that are numbers; JSON knows no others.

    Raises:
        TrialError: the training loss is not one.
    """
    numbers = _numbers(logs)
    loss = numbers.get("loss", 0.0)
    if math.isnan(loss):
        raise TrialError(NAN_LOSS, hint="a smaller learning rate, or scaled inputs and targets, keep it finite")
    if math.isinf(loss):
        raise TrialError("the loss is infinite", hint="a smaller learning rate, or scaled inputs and targets, keep it finite")
    return {name: value for name, value in numbers.items() if math.isfinite(value)}
