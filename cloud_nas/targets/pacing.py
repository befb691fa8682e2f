"""How often a service may be asked: calls of one kind pass no faster than its rate, some of them at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable


class Pace:
    """Lets calls pass as a service counts them. One object may be used from many threads.

    Args:
        clock: seconds that never go back.
        sleep: lets seconds pass.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._next: dict[Hashable, float] = {}
        self._guard = threading.Lock()

    def wait(self, kind: Hashable, rate: float, *, burst: int = 1) -> None:
        """Waits until a call may pass.

        Args:
            kind: what is counted together.
            rate: calls a second; 0 or less: no limit.
            burst: how many may pass at once after a pause.
        """
        if rate <= 0:
            return
        with self._guard:
            now = self._clock()
            due = max(now, self._next.get(kind, now))
            self._next[kind] = due + 1 / rate
        ahead = due - now - (burst - 1) / rate
        if ahead > 0:
            self._sleep(ahead)
