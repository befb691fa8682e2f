"""Where a search stands, gathered from its events; what both kinds of progress output draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud_nas.operations import events


@dataclass
class Running:
    """A trial at work. `epochs` is the total it will have trained at the end of this turn."""

    number: int
    params: Mapping[str, Any]
    epochs: int
    epoch: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Best:
    """The best trial so far."""

    number: int
    value: float
    params: Mapping[str, Any]


class Standing:
    """The state of one search.

    Args:
        metric: the objective, without `val_`.
        goal: "maximize" or "minimize".
        clock: seconds from any beginning; `time.monotonic` outside tests.
    """

    def __init__(self, metric: str, goal: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.metric = f"val_{metric}"
        self.goal = goal
        self.plan: events.SearchStarted | None = None
        self.running: dict[int, Running] = {}
        self.states: dict[int, str] = {}
        self.best: Best | None = None
        self.final: events.FinalStarted | None = None
        self.epochs = 0
        self._target = 0
        self._clock = clock
        self._began = clock()

    def take(self, event: events.Event) -> None:
        """Takes one event in."""
        if isinstance(event, events.SearchStarted):
            self.plan, self._began = event, self._clock()
        elif isinstance(event, events.TrialStarted):
            self._target = event.epochs
            self.states.pop(event.number, None)
            self.running[event.number] = Running(event.number, event.params, event.epochs, event.first_epoch)
        elif isinstance(event, events.EpochEnded) and event.number in self.running:
            self.epochs += 1
            self.running[event.number].epoch = event.epoch
            self.running[event.number].metrics = event.metrics
        elif isinstance(event, events.TrialEnded):
            self._end(event)
        elif isinstance(event, events.FinalStarted):
            self.final = event

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return self._clock() - self._began

    def left(self) -> tuple[float | None, bool]:
        """Seconds left, and whether they are a cap (True) or only an estimate from what was done so far."""
        cap = None if self.plan is None or self.plan.seconds is None else max(0.0, self.plan.seconds - self.elapsed)
        guess = self._guess()
        if cap is not None and (guess is None or cap <= guess):
            return cap, True
        return guess, False

    def count(self, state: str) -> int:
        """How many trials ended so."""
        return list(self.states.values()).count(state)

    def _end(self, event: events.TrialEnded) -> None:
        self.running.pop(event.number, None)
        self.states[event.number] = event.state
        if event.value is not None and event.state in ("done", "pruned") and self._is_better(event.value):
            self.best = Best(event.number, event.value, event.params)

    def _is_better(self, value: float) -> bool:
        if value != value:
            return False
        if self.best is None:
            return True
        return value > self.best.value if self.goal == "maximize" else value < self.best.value

    def _guess(self) -> float | None:
        """What the rest will take at the pace so far; None before there is one."""
        if self.plan is None:
            return None
        trials, epochs = self.plan.trials, self.plan.epochs
        if trials and self.states and (not epochs or epochs == trials * self._target):
            return self.elapsed / len(self.states) * max(0, trials - len(self.states))  # a trial may stop before its last epoch
        if epochs and self.epochs:
            return self.elapsed / self.epochs * max(0, epochs - self.epochs)
        return None
