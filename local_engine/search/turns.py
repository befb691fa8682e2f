"""Where a trial's turn is trained. In this process; what trains elsewhere offers the same one method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from local_engine.definition import Definition
from local_engine.events import EpochEnded, Observer
from local_engine.search.spending import Spending

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.space.flat import Space
    from local_engine.study import StudyTrial
    from local_engine.training import Artifact, TrainObserver


class Trainer(Protocol):
    """Trains turns."""

    def train(self, trial: StudyTrial, space: Space, observer: TrainObserver) -> Artifact:
        """Trains a turn of `trial` to its end, or to where `observer` stops it.

        Raises:
            TrialError: the trial failed.
        """


@dataclass(frozen=True)
class InlineTrainer:
    """Trains in this process; each trial in its own folder under `folder`."""

    definition: Definition
    data: Dataset
    builder: Builder
    folder: Path

    def train(self, trial: StudyTrial, space: Space, observer: TrainObserver) -> Artifact:
        """Trains a turn."""
        from local_engine.training import TrialBudget, train

        epochs = trial.epochs if trial.epochs is not None else self.definition.train.epochs
        return train(
            self.definition,
            trial.params,
            self.data,
            TrialBudget(epochs),
            observer,
            folder=self.folder / str(trial.number),
            builder=self.builder,
            seed=trial.seed,
            space=space,
        )


class Watch:
    """The training's observer for one trial: tells each epoch on, and stops at a cap or when the search is told to.

    `stopped` is the reason, once there is one.
    """

    def __init__(self, number: int, tell: Observer, spending: Spending, stop: Callable[[], str | None]) -> None:
        self.stopped: str | None = None
        self._number = number
        self._tell = tell
        self._spending = spending
        self._stop = stop

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Counts and tells an epoch."""
        self._spending.epoch(self._number, epoch)
        self._tell(EpochEnded(self._number, epoch, metrics, value))

    def stop(self) -> str | None:
        """What the caller says first, then the caps."""
        self.stopped = self._stop() or self._spending.all_spent()
        return self.stopped
