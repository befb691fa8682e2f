"""Runs in a cloud: how their jobs are found again, and what their places know of them now, written back into the registry."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cloud_nas.errors import CloudNasError, NotFoundError, UsageError
from cloud_nas.operations._runs import folder_of
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import holder
from cloud_nas.states import LIVE, TrialCounts

if TYPE_CHECKING:
    from cloud_nas.targets.base import Submits
    from cloud_nas.targets.remote import Remote, State

UNREACHABLE = "unreachable"
"""The note beside a state that is the last known one, because the place could not be asked."""

NOT_SUBMITTED = "not submitted yet; submit it again to go on"
NEXT_ATTEMPT = "submit it again for another attempt"


@dataclass(frozen=True)
class Trouble:
    """Why a place could not be asked; `exit_status` as the error has it: 4 where credentials are the cause."""

    message: str
    hint: str | None
    exit_status: int


@dataclass(frozen=True)
class Looked:
    """A run as it is known: from its place, or as it was known last."""

    row: RunRow
    source: Literal["cloud", "cache"] = "cache"
    trouble: Trouble | None = None


def is_remote(row: RunRow) -> bool:
    """Whether the run is a job somewhere else. It has a nonce then, and none at home."""
    return bool(row.nonce)


def target_of(row: RunRow) -> Submits:
    """The place of a run in a cloud.

    Raises:
        UsageError: there is no such target here, or it is none that takes jobs.
    """
    from cloud_nas.targets import find
    from cloud_nas.targets.base import Submits

    target = find(row.target)
    if not isinstance(target, Submits):
        raise UsageError(f"{row.run_id} is a run of {row.target}, which takes no jobs in this version")
    return target


def remote_of(row: RunRow) -> Remote:
    """How the run's job is found again; `since` in its place is from when on to look."""
    from cloud_nas.targets.remote import Remote

    name = row.remote or f"{row.run_id}-{row.attempt}"
    return Remote(row.run_id, row.attempt, name, row.nonce, {**row.place, "since": row.created_at})


def look(rows: Sequence[RunRow]) -> list[Looked]:
    """The runs as their places know them now, in the order of `rows`; what changed is in the registry then.

    Only jobs that were at work are asked for, all of a target in one go. A rehearsed job's place is gone.
    """
    known = {row.run_id: Looked(row) for row in rows}
    for asked in _by_target(row for row in rows if _can_be_asked(row)):
        known.update({looked.row.run_id: looked for looked in _ask(asked)})
    _write_back([looked.row for looked in known.values() if looked.source == "cloud"])
    return [known[row.run_id] for row in rows]


def _can_be_asked(row: RunRow) -> bool:
    return is_remote(row) and row.state in LIVE and not row.rehearsed and not _is_being_submitted(row)


def _is_being_submitted(row: RunRow) -> bool:
    return row.state == "pending" and holder(folder_of(row)) is not None


def _by_target(rows: Iterable[RunRow]) -> Iterable[list[RunRow]]:
    groups: dict[str, list[RunRow]] = {}
    for row in rows:
        groups.setdefault(row.target, []).append(row)
    return groups.values()


def _ask(rows: list[RunRow]) -> list[Looked]:
    """Runs of one target."""
    try:
        target = target_of(rows[0])
        states = target.refresh([remote_of(row) for row in rows])
    except CloudNasError as error:
        return [_troubled(row, error) for row in rows]
    return [_looked(row, state, target) for row, state in zip(rows, states, strict=True)]


def _looked(row: RunRow, state: State | CloudNasError, target: Submits) -> Looked:
    if isinstance(state, NotFoundError):
        if row.state == "pending" and row.remote is None:  # whoever submitted it did not come to the end
            return Looked(dataclasses.replace(row, state="interrupted", note=NOT_SUBMITTED))
        return Looked(dataclasses.replace(row, note=state.message))
    if isinstance(state, CloudNasError):
        return _troubled(row, state)
    name = row.remote or _name_of_ours(row, target)
    if name is None:
        return Looked(dataclasses.replace(row, note=f"a job {remote_of(row).name} is there, but without this run's tag"))
    return Looked(after(dataclasses.replace(row, remote=name), state), "cloud")


def _name_of_ours(row: RunRow, target: Submits) -> str | None:
    """The place's name of a job whose making this machine did not live to see: it carries the run's nonce."""
    try:
        found = target.find(row.place, owner=None)
    except CloudNasError:
        return None
    return next((one.remote.name for one in found if one.remote.nonce == row.nonce), None)


def _troubled(row: RunRow, error: CloudNasError) -> Looked:
    trouble = Trouble(error.message, error.hint, error.exit_status)
    return Looked(dataclasses.replace(row, note=UNREACHABLE), trouble=trouble)


def after(row: RunRow, state: State) -> RunRow:
    """The row with what its place says; what the place cannot tell stays as it was known."""
    stopping = row.state == "stopping" and state.state in ("pending", "running")
    cancelled = state.state == "cancelled"
    return dataclasses.replace(
        row,
        remote=row.remote or remote_of(row).name,
        state="stopping" if stopping else state.state,
        trials=_counts(row.trials, state.trials),
        best=state.best or row.best,
        seconds=row.seconds if state.seconds is None else round(state.seconds, 3),
        reason=state.reason or ("cancelled" if cancelled else None),
        note=state.note or (NEXT_ATTEMPT if cancelled else None),
        cost=state.cost or row.cost,
    )


def _counts(known: TrialCounts, told: TrialCounts | None) -> TrialCounts:
    if told is None:
        return known
    return told if told.total is not None else dataclasses.replace(told, total=known.total)


def _write_back(rows: Sequence[RunRow]) -> None:
    """All in one step; a run that another process has ended or taken further meanwhile is left as that has it."""
    if not rows:
        return
    with Registry() as registry, registry.transaction():
        for row in rows:
            now = registry.find(row.run_id)
            if now is not None and now.attempt == row.attempt and now.state in LIVE:
                state = "stopping" if now.state == "stopping" and row.state in ("pending", "running") else row.state
                registry.update(dataclasses.replace(row, state=state, model=now.model, rehearsed=now.rehearsed))
