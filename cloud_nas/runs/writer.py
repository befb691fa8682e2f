"""One writer a run: a lock file that names its holder. The lock dies with the process, however it dies."""

from __future__ import annotations

import getpass
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from cloud_nas.errors import RefusedError
from cloud_nas.runs.row import now

_FILE = "writer.lock"
_WORKERS = "workers.lock"  # the engine's, which its workers hold as long as one of them lives
_PATIENCE = 0.3
"""Seconds for which a writer tries: somebody who only looks holds the lock for some microseconds."""


@dataclass(frozen=True)
class Holder:
    """Who writes a run. `listens`: it takes signals, as a process does whose search is in its main thread."""

    pid: int
    host: str
    user: str
    since: str
    listens: bool = True

    def __str__(self) -> str:
        return f"process {self.pid} of {self.user} on {self.host}, since {self.since}"


@contextmanager
def writing(folder: Path) -> Iterator[Holder]:
    """Holds the run in `folder` for this process while the block lasts.

    Raises:
        RefusedError: another process holds it; the message names the holder. Or the folder cannot be written.
    """
    with ExitStack() as stack:
        with _refusing(folder):
            file = stack.enter_context(_taken(folder))
            me = Holder(os.getpid(), socket.gethostname(), _user(), now(), threading.current_thread() is threading.main_thread())
            file.truncate(0)
            json.dump(asdict(me), file)
            file.flush()
        yield me


def holder(folder: Path) -> Holder | None:
    """Who writes the run in `folder` at this moment; None: nobody, whatever the lock file says."""
    try:
        with (folder / _FILE).open("r+") as file:
            if _lock(file, patience=0.0, shared=True):
                return None
            return _read(file) or Holder(0, "an unknown host", "an unknown user", now())
    except FileNotFoundError:
        return None


def last_holder(folder: Path) -> Holder | None:
    """Who writes the run in `folder`, or wrote it last; None where nobody ever did."""
    try:
        with (folder / _FILE).open() as file:
            return _read(file)
    except FileNotFoundError:
        return None


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Keeps writers away from the run in `folder` while the block lasts; nothing is written, since the disk may be full.

    Raises:
        RefusedError: a process writes the run, or its workers still do.
    """
    with (folder / _FILE).open("a+") as file, (folder / _WORKERS).open("a+") as workers:
        if not _lock(file, patience=_PATIENCE) or not _lock(workers, patience=_PATIENCE):
            named = _read(file) or "another process"
            raise RefusedError(f"the run {folder.name} is being written by {named}", hint=f"cloud-nas cancel {folder.name}")
        yield


@contextmanager
def _taken(folder: Path) -> Iterator[IO[str]]:
    """The lock's file, locked; not one that `clean` deleted in the moment between opening and locking it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / _FILE).open("a+") as file:
            if not _lock(file, patience=_PATIENCE):
                raise RefusedError(
                    f"the run {folder.name} is being written by {_read(file) or 'another process'}",
                    hint=f"wait for it, or follow it: cloud-nas logs {folder.name} --follow",
                )
            if _is_there(folder / _FILE, file):
                yield file
                return


def _is_there(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Says what the disk says, before anything was spent."""
    try:
        yield
    except OSError as error:
        hint = "make room, or set CLOUD_NAS_HOME to a folder that you can write to"
        raise RefusedError(f"cannot write to {folder}: {error.strerror or error}", hint=hint, code="CN608") from error


def _lock(file: IO[str], *, patience: float, shared: bool = False) -> bool:
    """Takes the lock, which ends when the file is closed; False where another process has it.

    Who only looks takes it `shared`, so that those who look do not take one another for the writer.
    """
    import fcntl

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
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
