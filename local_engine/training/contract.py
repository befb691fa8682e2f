"""What goes into a training and what comes out: plain values, importable without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from local_engine.definition import Value

if TYPE_CHECKING:
    from local_engine.space.flat import Space


TIME = "the trial's time is over"
"""Why a turn stopped that took as long as it may."""


@dataclass(frozen=True)
class TrialBudget:
    """How far a training may go.

    Attributes:
        epochs: epochs the trial will have trained at the end, counted over all its turns.
        seconds: of wall time in this turn; checked at the end of an epoch, so an epoch is never cut. None: no cap.
    """

    epochs: int
    seconds: float | None = None


class TrainObserver(Protocol):
    """What a training tells, and asks, at the end of each epoch."""

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """An epoch ended: `epoch` counts from 1 over all turns; `value` is the objective's at this epoch, where it is known."""

    def stop(self) -> str | None:
        """A reason to stop after this epoch (the turn can go on later), or None."""


class SilentObserver:
    """An observer that wants nothing."""

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Ignores the epoch."""

    def stop(self) -> str | None:
        """Never stops."""
        return None


class Publisher(Protocol):
    """Where a training's artifact goes while the training goes on, since it may be ended without a word.

    It is offered after the first epoch, and after a better one: when making it costs under 5 % of the time since the last, or
    `oldest` seconds after that whatever it costs. Checkpoints then are no older than that either.
    """

    oldest: float
    """Seconds; or an epoch, where that is longer."""

    def publish(self, write: Callable[[Path], object]) -> None:
        """Takes the best artifact so far: `write` makes it in a folder, whole, manifest and all."""

    def checkpointed(self) -> None:
        """A checkpoint was written into the trial's folder, whole."""


@dataclass(frozen=True)
class Artifact:
    """What a training left behind.

    Attributes:
        folder: holds `model.keras` or `model.skops`, `metrics.json`, `manifest.json`.
        value: the objective at the best epoch.
        best_epoch: the epoch, from 1, whose weights the model has.
        epochs: epochs trained so far, over all turns.
        metrics: what was measured at the best epoch, by Keras' names.
        params: the hyperparameters that were in force, those discovered while building and fitting included.
        space: the space that building discovered, to be merged into the study's.
        stopped: why it ended before its budget ("early stopping", a callback, the observer's reason), or None.
        seconds: wall time of this turn.
    """

    folder: Path
    value: float
    best_epoch: int
    epochs: int
    metrics: Mapping[str, float]
    params: Mapping[str, Value]
    space: Space
    stopped: str | None
    seconds: float
