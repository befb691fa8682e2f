"""How long a job has worked, over all the times it was started: a spot instance may be taken and given back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from local_engine import files

NAME = "worked.json"
NOTE_EVERY = 5.0
"""Seconds between the times that it is written down."""


class JobClock:
    """Seconds that a job has worked.

    Args:
        folder: of the job's checkpoints.
        limit: seconds it may work.
        clock: seconds that never go back.
    """

    def __init__(self, folder: Path, limit: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / NAME
        self._limit = limit
        self._clock = clock
        self._began = clock()
        self._earlier = _read(self._path)
        self._noted: float | None = None

    @property
    def seconds(self) -> float:
        """So far, over all starts."""
        return self._earlier + self._clock() - self._began

    @property
    def earlier(self) -> float:
        """Before this start."""
        return self._earlier

    @property
    def left(self) -> float:
        """Seconds it may still work; negative where it should have ended."""
        return self._limit - self.seconds

    def note(self) -> None:
        """Writes down how long it has worked, now and then."""
        now = self._clock()
        if self._noted is None or now - self._noted >= NOTE_EVERY:
            files.write_json(self._path, {"seconds": self.seconds})
            self._noted = now


def _read(path: Path) -> float:
    """What was noted; 0 where nothing was, or it cannot be read."""
    try:
        return float(files.read_json(path)["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0
