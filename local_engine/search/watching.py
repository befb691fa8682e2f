"""What a search hears of its crew while it trains, and what it answers: epochs counted and told, caps and the caller kept to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from local_engine.events import EpochEnded, Observer
from local_engine.search.spending import Spending
from local_engine.search.turns import Verdict

if TYPE_CHECKING:
    from local_engine.study import Study

REPORT_EVERY = 5.0
"""Seconds between the points of a curve that the study gets while a trial trains; it gets the others when the turn is over.

A point is a transaction, which costs as much as an epoch of a small model.
"""


class SearchWatch:
    """Follows all turns of a search.

    Args:
        study: gets the points of the learning curves.
        tell: told each epoch.
        spending: counts them.
        stop: what the caller says; a text is the reason to end.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        study: Study,
        tell: Observer,
        spending: Spending,
        stop: Callable[[], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._study = study
        self._tell = tell
        self._spending = spending
        self._stop = stop
        self._clock = clock
        self._points: dict[int, dict[int, float]] = {}
        self._reported = clock()
        self.said: str | None = None
        self.ending: str | None = None

    def ready(self) -> None:
        """The search's time begins."""
        self._spending.begin()

    def epoch(self, number: int, epoch: int, metrics: Mapping[str, float], value: float | None) -> None:
        """Counts and tells an epoch."""
        self._spending.epoch(number, epoch)
        if value is not None:
            self._points.setdefault(number, {})[epoch] = value
        self._tell(EpochEnded(number, epoch, dict(metrics), value))

    def may_go_on(self, others: int) -> Verdict:
        """What the caller says first, then the caps."""
        self.ending = self.ending or self.caller_said() or self._spending.all_spent()
        return Verdict(self.ending, wait=self.ending is None and self._spending.is_reserved(others))

    def why_stop(self) -> str | None:
        """What the caller says, the clock, or what was found before. Meanwhile the study gets its points."""
        if self._clock() - self._reported >= REPORT_EVERY:
            for number in list(self._points):
                self.report(number)
            self._reported = self._clock()
        return self.ending or self.caller_said() or self._spending.out_of_time()

    @property
    def hurry(self) -> bool:
        """Whether the caller wants an end within seconds: a `stop` with a true `hurry`."""
        return bool(getattr(self._stop, "hurry", False))

    def caller_said(self) -> str | None:
        """The caller's reason to end, kept once it was given."""
        self.said = self.said or self._stop()
        return self.said

    def report(self, number: int) -> None:
        """Gives the study the points of a running trial that it does not have yet."""
        points = self._points.pop(number, None)
        if points:
            self._study.report(number, points)
