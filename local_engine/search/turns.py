"""Where trials' turns are trained: the contract between the loop of a search and its crew, and the crew that is this process.

A crew is given turns until it has no room, then waited for. While it trains it tells a `Watch` of every epoch and asks it whether
to go on. The other crew is `local_engine.workers.pool`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from local_engine.definition import Definition, Value
from local_engine.errors import TrialError

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.space.flat import Space
    from local_engine.study import StudyTrial
    from local_engine.training import Artifact


@dataclass(frozen=True)
class Result:
    """How a turn ended: with an artifact, with an error, or ended from outside (`halted`, why; it can go on later).

    A turn that was halted at an epoch's end has an artifact too; one that was ended in the middle of an epoch has none.
    """

    trial: StudyTrial
    artifact: Artifact | None = None
    error: TrialError | None = None
    halted: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class FinalOrder:
    """The best trial, whose final model is to be made as `definition.final` has it."""

    definition: Definition
    params: Mapping[str, Value]
    seed: int
    space: Space
    source: Path
    folder: Path

    def carry_out(self, data: Dataset, builder: Builder) -> Artifact:
        """Makes it in this process.

        Raises:
            TrialError: it failed.
        """
        from local_engine.training import SilentObserver, finish

        return finish(
            self.definition,
            self.params,
            data,
            SilentObserver(),
            source=self.source,
            folder=self.folder,
            builder=builder,
            seed=self.seed,
            space=self.space,
        )


@dataclass(frozen=True)
class Verdict:
    """Whether a turn may go on: not, where `stop` is a reason; not yet, where `wait` says that others are to be waited for."""

    stop: str | None = None
    wait: bool = False


class Watch(Protocol):
    """What a crew tells while it trains, and whom it asks."""

    def ready(self) -> None:
        """Somebody has begun to train."""

    def epoch(self, number: int, epoch: int, metrics: Mapping[str, float], value: float | None) -> None:
        """Trial `number` has trained `epoch` epochs."""

    def may_go_on(self, others: int) -> Verdict:
        """Whether one more epoch may begin while `others` are at work at one each; `wait`: ask again when they are done."""

    def why_stop(self) -> str | None:
        """Why everything should end, as far as that needs no counting: what the caller says, and the clock."""

    @property
    def hurry(self) -> bool:
        """Whether what is at work should not be waited for longer than some seconds."""


class Crew(Protocol):
    """Trains turns."""

    size: int
    """How many workers there are; 0: this process trains."""

    @property
    def busy(self) -> int:
        """How many turns are being trained."""

    @property
    def training(self) -> int:
        """Of those, how many may yet train an epoch that is not told."""

    @property
    def has_room(self) -> bool:
        """Whether another turn can be started."""

    def start(self, trial: StudyTrial, space: Space) -> None:
        """Begins a turn."""

    def wait(self, watch: Watch) -> list[Result]:
        """Waits until turns are over, at least one.

        Raises:
            EngineError: what ends the whole search: no room on the disk, workers that cannot start.
        """

    def finish(self, order: FinalOrder) -> Artifact:
        """Makes the final model.

        Raises:
            TrialError: it failed.
        """

    def close(self) -> None:
        """Ends whatever is at work."""


def turn_epochs(trial: StudyTrial, definition: Definition) -> int:
    """The total that a turn is to reach."""
    return trial.epochs if trial.epochs is not None else definition.train.epochs


def over(trial: StudyTrial, definition: Definition, artifact: Artifact, asked: str | None, seconds: float) -> Result:
    """The result of a turn that left an artifact; `asked` is the reason for which it was told to stop, if it was."""
    halted = asked if asked == artifact.stopped and artifact.epochs < turn_epochs(trial, definition) else None
    return Result(trial, artifact, halted=halted, seconds=seconds)


class InlineCrew:
    """Trains in this process, one turn at a time; each trial in its own folder under `folder`."""

    size = 0

    def __init__(self, definition: Definition, data: Dataset, builder: Builder, folder: Path) -> None:
        self._definition = definition
        self._data = data
        self._builder = builder
        self._folder = folder
        self._next: tuple[StudyTrial, Space] | None = None

    @property
    def busy(self) -> int:
        """The turn that `wait` will train."""
        return 0 if self._next is None else 1

    training = busy

    @property
    def has_room(self) -> bool:
        """One at a time."""
        return self._next is None

    def start(self, trial: StudyTrial, space: Space) -> None:
        """Keeps the turn for `wait`."""
        self._next = (trial, space)

    def wait(self, watch: Watch) -> list[Result]:
        """Trains the turn."""
        from local_engine.training import TrialBudget, train

        assert self._next is not None
        (trial, space), self._next = self._next, None
        watch.ready()
        told = _Told(trial.number, watch)
        began = time.monotonic()
        try:
            artifact = train(
                self._definition,
                trial.params,
                self._data,
                TrialBudget(turn_epochs(trial, self._definition), self._definition.train.seconds),
                told,
                folder=self._folder / str(trial.number),
                builder=self._builder,
                seed=trial.seed,
                space=space,
            )
        except TrialError as error:
            return [Result(trial, error=error, seconds=time.monotonic() - began)]
        return [over(trial, self._definition, artifact, told.asked, artifact.seconds)]

    def finish(self, order: FinalOrder) -> Artifact:
        """Makes the final model here."""
        return order.carry_out(self._data, self._builder)

    def close(self) -> None:
        """Nothing is at work between calls."""


class _Told:
    """A training's observer that passes a watch's word on."""

    def __init__(self, number: int, watch: Watch) -> None:
        self.asked: str | None = None
        self._number = number
        self._watch = watch

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Tells the epoch."""
        self._watch.epoch(self._number, epoch, metrics, value)

    def stop(self) -> str | None:
        """The watch's reason to stop."""
        self.asked = self._watch.may_go_on(0).stop
        return self.asked
