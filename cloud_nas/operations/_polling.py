"""How often runs are looked at: the registry all the time, clouds every so often, more seldom the longer nothing changes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from cloud_nas.operations.status import RunStatus, status

FIRST = 5.0
LONGEST = 60.0
"""Seconds between two questions to a cloud; they grow from the first to the longest while nothing changes."""

_GROWTH = 1.5
_SPREAD = 0.2  # many who wait do not ask at the same moment


class Looks:
    """Looks at runs again and again.

    Args:
        run_ids: these, or all.
        clock: seconds that never go back.
        chance: numbers from 0 to 1.
    """

    def __init__(
        self, run_ids: Sequence[str], *, clock: Callable[[], float], chance: Callable[[], float] = random.random
    ) -> None:
        self._run_ids = tuple(run_ids)
        self._clock, self._chance = clock, chance
        self._pause = FIRST
        self._due = clock()
        self._seen: dict[str, RunStatus] = {}

    def look(self) -> list[RunStatus]:
        """Where the runs stand; clouds are asked where it is time for that."""
        asks = self._clock() >= self._due
        found = status(self._run_ids, cached=not asks)
        if asks:
            changed = any(_progress(one) != _progress(self._seen.get(one.run_id)) for one in found)
            self._pause = FIRST if changed else min(LONGEST, self._pause * _GROWTH)
            self._due = self._clock() + self._pause * (1 + _SPREAD * (2 * self._chance() - 1))
            self._seen = {one.run_id: one for one in found}
            return found
        return [self._as_seen(one) for one in found]

    def until_due(self) -> float:
        """Seconds until clouds are asked again."""
        return max(0.0, self._due - self._clock())

    def _as_seen(self, one: RunStatus) -> RunStatus:
        """What was seen last, where the registry knows nothing newer: an unreachable place is so until it is asked again."""
        seen = self._seen.get(one.run_id)
        return seen if seen is not None and one.remote is not None and seen.state == one.state else one


def _progress(one: RunStatus | None) -> object:
    return None if one is None else (one.state, one.trials, one.best)
