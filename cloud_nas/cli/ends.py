"""How runs ended, as an exit status."""

from __future__ import annotations

from collections.abc import Iterable

STILL_RUNNING = 8


def exit_status(states: Iterable[str]) -> int:
    """The worst of them: 8 at work, 6 cancelled, 1 failed or interrupted, 0 done."""
    from cloud_nas.states import LIVE

    ends = {"succeeded": 0, "cancelled": 6}
    return max((STILL_RUNNING if state in LIVE else ends.get(state, 1) for state in states), default=0)
