"""Finding a run, and telling what state it is really in; light, as `status` needs it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cloud_nas.errors import UsageError
from cloud_nas.home import run_folder
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import holder
from cloud_nas.states import LIVE

LOCAL = "local"


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
    return [settled(row) for row in found]


def settled(row: RunRow) -> RunRow:
    """The row as it is: a local run that nobody works at is interrupted, whatever it said last."""
    if row.target == LOCAL and row.state in LIVE and holder(run_folder(row.run_id)) is None:
        return dataclasses.replace(row, state="interrupted", note=row.note or "its process is gone; run it again to go on")
    return row


def folder_of(row: RunRow) -> Path:
    """The folder of a run."""
    return run_folder(row.run_id)
