"""`wait`: until runs have ended, in whatever process they are at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cloud_nas.errors import UsageError
from cloud_nas.operations.status import RunStatus, status
from cloud_nas.spec.durations import parse_duration
from cloud_nas.states import LIVE

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 1.0
"""Seconds between two looks at the registry; they grow from the first to the longest, since most waits are long or very short."""


def wait(
    run_ids: str | Sequence[str],
    timeout: float | str | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[RunStatus]:
    """Waits until nobody works at these runs any more.

    Args:
        run_ids: a run, or several.
        timeout: the longest to wait, `"6h"` or seconds; None: as long as it takes.
        clock: seconds that never go back.
        sleep: lets seconds pass.

    Returns:
        Where the runs stand; some are still at work where the time was over first.

    Raises:
        NotFoundError: there is no such run.
        UsageError: no run is named, or the timeout is no duration.
    """
    asked = (run_ids,) if isinstance(run_ids, str) else tuple(run_ids)
    if not asked:
        raise UsageError("no run to wait for", hint="cloud-nas status lists them")
    until = None if timeout is None else clock() + _seconds(timeout)
    pause = FIRST_PAUSE
    while True:
        found = status(asked)
        if not any(one.state in LIVE for one in found):
            return found
        left = pause if until is None else min(pause, until - clock())
        if left <= 0:
            return found
        sleep(left)
        pause = min(LONGEST_PAUSE, pause * 1.3)


def _seconds(timeout: float | str) -> float:
    try:
        seconds = float(timeout)
    except ValueError:
        seconds = -1.0
    try:
        return seconds if seconds >= 0 else parse_duration(timeout)
    except ValueError as error:
        raise UsageError(f"not a timeout: {timeout!r}", hint=str(error)) from error
