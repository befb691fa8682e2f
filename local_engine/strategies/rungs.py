"""A bracket's trials as they stand on its rungs; what both of Hyperband's ways to promote look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_engine.definition import Goal
from local_engine.strategies.brackets import Bracket

if TYPE_CHECKING:
    from local_engine.study.records import TrialRecord


@dataclass(frozen=True)
class Rungs:
    """The bracket and its trials so far, by number."""

    bracket: Bracket
    members: Sequence[TrialRecord]

    @property
    def open(self) -> bool:
        """Whether there is a place for a new configuration."""
        return len(self.members) < self.bracket.sizes[0]

    def ended(self, rung: int) -> list[TrialRecord]:
        """Trials whose turn on `rung` is over, failed ones too."""
        return [record for record in self.members if len(record.rungs) > rung]

    def entered(self, rung: int) -> set[int]:
        """Numbers of the trials that began `rung`."""
        return {record.number for record in self.members if len(record.rungs) + record.in_flight > rung}

    def finished(self) -> list[TrialRecord]:
        """Trials that wait at the last rung: nothing comes after it."""
        return [record for record in self.members if record.paused and len(record.rungs) == len(self.bracket.sizes)]


def promotable(record: TrialRecord, rung: int) -> bool:
    """Whether the trial waits at `rung` with a value."""
    return record.paused and len(record.rungs) == rung + 1 and record.rungs[rung].value is not None


def rank(goal: Goal, record: TrialRecord, rung: int) -> tuple[float, int]:
    """A sort key: the better value on `rung` first, ties by the lower number."""
    value = record.rungs[rung].value
    assert value is not None, "only trials with a value are ranked"
    return (-value if goal == "maximize" else value, record.number)
