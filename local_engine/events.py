"""What a search says while it runs. Observers (progress, the registry of runs, trackers) are functions of one event.

An observer must not raise and must be quick: it is called between epochs. Events are plain frozen values, so that they can
travel between processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from local_engine.definition import Value

TrialState = Literal["running", "done", "pruned", "failed", "preempted"]


@dataclass(frozen=True)
class Note:
    """Something the user should know that is not an error: rows in two parts, pixels outside 0..1."""

    message: str
    code: str | None = None


@dataclass(frozen=True)
class SearchStarted:
    """Data are loaded, the space is known, the first trial comes next.

    `trials` is how many configurations the search will make, None when only time or epochs end it; `epochs` how many epochs
    of all trials together, None where not known before.
    """

    trials: int | None
    epochs: int | None
    seconds: float | None
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class TrialStarted:
    """A trial begins, or goes on to its next rung: `epochs` is the total it will have trained at the end of this turn."""

    number: int
    params: Mapping[str, Value]
    epochs: int
    first_epoch: int = 0


@dataclass(frozen=True)
class EpochEnded:
    """`epoch` counts from 1 over the whole trial; `metrics` are the numbers Keras names (loss, val_loss, val_accuracy, ...)."""

    number: int
    epoch: int
    metrics: Mapping[str, float]
    value: float | None


@dataclass(frozen=True)
class TrialEnded:
    """A trial's turn is over. `done` under hyperband is said at each rung: `epochs` tells which."""

    number: int
    state: TrialState
    value: float | None
    params: Mapping[str, Value]
    epochs: int
    seconds: float
    reason: str | None = None


@dataclass(frozen=True)
class FinalStarted:
    """The search is over and the best is made: `epochs` on `rows` rows, or 0 epochs where it is kept as it was."""

    number: int
    epochs: int
    rows: int


@dataclass(frozen=True)
class SearchEnded:
    """All is done. `value` is the best trial's objective on the validation part."""

    best: int | None
    value: float | None
    seconds: float
    reason: str


Event = Note | SearchStarted | TrialStarted | EpochEnded | TrialEnded | FinalStarted | SearchEnded
Observer = Callable[[Event], None]


def broadcast(*observers: Observer) -> Observer:
    """One observer that calls each of `observers` in turn."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer(event)

    return tell
