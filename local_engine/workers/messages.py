"""What parent and worker say to one another: frozen values, pickled over a pipe that only these two processes hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_engine.definition import Definition, Value
from local_engine.search.turns import FinalOrder
from local_engine.space.flat import Space
from local_engine.training.contract import Artifact
from local_engine.workers.devices import Slot


@dataclass(frozen=True)
class Begin:
    """To a new worker: all that stays the same while it lives. `shared` is the folder that `sharing.share` wrote."""

    definition: Definition
    shared: Path
    slot: Slot


@dataclass(frozen=True)
class Turn:
    """Train this turn. `epochs` is the total to reach, `first_epoch` what is trained already; `log` gets what it prints."""

    number: int
    params: Mapping[str, Value]
    epochs: int
    first_epoch: int
    seed: int
    space: Space
    folder: Path
    log: Path


@dataclass(frozen=True)
class Finish:
    """Make a final model; `log` gets what is printed."""

    order: FinalOrder
    log: Path


@dataclass(frozen=True)
class Answer:
    """To an `Epoch`: go on, or stop here for a reason."""

    stop: str | None


@dataclass(frozen=True)
class Ready:
    """The worker has read code and data, and waits."""


@dataclass(frozen=True)
class Epoch:
    """An epoch is over; the worker waits for the `Answer`."""

    epoch: int
    metrics: Mapping[str, float]
    value: float | None


@dataclass(frozen=True)
class Ended:
    """The turn is over, or the final model made. `memory` is what the worker holds of its own, in bytes."""

    artifact: Artifact
    memory: int


@dataclass(frozen=True)
class Failed:
    """The turn failed. `kind` is the class of error: `trial`, `disk`, or `engine` for what ends a whole search."""

    kind: str
    message: str
    hint: str | None
    where: str | None
    memory: int


FromWorker = Ready | Epoch | Ended | Failed
