"""Ending jobs in clouds: asked for at their place, and written into the registry."""

from __future__ import annotations

import dataclasses

from cloud_nas.errors import NotFoundError, RefusedError
from cloud_nas.operations._remote import NEXT_ATTEMPT, is_remote, look, remote_of, target_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import holder
from cloud_nas.states import LIVE, RunState


def end_remote(row: RunRow) -> None:
    """Asks a run's job to stop; a run whose job was never made is cancelled. One that has ended is left alone.

    Raises:
        RefusedError: a process is submitting it, or its cloud was a stand-in.
        CredentialsError, UnreachableError: its cloud cannot be asked.
    """
    assert is_remote(row)
    if row.state not in LIVE:
        return
    at_work = holder(folder_of(row)) if row.state == "pending" else None
    if at_work is not None:
        raise RefusedError(f"{row.run_id} is being submitted by {at_work}", hint=f"cancel it when that is done: {row.run_id}")
    if row.rehearsed:
        _write(row, "cancelled")  # its stand-in is gone, and the job with it
        return
    try:
        target_of(row).cancel(remote_of(row))
    except NotFoundError:
        if row.state != "pending":
            raise
        _write(row, "cancelled")
        return
    _write(row, "stopping")
    look([dataclasses.replace(row, state="stopping", remote=row.remote or remote_of(row).name)])


def _write(row: RunRow, state: RunState) -> None:
    """Gives the row that state, unless it has ended meanwhile."""
    with Registry() as registry, registry.transaction():
        now = registry.get(row.run_id)
        if now.attempt != row.attempt or now.state not in LIVE:
            return
        if state == "cancelled":
            registry.update(dataclasses.replace(now, state=state, reason="cancelled", note=NEXT_ATTEMPT))
        else:
            registry.update(dataclasses.replace(now, state=state, remote=now.remote or remote_of(now).name, note=None))
