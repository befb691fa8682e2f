"""A container at work, as a job sees it: what it is given, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Work:
    """What a container is given: its program and variables, the arguments that a tuner adds, and where its results go.

    `metric` is the name of what a trial reports; None: nobody listens. `base` is the job's or the trial's own folder.
    """

    name: str
    command: Sequence[str]
    arguments: Sequence[str]
    environment: Mapping[str, str]
    values: Mapping[str, str]
    base: str | None
    metric: str | None


class Run(Protocol):
    """A container. `began` is when its program started, `ended` when it ended and with which status; None: not yet."""

    began: float | None
    ended: tuple[float, int] | None

    def look(self, now: float) -> None:
        """Takes in what has happened until now."""

    def measured(self, now: float) -> list[tuple[float, int, float]]:
        """What was reported: (time, step, value)."""

    def lines(self) -> list[tuple[float, str]]:
        """What was printed since this was asked last."""

    def stop(self, now: float) -> None:
        """Ends it: a signal, and after a while a harder one."""

    def vanish(self) -> None:
        """The machine is gone at once."""


Runs = Callable[[Work, float], Run]
"""What starts a container, from its work and the time."""
