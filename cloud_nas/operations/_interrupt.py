"""Ctrl-C, the end that a supervisor asks for, and `cancel`: how the process that searches is told to end, and ends.

The first Ctrl-C lets the epoch end and saves, the second stops now; SIGTERM is like the first. All leave a run that can go on. A
cancelled run ends within seconds, and can go on too.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Literal

from local_engine.events import Event, FinalStarted

INTERRUPTED: Literal["interrupted"] = "interrupted"
CANCELLED: Literal["cancelled"] = "cancelled"
"""The reasons that `Stop` gives the search; also the states that runs are then in."""

PATIENCE = 8.0
"""Seconds after which a cancelled search that has not ended is ended where it is; workers are given 5 by the engine."""


class CancelledNow(KeyboardInterrupt):
    """Ends a search that was cancelled in the middle of whatever it does."""


class Stop:
    """Asked by the search between epochs; a text is the reason to end there. Also an observer, to know how far the search is.

    Args:
        cancelled: whether somebody wants the run cancelled.
    """

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.reason: Literal["interrupted", "cancelled"] | None = None
        self.is_final = False
        self._cancelled = cancelled

    def __call__(self) -> str | None:
        """The reason to stop, or None."""
        self.look()
        return self.reason

    @property
    def hurry(self) -> bool:
        """Whether an epoch is not to be waited for longer than some seconds."""
        return self.reason == CANCELLED

    def look(self) -> bool:
        """Whether the run is cancelled, which a process learns without a signal too, where it takes none."""
        if self.reason != CANCELLED and self._cancelled():
            self.reason = CANCELLED
        return self.hurry

    def observe(self, event: Event) -> None:
        """Takes note that the best is being made, during which the search asks nobody."""
        if isinstance(event, FinalStarted):
            self.is_final = True


@contextmanager
def interruptible(stop: Stop, say: Callable[[str], None], patience: float = PATIENCE) -> Iterator[None]:
    """Takes SIGINT and SIGTERM over while the block lasts.

    Args:
        stop: told of them.
        say: tells the user what happens next.
        patience: seconds that a cancelled search has to end by itself.

    Raises:
        KeyboardInterrupt: in the block, at the second Ctrl-C.
        CancelledNow: in the block, when a cancelled search does not end by itself.

    Outside the main thread, which alone receives signals, nothing is taken over.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        if stop.reason is not None:
            raise KeyboardInterrupt
        stop.reason = INTERRUPTED
        doing = "the best is being made" if stop.is_final else "stopping after this epoch"
        with suppress(OSError, RuntimeError):  # in the middle of another line, or nobody reads any more
            say(f"{doing}; Ctrl-C again stops now, and both can go on later")

    def end(number: int, frame: FrameType | None) -> None:
        if stop.look():
            signal.setitimer(signal.ITIMER_REAL, patience)
        stop.reason = stop.reason or INTERRUPTED
        if stop.is_final:
            end_now(number, frame)

    def end_now(number: int, frame: FrameType | None) -> None:
        raise CancelledNow if stop.hurry else KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {signal.SIGINT: interrupt, signal.SIGTERM: end, signal.SIGALRM: end_now}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
