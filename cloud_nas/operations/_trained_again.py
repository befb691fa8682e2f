"""A recorded trial, trained again as the search trained it, and the final model of it; told to observers as a search is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.operations._conditions import threads_here
from cloud_nas.operations._recorded import Recorded
from local_engine.definition import Definition
from local_engine.events import (
    EpochEnded,
    FinalStarted,
    Note,
    Observer,
    SearchEnded,
    SearchStarted,
    TrialEnded,
    TrialStarted,
)
from local_engine.files import read_json

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.space.flat import Space


@dataclass(frozen=True)
class Trained:
    """What came of it: the objective at the best epoch and after each, the final model's scores on the held-out rows."""

    value: float
    curve: tuple[float | None, ...]
    test: Mapping[str, float]


@dataclass(frozen=True)
class Again:
    """What is needed to train a trial again.

    `definition` is the trial's, with paths that lead to its code; `space` the study's; artifacts go into `folder`.
    """

    found: Recorded
    definition: Definition
    data: Dataset
    builder: Builder
    space: Space
    folder: Path


def train_again(again: Again, observer: Observer) -> Trained:
    """Trains as many epochs as were recorded, in one turn, and makes the final model where there was one.

    Raises:
        TrialError: training failed.
        DiskError: there is no room.
    """
    from local_engine.search.room import told
    from local_engine.training import TrialBudget, train

    found, epochs = again.found, len(again.found.curve)
    following = _Following(found.trial, observer)
    observer(Note(f"training trial {found.trial} of {found.run_id} again"))
    observer(SearchStarted(1, epochs, None, tuple(found.params)))
    observer(TrialStarted(found.trial, found.params, epochs))
    with told(again.folder):
        artifact = train(
            again.definition,
            found.params,
            again.data,
            TrialBudget(epochs),
            following,
            folder=again.folder / "trial",
            builder=again.builder,
            seed=found.seed,
            space=again.space,
        )
        observer(TrialEnded(found.trial, "done", artifact.value, artifact.params, artifact.epochs, artifact.seconds))
        test = {} if found.final is None else _finish(again, observer)
    observer(SearchEnded(found.trial, artifact.value, artifact.seconds, "complete"))
    return Trained(artifact.value, tuple(following.values), test)


def _finish(again: Again, observer: Observer) -> Mapping[str, float]:
    """Makes the final model as it was made, which is not always what the definition asks for; gives its scores."""
    from local_engine.search.turns import FinalOrder

    found, folder, data = again.found, again.folder, again.data
    assert found.final is not None
    refitted = found.final.raw["fit"] == "train+validation"
    final = dataclasses.replace(again.definition.final, fit="train+validation" if refitted else "keep")
    definition = dataclasses.replace(again.definition, final=final)
    epochs = read_json(folder / "trial" / "metrics.json")["best_epoch"] if refitted else 0
    observer(FinalStarted(found.trial, epochs, data.train.n + (data.validation.n if refitted else 0)))
    threads = found.final.raw.get("hardware", {}).get("threads")
    order = FinalOrder(definition, found.params, found.seed, again.space, folder / "trial", folder / "model")
    if refitted and threads not in (None, threads_here()) and definition.space.file is not None:
        from local_engine.workers.apart import finish_apart

        # A search with workers trains a trial with a part of the cores and the final model with all.
        finish_apart(order, threads, data=data, builder=again.builder, folder=folder / "apart")
    else:
        order.carry_out(data, again.builder)
    scores: Mapping[str, float] = read_json(folder / "model" / "metrics.json").get("test") or {}
    return scores


class _Following:
    """A training's observer that tells a search's; it keeps the objective after each epoch."""

    def __init__(self, number: int, observer: Observer) -> None:
        self.values: list[float | None] = []
        self._number = number
        self._observer = observer

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Tells the epoch."""
        self.values.append(value)
        self._observer(EpochEnded(self._number, epoch, metrics, value))

    def stop(self) -> str | None:
        """It trains to its end."""
        return None
