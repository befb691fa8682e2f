"""What a report shows of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from cloud_nas.states import RunState, TrialCounts
from local_engine.definition import Goal, Value
from local_engine.events import TrialState

if TYPE_CHECKING:
    from local_engine.space.flat import Space


@dataclass(frozen=True)
class ReportTrial:
    """One configuration. `value` is its objective on the validation part; `curve` has one mapping an epoch, by Keras' names."""

    number: int
    state: TrialState
    value: float | None
    params: Mapping[str, Value]
    epochs: int
    seconds: float
    reason: str | None
    curve: tuple[Mapping[str, Any], ...] = ()

    def series(self, name: str) -> list[tuple[int, float]]:
        """One metric as (epoch, value); epochs that lack it, or where it is not finite, left out. `value` is the objective."""
        points = ((int(row["epoch"]), row.get(name)) for row in self.curve if "epoch" in row)
        return [(epoch, float(value)) for epoch, value in points if is_finite(value)]


@dataclass(frozen=True)
class Hyperparameter:
    """One name of the search space.

    `choices` are its values in their order where it has a list of them, None where it is a range; `log`: the range is
    searched on a logarithmic scale.
    """

    name: str
    choices: tuple[Value, ...] | None = None
    log: bool = False

    @classmethod
    def all_of(cls, space: Space, trials: tuple[ReportTrial, ...]) -> tuple[Hyperparameter, ...]:
        """All that trials were given a value of, each name once: in the space's order, and what the space lacks behind that."""
        from local_engine.space.parameters import Boolean, Choice

        used = dict.fromkeys(name for trial in trials for name in trial.params)
        found: dict[str, Hyperparameter] = {}
        for parameter in space.parameters:
            if parameter.name in used and parameter.name not in found:
                values = tuple(parameter.values) if isinstance(parameter, Boolean | Choice) else None
                log = "log" in str(getattr(parameter, "sampling", ""))
                found[parameter.name] = cls(parameter.name, values, log and values is None)
        return (*found.values(), *(cls(name, ()) for name in used if name not in found))


@dataclass(frozen=True)
class Importance:
    """How much of the objective's variance each hyperparameter accounts for (they sum to 1), the largest first.

    Empty where it cannot be told; `basis` says what it was told from, or why it was not.
    """

    shares: Mapping[str, float]
    basis: str


@dataclass(frozen=True)
class ReportRun:
    """A run, whole.

    Attributes:
        seconds: the search alone.
        best: the number of the best trial, None where none has a value.
        test: the final model's metrics on the held-out rows, None where there are none (yet).
        seed: the search's.
        spec: the text of the spec's file.
        manifest: what the final model's manifest says, None where there is no model (yet).
    """

    run_id: str
    name: str
    target: str
    state: RunState
    note: str | None
    seconds: float
    counts: TrialCounts
    metric: str
    goal: Goal
    strategy: str
    seed: int
    trials: tuple[ReportTrial, ...]
    best: int | None
    test: Mapping[str, float] | None
    hyperparameters: tuple[Hyperparameter, ...]
    importance: Importance
    spec: str
    manifest: Mapping[str, Any] | None

    @property
    def best_trial(self) -> ReportTrial | None:
        """The best trial itself."""
        return next((trial for trial in self.trials if trial.number == self.best), None)

    @property
    def ranked(self) -> list[ReportTrial]:
        """All trials, the best first; those without a value last, by number."""
        return sorted(self.trials, key=lambda trial: (self.loss(trial.value), trial.number))

    @property
    def valued(self) -> list[tuple[ReportTrial, float]]:
        """The trials that have a value, by number, with it."""
        return [(trial, float(trial.value)) for trial in self.trials if is_finite(trial.value)]

    def loss(self, value: float | None) -> float:
        """A value as something to minimize; infinity where there is none."""
        return math.inf if not is_finite(value) else -value if self.goal == "maximize" else value


def is_finite(value: Any) -> TypeGuard[int | float]:
    """Whether it is a number that can be drawn; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
