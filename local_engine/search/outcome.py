"""How a search ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_engine.study import TrialRecord

COMPLETE = "complete"
"""The reason of a search that did all that its strategy or its cap on trials asks for."""


@dataclass(frozen=True)
class Outcome:
    """What a search left.

    Attributes:
        best: the best trial, or None where none has a value.
        done: trials that are done.
        failed: trials that failed.
        pruned: trials that were left behind at a rung.
        total: configurations tried.
        seconds: of the search alone, first training to last tell, over all attempts; no loading, no final fit.
        model: the folder of the final artifact; None where there is none.
        reason: why it ended: `complete`, the cap that ended it, a failure, or what `stop` said.
    """

    best: TrialRecord | None
    done: int
    failed: int
    pruned: int
    total: int
    seconds: float
    model: Path | None
    reason: str
