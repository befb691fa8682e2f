"""How things come to a container and leave it: what differs between the clouds, for one trial and for a whole search alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from local_engine.containers.base import Base
from local_engine.containers.objective import ObjectiveLines
from local_engine.definition import Objective


class Interrupted(Exception):
    """The service wanted an end before the work was done; all that is needed to go on is saved."""


class Report(Protocol):
    """Tells a tuner of a trial's epochs."""

    def epoch(self, number: int, value: float | None) -> None:
        """An epoch ended: its number, from 1, and the objective's value; None: not a number."""


class Platform:
    """A container whose service copies what lies in the folders of its own accord, as SageMaker does; base of the others.

    Args:
        base: the container's folders.
    """

    def __init__(self, base: Base) -> None:
        self.base = base

    def sent(self) -> dict[str, str]:
        """The hyperparameters of a trial, every one as text."""
        return self.base.hyperparameters()

    def report(self, objective: Objective, earlier: Iterable[tuple[int, float | None]]) -> Report:
        """What the tuner is told with, after the epochs that an earlier start trained."""
        return ObjectiveLines(objective, earlier)

    def placed(self) -> None:
        """The model's folder has another artifact now, whole."""

    def kept(self) -> None:
        """What is needed to go on after a kill has changed, in the folder of the checkpoints."""

    def stop(self) -> str | None:
        """Why the job has to end although it could be gone on with, all that is needed for that being saved; or None."""
        return None
