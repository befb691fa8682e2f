"""`status`: where runs stand. For runs at home the registry alone is read; clouds are asked for those that are at work there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cloud_nas.errors import CredentialsError, UnreachableError
from cloud_nas.operations._remote import Looked, Trouble, look
from cloud_nas.operations._runs import rows
from cloud_nas.states import LIVE, Best, Money, RunState, TrialCounts

WATCH_PAUSE = 0.5
"""Seconds between two looks at the registry."""


@dataclass(frozen=True)
class RunStatus:
    """One run as it is known; None is what cannot be told. Times are ISO 8601 in UTC, `seconds` the search's alone.

    `source` tells whether its cloud was asked just now. `trouble` is why that could not be done; `note` is `unreachable` then,
    and all else as it was known last.
    """

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
    cost: Money | None = None
    rehearsed: bool = False
    trouble: Trouble | None = None

    def to_json(self) -> dict[str, Any]:
        """The keys that `status --json` promises of a run, and some more."""
        best = None if self.best is None else self.best.to_json()
        cost = None if self.cost is None else self.cost.to_json()
        trouble = None if self.trouble is None else {"message": self.trouble.message, "hint": self.trouble.hint}
        return vars(self) | {"trials": self.trials.to_json(), "best": best, "cost": cost, "trouble": trouble}


def status(run_ids: str | Sequence[str] = (), *, cached: bool = False) -> list[RunStatus]:
    """Where runs stand: these, or all of them, the newest first.

    Args:
        run_ids: these, or all of them.
        cached: ask no cloud.

    Raises:
        NotFoundError: there is no such run; the hint names one with a similar id.
        RefusedError: the registry cannot be used.
    """
    asked = (run_ids,) if isinstance(run_ids, str) else tuple(run_ids)
    found = rows(*asked)
    return [_status(looked) for looked in ([Looked(row) for row in found] if cached else look(found))]


def exit_status_of(found: Sequence[RunStatus]) -> int:
    """0 where each run has a row; 4 where credentials are why a cloud could not be asked; 10 where none of them could."""
    troubles = [one.trouble.exit_status for one in found if one.trouble is not None]
    if CredentialsError.exit_status in troubles:
        return CredentialsError.exit_status
    reached = any(one.source == "cloud" for one in found)
    return UnreachableError.exit_status if troubles and not reached else 0


def watch(
    run_ids: str | Sequence[str] = (),
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[RunStatus]]:
    """Where runs stand, and again whenever that has changed, until nobody works at any of them.

    Args:
        run_ids: these, or all of them; then new ones too.
        clock: seconds that never go back.
        sleep: lets seconds pass.

    Raises:
        NotFoundError: there is no such run.
    """
    from cloud_nas.operations._polling import Looks

    looks = Looks((run_ids,) if isinstance(run_ids, str) else run_ids, clock=clock)
    shown: list[RunStatus] | None = None
    while True:
        found = looks.look()
        if found != shown:
            yield found
            shown = found
        if not any(one.state in LIVE for one in found):
            return
        sleep(WATCH_PAUSE)


def _status(looked: Looked) -> RunStatus:
    row = looked.row
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
        source=looked.source,
        trials=row.trials,
        best=row.best,
        seconds=row.seconds,
        model=row.model,
        spec_sha256=row.spec_sha256,
        cost=row.cost,
        rehearsed=row.rehearsed,
        trouble=looked.trouble,
    )
