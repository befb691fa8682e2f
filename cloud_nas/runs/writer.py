"""One writer a run: a lock file that names its holder. The lock dies with the process, however it dies."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from cloud_nas.errors import RefusedError
from cloud_nas.runs.row import now

_FILE = "writer.lock"
_PATIENCE = 0.3
"""Seconds for which a writer tries: somebody who only looks holds the lock for some microseconds."""


@dataclass(frozen=True)
class Holder:
    """Who writes a run."""

    pid: int
    host: str
    user: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user} on {self.host}, since {self.since}"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Holds the run in `folder` for this process while the block lasts.

    Raises:
        RefusedError: another process holds it; the message names the holder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _FILE).open("a+") as file:
        if not _lock(file, patience=_PATIENCE):
            named = _read(file)
            raise RefusedError(
                f"the run {folder.name} is being written by {named or 'another process'}",
                hint=f"wait for it, or follow it: cloud-nas status {folder.name}",
            )
        file.truncate(0)
        json.dump(asdict(Holder(os.getpid(), socket.gethostname(), _user(), now())), file)
        file.flush()
        yield


def holder(folder: Path) -> Holder | None:
    """Who writes the run in `folder` at this moment; None: nobody, whatever the lock file says."""
    try:
        with (folder / _FILE).open("r+") as file:
            if _lock(file, patience=0.0):
                return None
            return _read(file) or Holder(0, "an unknown host", "an unknown user", now())
    except FileNotFoundError:
        return None


def _lock(file: IO[str], *, patience: float) -> bool:
    """Takes the lock, which ends when the file is closed; False where another process has it."""
    import fcntl

    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        else:
            return True


def _read(file: IO[str]) -> Holder | None:
    """What the lock file says; None where it is empty or torn."""
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None


def _user() -> str:
    """The name of whoever runs this; a number where the machine has no name for it, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
