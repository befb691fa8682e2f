"""Which trials' model files stay when a search is over: the best, so many, or all. Curves and metrics always stay."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from local_engine.definition import Goal

if TYPE_CHECKING:
    from local_engine.study import TrialRecord

_REMOVED = ("model.keras", "model.skops", "preprocessing.keras", "checkpoint.npz", "manifest.json")


def tidy(trials: Path, records: Sequence[TrialRecord], keep: Literal["best", "all"] | int, goal: Goal) -> None:
    """Removes model, code, checkpoint and manifest of the trials that are over and not among those to keep.

    A trial that a larger budget takes up again without its checkpoint is trained again, to the same numbers.
    """
    if keep == "all":
        return
    sign = -1.0 if goal == "maximize" else 1.0
    ranked = sorted((record for record in records if record.counts), key=lambda one: (sign * (one.value or 0.0), one.number))
    kept = {record.number for record in ranked[: 1 if keep == "best" else int(keep)]}
    for record in records:
        if record.state == "running" or record.number in kept:
            continue
        folder = trials / str(record.number)
        for name in _REMOVED:
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "code", ignore_errors=True)
