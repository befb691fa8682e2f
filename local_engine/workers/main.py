"""A worker: loads the user's code and the rows once, then trains turn after turn until its parent has no more for it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import files
from local_engine.errors import DiskError, EngineError, TrialError
from local_engine.workers import forgetting, lifeline, memory
from local_engine.workers.messages import Answer, Begin, Ended, Epoch, Failed, Finish, Ready, Turn

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.training import Artifact


def main(pipe: int, life: int, code: str) -> None:
    """Serves the parent at the other end of `pipe` until it closes it.

    Args:
        pipe: the descriptor of a socket.
        life: the descriptor of a pipe that ends when the parent does.
        code: the folder of the user's files as they were when the search began, for `frozen`.
    """
    lifeline.hold(life)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it tells us
    memory.offer_first()
    with Connection(pipe) as parent:
        try:
            begin = parent.recv()
            worker = _Worker(parent, begin, code)
        except EOFError:
            return
        except EngineError as error:
            parent.send(Failed("engine", error.message, error.hint, error.where, 0))
            return
        parent.send(Ready())
        with contextlib.suppress(EOFError, BrokenPipeError):  # the parent has no more work
            while True:
                worker.serve(parent.recv())


class _Worker:
    """What lives from turn to turn: the rows and the user's function."""

    def __init__(self, parent: Connection, begin: Begin, code: str) -> None:
        from local_engine import sharing
        from local_engine.space import frozen
        from local_engine.space.builder import builder_of
        from local_engine.workers import devices

        self._parent = parent
        self._definition = begin.definition
        devices.configure(begin.slot)
        self._data: Dataset = sharing.take(begin.shared)
        _share_what_is_encoded(begin.shared)
        frozen.use(Path(code))
        self._builder: Builder = builder_of(begin.definition, self._data)

    def serve(self, order: Turn | Finish) -> None:
        """Trains, and says how it went."""
        try:
            with _printing_to(order.log):
                answer = self._trained(order)
        except OSError as error:  # the log itself: no room for it
            answer = _failure(error)
        forgetting.forget_graphs()
        memory.tidy()
        self._parent.send(type(answer)(**{**vars(answer), "memory": memory.own_bytes()}))

    def _trained(self, order: Turn | Finish) -> Ended | Failed:
        try:
            if isinstance(order, Turn):
                return Ended(self._turn(order), 0)
            return Ended(order.order.carry_out(self._data, self._builder), 0)
        except BaseException as error:  # noqa: BLE001 - whatever the user's code raises, the parent has to hear of it
            with contextlib.suppress(OSError):
                traceback.print_exc()
            return _failure(error)

    def _turn(self, turn: Turn) -> Artifact:
        from local_engine.training import TrialBudget, train

        return train(
            self._definition,
            turn.params,
            self._data,
            TrialBudget(turn.epochs, self._definition.train.seconds),
            _Told(self._parent),
            folder=turn.folder,
            builder=self._builder,
            seed=turn.seed,
            space=turn.space,
        )


class _Told:
    """The training's observer: tells the parent of each epoch and waits for what it answers."""

    def __init__(self, parent: Connection) -> None:
        self._parent = parent
        self._stop: str | None = None

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Tells, and keeps the answer."""
        self._parent.send(Epoch(epoch, metrics, value))
        try:
            answer = self._parent.recv()
        except EOFError:  # the parent wants nobody any more; the lifeline would say the same
            os._exit(1)
        assert isinstance(answer, Answer)
        self._stop = answer.stop

    def stop(self) -> str | None:
        """What the parent said to the last epoch."""
        return self._stop


def _share_what_is_encoded(shared: Path) -> None:
    from local_engine.training.encoding import ENCODED

    ENCODED.shared = shared


def _failure(error: BaseException) -> Failed:
    """An error as the parent is told of it."""
    if isinstance(error, EngineError):
        kind = "disk" if isinstance(error, DiskError) else "trial" if isinstance(error, TrialError) else "engine"
        return Failed(kind, error.message, error.hint, error.where, 0)
    if files.says_disk_is_full(error):
        return Failed("disk", files.FULL, None, None, 0)
    from local_engine.training.failures import reason_of

    return Failed("trial", reason_of(error), None, None, 0)


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """All that this process prints, the user's code and TensorFlow's too, goes to the end of `log` meanwhile."""
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = [os.dup(1), os.dup(2)]
    _flush()
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(target, 1)
        os.dup2(target, 2)
        yield
    finally:
        _flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for descriptor in (target, *kept):
            os.close(descriptor)
        with contextlib.suppress(OSError):
            if not log.stat().st_size:
                log.unlink()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
