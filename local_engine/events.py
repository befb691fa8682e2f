"""What a search says while it runs. Observers (progress, the registry of runs, trackers) are functions of one event.

An observer must not raise and must be quick: it is called between epochs. Events are plain frozen values, so that they can
travel between processes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

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
    of all trials together, None where not known before. `workers` train at once; 0: this process does.
    """

    trials: int | None
    epochs: int | None
    seconds: float | None
    parameters: tuple[str, ...]
    workers: int = 0


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


_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def to_json(event: Event) -> dict[str, Any]:
    """Plain data: `event` is the kind's name, beside the event's own values."""
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    return {"event": type(event).__name__} | {name: _plain(value) for name, value in values.items()}


def from_json(data: Mapping[str, Any]) -> Event | None:
    """The event that `to_json` made; None where a newer version made it and this one does not know its kind."""
    kind = _KINDS.get(str(data.get("event")))
    if kind is None:
        return None
    values: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value := data[field.name], list) else value
        for field in dataclasses.fields(kind)
        if field.name in data
    }
    try:
        return kind(**values)
    except TypeError:
        return None


def _plain(value: Any) -> Any:
    """A value as JSON knows it; a number of NumPy's, which a model may report, as Python's."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def broadcast(*observers: Observer) -> Observer:
    """One observer that calls each of `observers` in turn."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer(event)

    return tell
