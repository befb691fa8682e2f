"""The wish that a run be cancelled, left in its folder for the process that works at it: its signal alone tells no reason."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.errors import RefusedError
from cloud_nas.runs.row import now
from cloud_nas.runs.writer import Holder
from local_engine.files import read_json, write_json

NAME = "cancel.json"


def ask(folder: Path, holder: Holder) -> None:
    """Leaves the wish; it is for this holder alone, not for a later attempt.

    Raises:
        RefusedError: the folder cannot be written.
    """
    try:
        write_json(folder / NAME, {"at": now(), "for": _name(holder)}, mode=0o600)
    except OSError as error:
        raise RefusedError(f"cannot write to {folder}: {error.strerror}", hint=f"end the process: kill {holder.pid}") from error


def is_asked(folder: Path, holder: Holder) -> bool:
    """Whether `holder` is to end."""
    try:
        found = read_json(folder / NAME)
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("for") == _name(holder)


def _name(holder: Holder) -> str:
    return f"{holder.pid}@{holder.host} {holder.since}"
