"""What a tuning service reads of a trial: one line an epoch, with the best of the objective so far."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO

from local_engine.definition import Objective

PREFIX = "cloud_nas_metric"


def line_of(metric: str, value: float) -> str:
    """The line for `metric` (as the spec has it, without `val_`)."""
    return f"{PREFIX} val_{metric}={value!r}\n"


class ObjectiveLines:
    """Prints them: once for each epoch that was not trained before, none where the objective is not a number.

    The last line is then the trial's value, and a service that counts lines as epochs counts right, whatever was interrupted.

    Args:
        objective: which metric, and whether more is better.
        earlier: the epochs trained before this start: number, from 1, and value (None: not a number).
        out: where to; each line is one write, since the service's own tools tear what is written in pieces.
    """

    def __init__(
        self, objective: Objective, earlier: Iterable[tuple[int, float | None]] = (), *, out: IO[str] | None = None
    ) -> None:
        self._objective = objective
        self._out = out if out is not None else sys.stdout
        self._last = 0
        self._best: float | None = None
        for epoch, value in earlier:
            self._last = max(self._last, epoch)
            self._take(value)

    def epoch(self, number: int, value: float | None) -> None:
        """An epoch ended."""
        if number <= self._last:
            return
        self._last = number
        self._take(value)
        if value is not None and self._best is not None:
            self._out.write(line_of(self._objective.metric, self._best))
            self._out.flush()

    def _take(self, value: float | None) -> None:
        if value is None:
            return
        if self._best is None or (value > self._best if self._objective.goal == "maximize" else value < self._best):
            self._best = value
