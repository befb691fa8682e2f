"""The best artifact so far, made while a training goes on that may be ended without a word."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.training import checkpoint, composing
from local_engine.training.contract import Publisher

if TYPE_CHECKING:
    from local_engine.training.progress import Progress


class Publishing:
    """Hands a trial's best artifact to its publisher, in the rhythm that a `Publisher` promises.

    Args:
        publisher: takes it.
        write: makes it in a folder, of the model's present weights.
    """

    def __init__(self, publisher: Publisher, write: Callable[[Path], object]) -> None:
        self._publisher = publisher
        self._write = write
        self._rhythm = checkpoint.Rhythm(publisher.oldest)
        self._published: int | None = None

    def epoch_ended(self, model: Any, progress: Progress) -> None:
        """Publishes where there is something better and the time for it; weights and optimizer are then as they were."""
        best, epoch = progress.best, progress.best_epoch
        if best is None or epoch is None or epoch == self._published:
            return
        if self._published is not None and not self._rhythm.is_due(0):
            return
        began = time.monotonic()
        present = checkpoint.values_of(model.variables)
        checkpoint.assign(model.variables, best)
        try:
            with composing.compiled_again(model):
                self._publisher.publish(self._write)
        finally:
            checkpoint.assign(model.variables, present)
        self._published = epoch
        self._rhythm.saved(time.monotonic() - began)
