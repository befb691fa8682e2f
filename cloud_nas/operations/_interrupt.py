"""Ctrl-C: the first lets the epoch end and saves, the second stops now. Both leave a run that can go on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = "interrupted"
"""The reason that `stop` gives the search."""


class Stop:
    """Asked by the search after each epoch; a text is the reason to end there."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> str | None:
        """The reason to stop, or None."""
        return INTERRUPTED if self.asked else None


@contextmanager
def interruptible(first: Callable[[], None]) -> Iterator[Stop]:
    """Takes Ctrl-C over while the block lasts.

    Args:
        first: called at the first one, to tell the user what happens next.

    Outside the main thread, which alone receives signals, nothing is taken over.
    """
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        first()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
