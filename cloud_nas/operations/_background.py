"""A search in a process of its own, which outlives whoever started it: starting it, and what that process does."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cloud_nas import errors
from cloud_nas.errors import CloudNasError, FailedError
from cloud_nas.operations._attempt import Order, carry_out
from cloud_nas.operations._runs import folder_of
from cloud_nas.quiet import mute_import
from cloud_nas.runs.row import RunRow
from local_engine.events import Event, Note

OUTPUT = "output.txt"
"""What the process prints, in the run's folder."""

# The starter's own path, so that whatever it can import the process can; -P keeps the working directory out of it.
_CODE = "import sys; sys.path[:] = {path!r}; from cloud_nas.operations._background import main; main({answer}, {order})"


@dataclass(frozen=True)
class Begun:
    """A run that a process works at now, or that was `finished` before; `notes` are what was said on the way."""

    run_id: str
    finished: bool
    notes: tuple[str, ...]


def start(order: Order) -> Begun:
    """Starts the process; waits until it holds the run and its row is written.

    Raises:
        CloudNasError: what it found wrong before that, as `run` would have it.
        FailedError: it ended before that and left no word.
        KeyboardInterrupt: in the middle; the process is told to end.
    """
    ours, theirs = os.pipe()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as asked, os.fdopen(ours) as answers:
        pickle.dump(order, asked)
        asked.flush()
        try:
            first = subprocess.Popen(
                [sys.executable, "-P", "-c", _CODE.format(path=sys.path, answer=theirs, order=asked.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs, asked.fileno()),
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        try:
            first.wait()
            answer = answers.readline()
        except KeyboardInterrupt:
            with suppress(ProcessLookupError):
                os.killpg(first.pid, signal.SIGTERM)
            raise
        if not answer:
            output.seek(0)
            raise FailedError("the process ended before the run began", hint=_last_line(output.read()))
    return _understood(json.loads(answer))


def main(answer: int, order: int) -> None:
    """What the process does.

    Args:
        answer: the descriptor that the starter reads from how the start went.
        order: the descriptor of what is to be run.
    """
    if os.fork():
        os._exit(0)  # the starter waits for this process alone, so that nobody has to wait for the other
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    mute_import()
    with _Starter(os.fdopen(answer, "w")) as starter:
        with os.fdopen(order, "rb") as asked:
            asked.seek(0)
            wanted = pickle.load(asked)
        carry_out(wanted, observers=[starter.hear], begun=starter.begun)


class _Starter:
    """Whoever started this process, while it listens; later on what goes wrong is printed."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe = pipe
        self._notes: list[str] = []

    def hear(self, event: Event) -> None:
        """Keeps what the user is to read."""
        if isinstance(event, Note) and not self._pipe.closed:
            self._notes.append(event.message)

    def begun(self, row: RunRow) -> None:
        """Says that the run is held, and lets the starter go; what is printed goes to the run's folder from now on."""
        finished = row.state == "succeeded"
        if not finished:
            _print_into(folder_of(row) / OUTPUT)
        self._say(json.dumps({"run_id": row.run_id, "finished": finished, "notes": self._notes}))
        self._close()

    def __enter__(self) -> _Starter:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            return False
        known = errors.known(error)
        if not self._pipe.closed:
            self._say(json.dumps(_told(error, known)))
            self._close()
        elif known is not None:
            sys.stderr.write(f"error: {known.message}\n" + (f"hint: {known.hint}\n" if known.hint else ""))
        else:
            traceback.print_exception(error)
        return True

    def _say(self, line: str) -> None:
        with suppress(BrokenPipeError):  # the run goes on though nobody listens
            self._pipe.write(f"{line}\n")
            self._pipe.flush()

    def _close(self) -> None:
        with suppress(BrokenPipeError):
            self._pipe.close()


def _print_into(path: Path) -> None:
    """Has this process print to the end of `path`, after what it printed before."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(target, os.pread(1, os.fstat(1).st_size, 0))
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    os.close(target)


def _told(error: BaseException, known: CloudNasError | None) -> dict[str, Any]:
    """An error as the starter is told of it; `trace` where nobody foresaw it."""
    if known is None:
        return {"trace": "".join(traceback.format_exception(error))}
    values = {name: getattr(known, name) for name in ("message", "hint", "code", "where")}
    return {"error": values | {"kind": type(known).__name__}}


def _understood(answer: dict[str, Any]) -> Begun:
    """How the start went.

    Raises:
        CloudNasError: the error that the process told.
        RuntimeError: one that nobody foresaw.
    """
    if "trace" in answer:
        defect = RuntimeError(answer["trace"].strip().splitlines()[-1])
        defect.add_note(answer["trace"])
        raise defect
    if "error" in answer:
        told = dict(answer["error"])
        kind, message = getattr(errors, told.pop("kind"), CloudNasError), told.pop("message")
        raise (errors.UsageError if kind is errors.SpecError else kind)(message, **told)
    return Begun(answer["run_id"], answer["finished"], tuple(answer["notes"]))


def _last_line(output: bytes) -> str | None:
    lines = output.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), None)
