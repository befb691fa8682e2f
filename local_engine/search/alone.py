"""One search a folder, workers included: a lock that is free only when the last process of the attempt before is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local_engine.errors import StorageError

NAME = "workers.lock"
PATIENCE = 30.0
"""Seconds that the workers of a search whose process was killed are waited for; they end with it, in a moment."""


@contextmanager
def alone(
    folder: Path, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Iterator[int | None]:
    """Holds the lock of `folder`. Gives its descriptor, which workers hold open too; None where files cannot be locked.

    Raises:
        StorageError: another search works in this folder.
    """
    import fcntl

    with (folder / NAME).open("a+") as file:
        until = clock() + PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock() > until:
                    hint = "wait until it is over, or end it"
                    raise StorageError("another search is at work in this folder", hint=hint, where=str(folder)) from None
                sleep(0.05)
            except OSError:  # a file system without locks, such as a bucket that is mounted
                yield None
                return
        yield file.fileno()
