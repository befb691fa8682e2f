"""The stand-in's time: the real one, or one that a test moves."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Real:
    """The time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()


class Manual:
    """A time that stands still until it is moved; it begins now, because signatures carry the real time."""

    def __init__(self) -> None:
        self._now = float(int(time.time()))

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        self._now += seconds


def moment(at: float) -> datetime:
    """As AWS's answers have it: with milliseconds, in UTC."""
    return datetime.fromtimestamp(round(at, 3), UTC)
