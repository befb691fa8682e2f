"""How the best is made when a search is over: trained anew on training and validation rows, or kept; then scored once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine import files
from local_engine.definition import Definition, Value
from local_engine.space.flat import Space
from local_engine.space.hp import bind
from local_engine.training import manifest, predicting, scoring, trainer, writing
from local_engine.training.contract import Artifact, TrainObserver, TrialBudget
from local_engine.training.turn import Turn

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder

_OF_TRAINING = ("checkpoint.npz", "curve.jsonl", "log.txt")


def finish(
    definition: Definition,
    params: Mapping[str, Value],
    data: Dataset,
    observer: TrainObserver,
    *,
    source: Path,
    folder: Path,
    builder: Builder,
    seed: int,
    space: Space | None = None,
) -> Artifact:
    """Makes the best trial's final model and scores it on the held-out rows, where there are any.

    Args:
        definition: the search; `final.fit` decides: `train+validation` trains as many epochs as the trial's best, on both parts,
            without early stopping; `keep` takes the trial's model as it is.
        params: the trial's.
        data: parts and preprocessing, which stays what was learnt on the training rows.
        observer: told of each epoch.
        source: the trial's artifact folder.
        folder: where the final artifact goes; what is there is replaced.
        builder: makes the model.
        seed: the trial's, so that the final fit begins as the trial did.
        space: the study's.

    Returns:
        The final artifact; `test` in its `metrics.json` has the scores on the held-out rows.

    Raises:
        TrialError: the final fit failed.
    """
    measured = files.read_json(source / writing.METRICS)
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    if definition.final.fit == "keep":
        artifact = _keep(source, making, params, space or Space(), measured)
    else:
        hp = bind(space or Space(), params, seed)
        budget = TrialBudget(measured["best_epoch"])
        turn = Turn(definition, data, budget, observer, making, builder, seed, hp, data.joined(), None)
        artifact = trainer.run(turn, value=measured["value"])
    for name in _OF_TRAINING:
        (making / name).unlink(missing_ok=True)
    _score(making, definition, data)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return replace(artifact, folder=folder)


def _keep(source: Path, folder: Path, params: Mapping[str, Value], space: Space, measured: Mapping[str, Any]) -> Artifact:
    """A copy of the trial's artifact."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*_OF_TRAINING))
    best = measured["best_epoch"]
    metrics = {name: value for name, value in measured["epochs"][best - 1].items() if name != "epoch"}
    return Artifact(folder, measured["value"], best, len(measured["epochs"]), metrics, dict(params), space, None, 0.0)


def _score(folder: Path, definition: Definition, data: Dataset) -> None:
    """Adds the scores on the held-out rows to `metrics.json`, by the model as it was saved, and renews the manifest's hashes."""
    if data.test is None or data.test.labels is None:
        return
    about = manifest.read(folder)
    outputs = predicting.predict(predicting.load_model(folder, trust=True), data.test)
    measured = files.read_json(folder / writing.METRICS)
    measured["test"] = scoring.score(definition.task, data.test.labels, outputs, about["output"])
    files.write_json(folder / writing.METRICS, measured)
    manifest.write(folder, {**about, "files": manifest.files_of(folder)})
