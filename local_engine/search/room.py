"""Room on the disk: looked for before anything is trained, and said plainly when it runs out in the middle."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_engine import files
from local_engine.errors import DiskError

LEAST = 64 << 20
"""Bytes that must be free before a search begins: a small model with its checkpoint and the study take about so much."""

_HINT = "make room, or free some with `cloud-nas clean`; then run it again: it goes on where it stopped"


def check(folder: Path) -> None:
    """Makes `folder` and writes to it once.

    Raises:
        DiskError: it cannot be written to, or there is too little room.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise DiskError(f"cannot write to {folder}: {error.strerror or error}", hint=_HINT, where=str(folder)) from error
    if free < LEAST:
        message = f"only {free >> 20} MB are free on the disk of {folder}; a search needs {LEAST >> 20} MB at least"
        raise DiskError(message, hint=_HINT, where=str(folder))


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turns what the disk says, however deep it was said, into one error.

    Raises:
        DiskError: it is full, or has become read-only.
    """
    try:
        yield
    except DiskError as error:
        raise DiskError(error.message, hint=error.hint or _HINT, where=error.where or str(folder)) from error
    except Exception as error:
        if not files.says_disk_is_full(error):
            raise
        raise DiskError(files.FULL, hint=_HINT, where=str(folder)) from error
