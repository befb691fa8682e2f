"""Writes a run's summary row after each tell, which is what `status` reads while the search goes on."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Best, TrialCounts
from local_engine.definition import Goal
from local_engine.events import EpochEnded, Event, SearchStarted, TrialEnded, TrialStarted, TrialState


class RowObserver:
    """An observer (`local_engine.events.Observer`) that keeps one row of the registry up to date.

    Only what a search says is counted here; a search that goes on after an interruption starts from the row as it was, and the
    run's end writes what the study itself knows.

    Args:
        registry: where the row is.
        row: the row as it is when the search starts.
        goal: whether a larger or a smaller value is better.
        known: how the trials of earlier attempts stand, by number.
        stopping: whether somebody has asked for an end.

    Attributes:
        row: as it was written last.
        begun: whether the search said that it started.
    """

    def __init__(
        self,
        registry: Registry,
        row: RunRow,
        goal: Goal,
        known: dict[int, TrialState] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.row = row
        self.begun = False
        self._stopping = stopping
        self._registry = registry
        self._sign = 1.0 if goal == "maximize" else -1.0
        self._states: dict[int, TrialState] = dict(known or {})
        self._earlier = row.seconds
        self._announced = 0.0
        self._began: float | None = None  # when the first worker was ready, as far as events tell

    def __call__(self, event: Event) -> None:
        """Takes one event; writes the row where it changed what `status` shows."""
        if isinstance(event, SearchStarted):
            self._announced, self.begun = time.monotonic(), True
            self._write(dataclasses.replace(self.row, trials=self._counts(event.trials)))
        elif isinstance(event, TrialStarted):
            self._states[event.number] = "running"
        elif isinstance(event, EpochEnded):
            self._began = time.monotonic() if self._began is None else self._began
        elif isinstance(event, TrialEnded):
            start = max(self._announced, time.monotonic() - event.seconds)
            self._began = start if self._began is None else min(start, self._began)
            self._states[event.number] = event.state
            row = dataclasses.replace(self.row, trials=self._counts(self.row.trials.total), best=self._best(event))
            self._write(dataclasses.replace(row, seconds=self._seconds()))

    def _write(self, row: RunRow) -> None:
        self.row = self._registry.update(dataclasses.replace(row, state="stopping") if self._stopping() else row)

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
        return self._earlier + (0.0 if self._began is None else time.monotonic() - self._began)
