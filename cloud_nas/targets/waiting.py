"""Waiting for something at a place that takes minutes, whatever the network does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cloud_nas.errors import UnreachableError

FIRST, PAUSE = 1.0, 15.0
"""Seconds between two looks; they grow from the first."""

Found = TypeVar("Found")


def waited_for(look: Callable[[], Found | None], *, note: Callable[[str], None], sleep: Callable[[float], None]) -> Found:
    """What a look finds in the end.

    Args:
        look: gives None while it goes on. A place that does not answer then is asked again.
        note: told of that.
        sleep: lets seconds pass.
    """
    pause = FIRST
    while True:
        pause = min(PAUSE, 2 * pause)
        try:
            found = look()
        except UnreachableError as error:
            note(f"{error.message}; asking again")
            found = None
        if found is not None:
            return found
        sleep(pause)
