"""What a study remembers of a trial, as frozen values, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_engine.definition import Goal, Prior, Value
from local_engine.events import TrialState


@dataclass(frozen=True)
class Rung:
    """One turn of a trial under a strategy that trains in rungs.

    `epochs` is the total the turn was to reach; `value` the objective told at its end, None where the turn failed.
    """

    epochs: int
    value: float | None


@dataclass(frozen=True)
class TrialRecord:
    """One configuration and what became of it.

    Attributes:
        number: from 0, in the order of asking; the same through all rungs.
        state: `running` from the ask until the strategy is done with it.
        value: the objective, the best over all turns; None where nothing was told or the trial failed.
        params: name -> value of the active hyperparameters, those that building discovered too.
        epochs: all that it trained so far.
        seconds: all that it took so far.
        reason: why it failed or was pruned, one line, or None.
        rungs: the turns that are over, for a strategy that trains in rungs; else empty.
        target: the epochs that the present (or last) turn is to reach, None where the strategy sets none.
        turn_over: the last turn was told. A `running` trial whose turn is over waits at its rung.
    """

    number: int
    state: TrialState
    value: float | None
    params: Mapping[str, Value]
    epochs: int = 0
    seconds: float = 0.0
    reason: str | None = None
    rungs: tuple[Rung, ...] = ()
    target: int | None = None
    turn_over: bool = False

    @property
    def in_flight(self) -> bool:
        """Asked for and not told."""
        return self.state == "running" and not self.turn_over

    @property
    def paused(self) -> bool:
        """Told at a rung; the strategy has yet to promote it or leave it behind."""
        return self.state == "running" and self.turn_over

    @property
    def counts(self) -> bool:
        """Has a value that may be a study's best."""
        return self.value is not None and self.state in ("running", "done", "pruned")

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "number": self.number,
            "state": self.state,
            "value": self.value,
            "params": dict(self.params),
            "epochs": self.epochs,
            "seconds": self.seconds,
            "reason": self.reason,
            "rungs": [[rung.epochs, rung.value] for rung in self.rungs],
            "target": self.target,
            "turn_over": self.turn_over,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TrialRecord:
        """The record that `to_json` wrote."""
        return cls(**{**value, "rungs": tuple(Rung(epochs, told) for epochs, told in value["rungs"])})


@dataclass(frozen=True)
class StudySettings:
    """What a study was made with; `trials` alone may change later.

    Attributes:
        strategy: its name.
        options: all of the strategy's options, defaults too.
        goal: `maximize` or `minimize`.
        seed: what every choice derives from.
        trials: the most configurations the study makes, None for no cap.
        max_epochs: the most epochs a trial trains, None where the objective knows no epochs.
        prior: trials of another study that the strategy learns from; they are none of this one's, and no cap counts them.
    """

    strategy: str
    options: Mapping[str, Any] = field(default_factory=dict)
    goal: Goal = "maximize"
    seed: int = 0
    trials: int | None = None
    max_epochs: int | None = None
    prior: tuple[Prior, ...] = ()


def better(goal: Goal, one: float, other: float) -> bool:
    """Whether `one` is strictly better than `other`."""
    return one > other if goal == "maximize" else one < other
