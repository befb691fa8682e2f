"""`wait`: until runs have ended, in whatever process they are at work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from cloud_nas.errors import UsageError
from cloud_nas.operations._polling import Looks
from cloud_nas.operations._runs import LOCAL
from cloud_nas.operations.status import RunStatus
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
    chance: Callable[[], float] = random.random,
    note: Callable[[str], None] = lambda text: None,
) -> list[RunStatus]:
    """Waits until nobody works at these runs any more.

    A cloud that cannot be asked, or where nobody is logged in any more, is asked again until it can be: after a new login it
    goes on.

    Args:
        run_ids: a run, or several.
        timeout: the longest to wait, `"6h"` or seconds; None: as long as it takes.
        clock: seconds that never go back.
        sleep: lets seconds pass.
        chance: numbers from 0 to 1; clouds are not asked at the very same intervals by all who wait.
        note: is told when a cloud cannot be asked, and when it can be again.

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
    looks, troubles = Looks(asked, clock=clock, chance=chance), _Troubles(note)
    while True:
        found = looks.look()
        troubles.tell(found)
        live = [one for one in found if one.state in LIVE]
        if not live:
            return found
        here = any(one.target == LOCAL for one in live)
        nap = pause if here else max(looks.until_due(), FIRST_PAUSE)
        left = nap if until is None else min(nap, until - clock())
        if left <= 0:
            return found
        sleep(left)
        pause = min(LONGEST_PAUSE, pause * 1.3)


class _Troubles:
    """Tells once that a cloud cannot be asked, and once that it can be again."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._told: str | None = None

    def tell(self, found: Sequence[RunStatus]) -> None:
        """Takes in how a look went."""
        trouble = next((one.trouble for one in found if one.trouble is not None), None)
        if trouble is None:
            if self._told is not None:
                self._note("reachable again")
            self._told = None
        elif trouble.message != self._told:
            way_out = f"; {trouble.hint}" if trouble.hint else ""
            self._note(f"unreachable: {trouble.message}{way_out}; waiting goes on")
            self._told = trouble.message


def _seconds(timeout: float | str) -> float:
    try:
        seconds = float(timeout)
    except ValueError:
        seconds = -1.0
    try:
        return seconds if seconds >= 0 else parse_duration(timeout)
    except ValueError as error:
        raise UsageError(f"not a timeout: {timeout!r}", hint=str(error)) from error
