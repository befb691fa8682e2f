"""What an engine job last wrote of its study, wherever it runs: `progress.json`, as `local_engine.containers.account` has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.states import Best, Trial, TrialCounts

NAME = "progress.json"
SCHEMA = 1


def current(found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What was read, where it is of this version."""
    return found if found is not None and found.get("schema") == SCHEMA else None


def counts_of(found: Mapping[str, Any]) -> TrialCounts:
    """How many trials ended how."""
    counts = found.get("counts") or {}
    return TrialCounts(
        int(counts.get("done") or 0), int(counts.get("failed") or 0), int(counts.get("pruned") or 0), counts.get("total")
    )


def best_of(found: Mapping[str, Any]) -> Best | None:
    """The best trial so far."""
    best = found.get("best")
    return None if not best else Best(int(best["trial"]), float(best["value"]), dict(best.get("params") or {}))


def trials_of(found: Mapping[str, Any]) -> list[Trial]:
    """The trials, by number."""
    trials = [
        Trial(
            int(one["number"]),
            one["state"],
            one.get("value"),
            dict(one.get("params") or {}),
            one.get("epochs"),
            one.get("seconds"),
            one.get("reason"),
        )
        for one in found.get("trials") or ()
    ]
    return sorted(trials, key=lambda trial: trial.number)
