"""What was brought home of a remote run: where it lies in the run's folder, and of which attempt it is."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cloud_nas.models import manifest
from cloud_nas.operations import _candidate
from local_engine.files import read_json, sync_folder, write_json

NAME = "fetched.json"
"""Which attempt each thing is of, by its place in the run's folder, and whether the run had ended by then."""

_WORK = ".fetching-"


@contextmanager
def work_folder(run: Path) -> Iterator[Path]:
    """A folder for downloads, inside the run's own and for its owner's eyes only; gone at the end, whatever that is."""
    run.mkdir(parents=True, exist_ok=True)
    for left in run.glob(f"{_WORK}*"):
        if not _is_used(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = run / f"{_WORK}{os.getpid()}-{secrets.token_hex(3)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(made: Path, place: Path) -> None:
    """Gives a folder that is whole its place; what was there before goes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        made.rename(place)
    else:
        aside = made.with_name(f"{made.name}.before")
        place.rename(aside)
        made.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    sync_folder(place.parent)


def note(run: Path, place: str, *, attempt: int, ended: bool) -> None:
    """Remembers what `place` holds now."""
    known = _known(run)
    known["places"][place] = {"attempt": attempt, "ended": ended}
    write_json(run / NAME, known, mode=0o600)


def is_there(run: Path, place: str, *, attempt: int) -> bool:
    """Whether `place` holds the last word of this attempt, so that there is nothing to bring."""
    whole = any((run / place / name).is_file() for name in (manifest.NAME, _candidate.NAME))
    return whole and _known(run)["places"].get(place) == {"attempt": attempt, "ended": True}


def _known(run: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        known = read_json(run / NAME)
        if isinstance(known, dict) and isinstance(known.get("places"), dict):
            return known
    return {"schema": 1, "places": {}}


def _is_used(folder: Path) -> bool:
    """Whether the process that made a folder of `work_folder` is still there."""
    number = folder.name.removeprefix(_WORK).partition("-")[0]
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True
