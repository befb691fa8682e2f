"""What an ask hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_engine.definition import Value

if TYPE_CHECKING:
    from local_engine.study.study import Study


@dataclass(frozen=True)
class StudyTrial:
    """One turn of a trial: train `params` from `first_epoch` until `epochs` are trained in all, then tell the study.

    Attributes:
        number: the trial's number, from 0; a promoted trial comes again with the same one.
        params: name -> value, of active hyperparameters only.
        epochs: the total to have trained at the end of this turn; None in a study without `max_epochs`.
        first_epoch: what is trained already, 0 for a new trial.
        seed: the trial's own seed. What building discovers is to be drawn with it: it is then what the study would have drawn.
    """

    number: int
    params: Mapping[str, Value]
    epochs: int | None
    first_epoch: int
    seed: int
    _study: Study = field(repr=False, compare=False)

    def report(self, value: float, step: int) -> None:
        """Keeps a point of the learning curve: the objective after epoch `step`, from 1 over the whole trial. It may be NaN."""
        self._study.report(self.number, {step: float(value)})

    def should_prune(self) -> bool:
        """Whether the trial should end now. These strategies decide at rungs only, so never."""
        return False
