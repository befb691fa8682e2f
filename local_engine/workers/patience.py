"""How long a turn is waited for that says nothing: a cap holds within one epoch's length, and a hang holds nobody up."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_EPOCH = 60.0
"""Seconds that a first epoch is given to end, when the search's own time is over and no epoch has told how long one takes."""

HURRY = 5.0
"""Seconds that an epoch is given to end when somebody waits for it."""

LEAST = 5.0
"""Seconds of grace at least: what writing a checkpoint or a model may take."""


@dataclass
class Patience:
    """One turn on the clock. Times are seconds of one clock that never goes back.

    Args:
        limit: the longest the turn may take, or None.
        began: when it began.
        saving: whether all its epochs are trained; what it does then takes as long as it takes.
    """

    limit: float | None
    began: float
    longest: float = 0.0
    last: float | None = None
    saving: bool = False

    def epoch(self, now: float) -> None:
        """An epoch has ended."""
        self.longest = max(self.longest, now - (self.began if self.last is None else self.last))
        self.last = now

    def exceeded(self, now: float) -> bool:
        """Whether the turn has taken longer than it may, and its present epoch longer than an epoch takes.

        A training looks at its limit itself after each epoch, so this is only true of one whose epoch does not end.
        """
        return self.limit is not None and not self.saving and now - self.began > self.limit + max(self.longest, LEAST)

    def exhausted(self, now: float, *, asked: float, hurry: bool) -> bool:
        """Whether a turn that should end since `asked` has been waited for long enough."""
        if hurry:
            return now - asked > HURRY
        return now - asked > (FIRST_EPOCH if self.last is None or self.saving else 1.5 * self.longest + LEAST)
