"""Trials of runs in a cloud: asked for while the job is at work, kept in the run's folder once it has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cloud_nas.operations._remote import is_remote, look, remote_of, target_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE, Trial
from local_engine.files import read_json, write_json

NAME = "cloud/trials.json"
_SCHEMA = 1


def remote_trials(row: RunRow) -> list[Trial]:
    """The trials, by number.

    Raises:
        CredentialsError, UnreachableError: the place cannot be asked.
    """
    assert is_remote(row)
    path = folder_of(row) / NAME
    kept = _kept(path, row)
    if kept is not None and (row.rehearsed or (row.state not in LIVE and kept["ended"])):
        return [Trial(**one) for one in kept["trials"]]
    if row.rehearsed or (row.state == "pending" and row.remote is None):
        return []
    found = target_of(row).trials(remote_of(row))
    (now,) = look([row])  # afterwards: what was asked before the end is not the last word
    ended = row.state not in LIVE
    values = {"schema": _SCHEMA, "attempt": row.attempt, "ended": ended, "trials": [one.to_json() for one in found]}
    write_json(path, values, mode=0o600)
    return found if ended or now.row.state in LIVE else remote_trials(now.row)


def _kept(path: Path, row: RunRow) -> dict[str, Any] | None:
    """What was kept of this attempt."""
    try:
        found = read_json(path)
    except (OSError, ValueError):
        return None
    is_this = isinstance(found, dict) and found.get("schema") == _SCHEMA and found.get("attempt") == row.attempt
    return found if is_this else None
