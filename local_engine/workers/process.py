"""One worker process as its parent sees it: started with a pipe of its own, spoken to, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from local_engine.training.failures import OUT_OF_MEMORY
from local_engine.workers import devices, memory
from local_engine.workers.messages import Answer, Begin, Finish, FromWorker, Ready, Turn

# The parent's own path, so that whatever it can import a worker can; -P keeps the working directory out of it.
_CODE = "import sys; sys.path[:] = {path!r}; from local_engine.workers.main import main; main({pipe}, {life}, {files!r})"
_PATIENCE = 2.0
"""Seconds that a worker which is told to go may take."""


class Worker:
    """A process that trains one turn at a time.

    Attributes:
        ready: whether it has read code and data; what it is given before waits in the pipe.
        order: what it works at, or None.
        log: what it prints outside of turns.
    """

    def __init__(self, begin: Begin, *, files: Path, log: Path, keep_open: Sequence[int] = ()) -> None:
        """Starts the process.

        Args:
            begin: told to it first.
            files: the folder of the user's files that it imports.
            log: gets what it prints while it starts.
            keep_open: descriptors that it holds open until it ends.
        """
        self.ready = False
        self.order: Turn | Finish | None = None
        self.log = log
        self._kills = memory.kills()
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _CODE.format(path=sys.path, pipe=theirs.fileno(), life=life, files=str(files))],
                    env=devices.environment(begin.slot, os.environ),
                    pass_fds=(theirs.fileno(), life, *keep_open),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C and the terminal's end are the parent's affair
                )
        finally:
            theirs.close()
            os.close(life)
        self.connection = Connection(ours.detach())
        self._send(begin)

    def give(self, order: Turn | Finish) -> None:
        """Has it work at `order`; one that is lost meanwhile is found out by `receive`."""
        self.order = order
        self._send(order)

    def answer(self, stop: str | None) -> None:
        """Answers an `Epoch`."""
        self._send(Answer(stop))

    def receive(self) -> FromWorker | None:
        """What it says next; None where it is lost."""
        try:
            said: FromWorker = self.connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(said, Ready):
            self.ready = True
        return said

    @property
    def last_words(self) -> str | None:
        """What it printed last while it started."""
        try:
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        except OSError:
            return None
        return lines[-1] if lines else None

    def why_lost(self) -> str:
        """A short reason, for the process that `receive` found lost."""
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return "the worker closed its pipe"
        if status == -signal.SIGKILL and memory.kills() > self._kills:
            return OUT_OF_MEMORY
        if status < 0:
            return f"the worker was killed ({signal.Signals(-status).name})"
        return f"the worker ended (exit status {status})"

    def kill(self) -> None:
        """Ends it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._gone()

    def close(self) -> None:
        """Lets it go when it has no work; it is ended if it does not."""
        self.connection.close()
        if self.order is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
        self.kill()

    def _gone(self) -> None:
        self._process.wait()
        self.connection.close()
        if self._life >= 0:
            os.close(self._life)
            self._life = -1

    def _send(self, message: Begin | Turn | Finish | Answer) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(message)
