"""Writes a run's summary row after each tell, which is what `status` reads while the search goes on."""

from __future__ import annotations

import dataclasses
import time

from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Best, TrialCounts
from local_engine.definition import Goal
from local_engine.events import Event, SearchStarted, TrialEnded, TrialStarted, TrialState


class RowObserver:
    """An observer (`local_engine.events.Observer`) that keeps one row of the registry up to date.

    Only what a search says is counted here; a search that goes on after an interruption starts from the row as it was, and the
    run's end writes what the study itself knows.

    Args:
        registry: where the row is.
        row: the row as it is when the search starts.
        goal: whether a larger or a smaller value is better.
        known: how the trials of earlier attempts stand, by number.
    """

    def __init__(self, registry: Registry, row: RunRow, goal: Goal, known: dict[int, TrialState] | None = None) -> None:
        self.row = row
        self._registry = registry
        self._sign = 1.0 if goal == "maximize" else -1.0
        self._states: dict[int, TrialState] = dict(known or {})
        self._earlier = row.seconds
        self._started: float | None = None

    def __call__(self, event: Event) -> None:
        """Takes one event; writes the row where it changed what `status` shows."""
        if isinstance(event, SearchStarted):
            self._started = time.monotonic()
            self._write(dataclasses.replace(self.row, trials=self._counts(event.trials)))
        elif isinstance(event, TrialStarted):
            self._states[event.number] = "running"
        elif isinstance(event, TrialEnded):
            self._states[event.number] = event.state
            row = dataclasses.replace(self.row, trials=self._counts(self.row.trials.total), best=self._best(event))
            self._write(dataclasses.replace(row, seconds=self._seconds()))

    def _write(self, row: RunRow) -> None:
        self.row = self._registry.update(row)

    def _counts(self, total: int | None) -> TrialCounts:
        states = list(self._states.values())
        return TrialCounts(states.count("done"), states.count("failed"), states.count("pruned"), total)

    def _best(self, event: TrialEnded) -> Best | None:
        best = self.row.best
        if event.value is None or event.state == "failed":
            return best
        if best is not None and self._sign * event.value <= self._sign * best.value:
            return best
        return Best(event.number, event.value, dict(event.params))

    def _seconds(self) -> float:
        """The search alone, over all attempts."""
        return self._earlier + (0.0 if self._started is None else time.monotonic() - self._started)
