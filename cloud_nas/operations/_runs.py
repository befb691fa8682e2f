"""Finding a run, and telling what state it is really in; light, as `status` needs it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cloud_nas.errors import UsageError
from cloud_nas.home import run_folder
from cloud_nas.runs.cancelling import is_asked
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import holder, last_holder
from cloud_nas.states import LIVE

LOCAL = "local"
GO_ON = "run it again to go on"


def split_name(text: str) -> tuple[str, int | None]:
    """`RUN` or `RUN/TRIAL` as a run id and a trial's number.

    Raises:
        UsageError: what follows the slash is not a number.
    """
    run_id, slash, trial = text.partition("/")
    if slash and not (trial.isascii() and trial.isdigit()):
        raise UsageError(f"a trial has a number, not {trial!r}", hint=f"cloud-nas trials {run_id} lists them")
    return run_id, int(trial) if slash else None


def rows(*run_ids: str) -> list[RunRow]:
    """The rows of these runs, or of all, the newest first, each with the state it is in now.

    Raises:
        NotFoundError: there is no such run.
    """
    with Registry() as registry:
        found = [registry.get(run_id) for run_id in run_ids] if run_ids else registry.rows()
        return [settled(row, registry) for row in found]


def settled(row: RunRow, registry: Registry | None = None) -> RunRow:
    """The row as it is: a local run that nobody works at is interrupted, or was cancelled, whatever it said last.

    Args:
        row: as it was read a moment ago.
        registry: asked again before a run is called interrupted, since it may have ended in that moment. It need not be where
            nobody can write meanwhile.
    """
    if row.target != LOCAL or row.state not in LIVE:
        return row
    folder = run_folder(row.run_id)
    at_work = holder(folder)
    if at_work is not None:
        return dataclasses.replace(row, state="stopping") if is_asked(folder, at_work) else row
    row = row if registry is None else registry.find(row.run_id) or row
    if row.state not in LIVE or holder(folder) is not None:  # it has ended, or was taken up again
        return row
    last = last_holder(folder)
    if last is not None and is_asked(folder, last):
        return dataclasses.replace(row, state="cancelled", reason="cancelled", note=GO_ON)
    return dataclasses.replace(row, state="interrupted", note=row.note or f"its process is gone; {GO_ON}")


def folder_of(row: RunRow) -> Path:
    """The folder of a run."""
    return run_folder(row.run_id)
