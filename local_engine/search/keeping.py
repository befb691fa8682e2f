"""Which trials' model files stay: the best, so many, or all. Curves and metrics always stay."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from local_engine.definition import Goal

if TYPE_CHECKING:
    from local_engine.study import TrialRecord

_REMOVED = ("model.keras", "model.skops", "preprocessing.keras", "checkpoint.npz", "manifest.json")


class Keeping:
    """Removes, after each trial, what is not to stay, so that a search takes no more room than what it keeps.

    Args:
        trials: the folder of the trials.
        keep: how many trials' files stay.
        goal: which trials are the best.
    """

    def __init__(self, trials: Path, keep: Literal["best", "all"] | int, goal: Goal) -> None:
        self._trials = trials
        self._keep = keep
        self._sign = -1.0 if goal == "maximize" else 1.0
        self._gone: set[int] = set()

    def tidy(self, records: Sequence[TrialRecord]) -> None:
        """Removes model, code, checkpoint and manifest of the trials that are over and not among those to keep.

        A trial that a larger budget takes up again without its checkpoint is trained again, to the same numbers.
        """
        if self._keep == "all":
            return
        ranked = sorted((one for one in records if one.counts), key=lambda one: (self._sign * (one.value or 0.0), one.number))
        kept = {record.number for record in ranked[: 1 if self._keep == "best" else int(self._keep)]}
        for record in records:
            if record.state != "running" and record.number not in kept and record.number not in self._gone:
                self._remove(self._trials / str(record.number))
                self._gone.add(record.number)

    def _remove(self, folder: Path) -> None:
        for name in _REMOVED:
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "code", ignore_errors=True)
