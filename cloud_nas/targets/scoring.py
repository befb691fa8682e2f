"""Models that only their place can run, and what they say of rows that are sent to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.package.parcel import Parcel
from cloud_nas.targets.job import Rows
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Remote


@dataclass(frozen=True)
class Scores:
    """What a service says of rows, in the order in which they were sent.

    `predictions` are classes by the name that was sent, or numbers as text. `chances` are the probabilities of the classes, for
    each row; None for a regression, or where the service gives none.
    """

    predictions: tuple[str, ...]
    chances: tuple[Mapping[str, float], ...] | None = None


class ScoresThere(ABC):
    """The place keeps a job's model, and scores rows with it. What that takes is planned, priced and confirmed like a job."""

    @abstractmethod
    def scoring(self, remote: Remote, parcel: Parcel, rows: Rows) -> Plan:
        """What would be made to score the rows of `parcel`, which have no labels, with the best model of a job.

        Asks the place for that model. The name of what is made derives from job and rows, so that it is made once.

        Raises:
            FailedError: the job has found no model.
        """

    @abstractmethod
    def score(self, plan: Plan, remote: Remote, folder: Path, *, note: Callable[[str], None] = lambda text: None) -> Scores:
        """Uploads the rows, has them scored, waits, and downloads what came out into `folder`.

        Raises:
            FailedError: the service could not do it, or gave more or fewer rows than it was sent.
        """

    @abstractmethod
    def scored_by(self, plan: Plan) -> str:
        """What the model that a plan of `scoring` asks is known by at the place: the one that the predictions are of."""
