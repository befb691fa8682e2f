"""What `init --data` takes a data set for, and why."""

from __future__ import annotations

from dataclasses import dataclass

from local_engine.definition import Task


@dataclass(frozen=True)
class Guess:
    """A guess that a user can read and correct.

    Attributes:
        task: what is to be learnt.
        target: the column to predict, for tables.
        id: the column that names rows, or None.
        reasons: what was inferred and why, a line each.
        classes: how many there are, None for a number.
        scale: of a number: its spread and its middle.
    """

    task: Task
    target: str | None = None
    id: str | None = None
    reasons: tuple[str, ...] = ()
    classes: int | None = None
    scale: tuple[float, float] | None = None
