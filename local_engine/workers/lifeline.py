"""A worker ends with its parent, however that ends: a thread waits for the end of a pipe that only the parent holds open."""

from __future__ import annotations

import os
import threading


def hold(descriptor: int) -> None:
    """Ends this process, at once and without any cleaning up, when the other end of the pipe is closed.

    What a training writes is whole at any moment, so there is nothing to clean up; and a worker that lived on would write
    where a new one does.
    """

    def wait() -> None:
        os.read(descriptor, 1)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
