"""What is told of a search in a container while it runs: `progress.json`, which whoever watches reads instead of log lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.definition import Final, Goal
from local_engine.events import EpochEnded, Event, SearchEnded, SearchStarted, TrialEnded

if TYPE_CHECKING:
    from local_engine.study import TrialRecord

SCHEMA = 1
NAME = "progress.json"
STARTING = 30.0
"""Seconds allowed for what the final fit needs beside training: a process, the rows, a first trace."""


class Account:
    """Follows a search by its events; the study tells the rest.

    Args:
        goal: which of two values is better.
        final: how the best is made, which takes time that has to be kept back.

    Attributes:
        reason: why the search ended, or None.
        changed: whether there is something new since somebody set it to False.
        told: likewise, whether the study was told of a turn.
    """

    def __init__(self, goal: Goal, final: Final) -> None:
        self._goal = goal
        self._final = final
        self._total: int | None = None
        self._live: dict[int, tuple[int, float | None]] = {}
        self._seconds: dict[int, float] = {}
        self.reason: str | None = None
        self.changed = self.told = False

    def __call__(self, event: Event) -> None:
        """Takes up an event; one that says nothing new changes nothing."""
        if isinstance(event, SearchStarted):
            self._total = event.trials
        elif isinstance(event, EpochEnded):
            _, best = self._live.get(event.number, (0, None))
            self._live[event.number] = (event.epoch, self._better(best, event.value))
        elif isinstance(event, TrialEnded):
            self.told = True
            self._live.pop(event.number, None)
            self._seconds[event.number] = self._seconds.get(event.number, 0.0) + event.seconds
        elif isinstance(event, SearchEnded):
            self.reason = event.reason
        else:
            return
        self.changed = True

    def remember(self, records: list[TrialRecord]) -> None:
        """Takes up what trials took before this start."""
        self._seconds = {record.number: record.seconds for record in records}

    @property
    def reserve(self) -> float:
        """Seconds that the final fit may take: as long as the longest trial, and a quarter more, for it has more rows."""
        if self._final.fit == "keep":
            return STARTING / 2
        return STARTING + 1.25 * max(self._seconds.values(), default=0.0)

    def report(self, study: Path, seconds: float) -> dict[str, Any]:
        """What `progress.json` holds.

        Args:
            study: a copy of the study.
            seconds: that the search has taken.
        """
        from local_engine.study import Study

        with Study.open(study) as opened:
            records, best = opened.trials, opened.best
        states = [record.state for record in records]
        counts: dict[str, int | None] = {state: states.count(state) for state in ("done", "failed", "pruned")}
        found = None if best is None else {"trial": best.number, "value": best.value, "params": dict(best.params)}
        return {
            "schema": SCHEMA,
            "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "counts": counts | {"total": len(records) if self._total is None else self._total},
            "best": found,
            "trials": [self._row(record) for record in records],
            "seconds": seconds,
            "reason": self.reason,
        }

    def _row(self, record: TrialRecord) -> Mapping[str, Any]:
        epochs, value = self._live.get(record.number, (record.epochs, record.value))
        return {
            "number": record.number,
            "state": record.state,
            "value": self._better(record.value, value),
            "params": dict(record.params),
            "epochs": max(record.epochs, epochs),
            "seconds": record.seconds,
            "reason": record.reason,
        }

    def _better(self, first: float | None, second: float | None) -> float | None:
        if first is None or second is None:
            return second if first is None else first
        return max(first, second) if self._goal == "maximize" else min(first, second)
