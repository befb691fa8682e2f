"""`status`: where runs stand. Reads the registry alone, so that it answers at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cloud_nas.operations._runs import rows
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE, Best, RunState, TrialCounts

WATCH_PAUSE = 0.5
"""Seconds between two looks at the registry."""


@dataclass(frozen=True)
class RunStatus:
    """One run as the registry knows it; None is what cannot be told. Times are ISO 8601 in UTC, `seconds` the search's alone."""

    run_id: str
    name: str
    target: str
    remote: str | None
    attempt: int
    state: RunState
    note: str | None
    reason: str | None
    created_at: str
    seen_at: str
    source: Literal["cloud", "cache"]
    trials: TrialCounts
    best: Best | None
    seconds: float
    model: str | None
    spec_sha256: str = ""
    cost: None = None
    rehearsed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The keys that `status --json` promises of a run, and some more."""
        nested = {"trials": self.trials.to_json(), "best": None if self.best is None else self.best.to_json()}
        return vars(self) | nested


def status(run_ids: str | Sequence[str] = ()) -> list[RunStatus]:
    """Where runs stand: these, or all of them, the newest first.

    Raises:
        NotFoundError: there is no such run; the hint names one with a similar id.
        RefusedError: the registry cannot be used.
    """
    asked = (run_ids,) if isinstance(run_ids, str) else tuple(run_ids)
    return [_status(row) for row in rows(*asked)]


def watch(run_ids: str | Sequence[str] = (), *, sleep: Callable[[float], None] = time.sleep) -> Iterator[list[RunStatus]]:
    """Where runs stand, and again whenever that has changed, until nobody works at any of them.

    Args:
        run_ids: these, or all of them; then new ones too.
        sleep: lets seconds pass.

    Raises:
        NotFoundError: there is no such run.
    """
    shown: list[RunStatus] | None = None
    while True:
        found = status(run_ids)
        if found != shown:
            yield found
            shown = found
        if not any(one.state in LIVE for one in found):
            return
        sleep(WATCH_PAUSE)


def _status(row: RunRow) -> RunStatus:
    return RunStatus(
        run_id=row.run_id,
        name=row.name,
        target=row.target,
        remote=row.remote,
        attempt=row.attempt,
        state=row.state,
        note=row.note,
        reason=row.reason,
        created_at=row.created_at,
        seen_at=row.seen_at,
        source="cache",
        trials=row.trials,
        best=row.best,
        seconds=row.seconds,
        model=row.model,
        spec_sha256=row.spec_sha256,
    )
