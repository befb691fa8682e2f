"""What a search has spent of its budget, over all attempts, and whether that is all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from local_engine import files
from local_engine.definition import Budget

NAME = "spent.json"
OUT_OF_TIME = "the time is over"
OUT_OF_EPOCHS = "the epochs are used up"


class Spending:
    """Seconds and epochs.

    Seconds of earlier attempts are read from the run's folder, where `note` writes them; epochs are counted per trial, each
    epoch of a trial once, however many turns it took.

    Args:
        folder: the run's.
        budget: the caps.
        epochs: trial number -> epochs it has trained in earlier turns.
        until: gives a reason, where the time is over for another than the budget's sake.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        folder: Path,
        budget: Budget,
        epochs: Iterable[tuple[int, int]],
        *,
        until: Callable[[], str | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = folder / NAME
        self._budget = budget
        self._until = until
        self._clock = clock
        self._epochs = dict(epochs)
        self._earlier = float(files.read_json(self._path)["seconds"]) if self._path.exists() else 0.0
        self._began: float | None = None
        self._noted = 0.0

    @property
    def epochs(self) -> int:
        """Epochs of all trials together."""
        return sum(self._epochs.values())

    @property
    def seconds(self) -> float:
        """From the first training to now, over all attempts."""
        return self._earlier + (0.0 if self._began is None else self._clock() - self._began)

    @property
    def told(self) -> float:
        """From the first training to the last tell, over all attempts."""
        return self._earlier + self._noted

    def begin(self) -> None:
        """The first training of this attempt begins."""
        self._began = self._clock() if self._began is None else self._began

    def epoch(self, number: int, epoch: int) -> None:
        """Trial `number` has trained `epoch` epochs."""
        self._epochs[number] = max(epoch, self._epochs.get(number, 0))

    def trained(self, number: int) -> int:
        """How many epochs trial `number` has trained."""
        return self._epochs.get(number, 0)

    def note(self) -> None:
        """A turn is over: what it took is written down."""
        self._noted = self.seconds - self._earlier
        files.write_json(self._path, {"seconds": self.told})

    def out_of_time(self) -> str | None:
        """The reason, where the time is over."""
        if self._budget.seconds is not None and self.seconds >= self._budget.seconds:
            return OUT_OF_TIME
        return self._until()

    def all_spent(self) -> str | None:
        """Why nothing more may be trained, or None."""
        if self._budget.epochs is not None and self.epochs >= self._budget.epochs:
            return self.out_of_time() or OUT_OF_EPOCHS
        return self.out_of_time()

    def is_reserved(self, others: int) -> bool:
        """Whether all that is left is what `others`, at work at an epoch each, may yet use."""
        return self._budget.epochs is not None and self.epochs + others >= self._budget.epochs
