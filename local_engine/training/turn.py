"""One turn of training, as values: what is trained, on which rows, how far, and who listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.definition import Definition
from local_engine.training.contract import Publisher, TrainObserver, TrialBudget

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part
    from local_engine.space.builder import Builder


@dataclass(frozen=True)
class Turn:
    """What a turn works with; nothing in it changes but `hp`, which collects what building and fitting ask for.

    Attributes:
        train: the rows that are trained on.
        validation: the rows that are measured, or None in the final fit, which trains on them too.
        publisher: gets the artifact while the turn goes on, where nobody says when it will be ended; None: at its end only.
    """

    definition: Definition
    data: Dataset
    budget: TrialBudget
    observer: TrainObserver
    folder: Path
    builder: Builder
    seed: int
    hp: Any
    train: Part
    validation: Part | None
    publisher: Publisher | None = None

    @property
    def is_final(self) -> bool:
        """Whether this is the final fit: no validation, no early stopping, and the last epoch's weights are kept."""
        return self.validation is None
