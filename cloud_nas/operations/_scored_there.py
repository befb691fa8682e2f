"""`evaluate` for a model that only its service can run: the rows are sent, scored there, and their answers scored here."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import FailedError, NotFoundError, UsageError
from cloud_nas.models import predictions
from cloud_nas.models.evaluate import BUILTIN, Evaluation, PartName, metrics_of
from cloud_nas.models.predictions import About, Predictions
from cloud_nas.operations._candidate import PREDICTIONS
from cloud_nas.operations._remote import remote_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.package import automl_names, automl_rows
from cloud_nas.package.parcel import Parcel, parcel
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.targets import find
from cloud_nas.targets.job import Rows
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.scoring import Scores, ScoresThere
from local_engine.definition import Definition
from local_engine.files import read_json

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part


@dataclass(frozen=True)
class Scoring:
    """What it would take to have rows scored by the service; `carry_out` does it."""

    row: RunRow
    plan: Plan
    parcel: Parcel
    part: Part
    part_name: PartName
    definition: Definition
    classes: tuple[str, ...] | None

    def carry_out(self, note: Callable[[str], None] = lambda text: None) -> Evaluation:
        """Has the rows scored, writes predictions beside what was fetched, and measures them.

        Raises:
            FailedError: the service could not do it, or its answers are not one a row.
        """
        target = find(self.row.target)
        assert isinstance(target, ScoresThere)
        with tempfile.TemporaryDirectory() as folder:
            scores = target.score(self.plan, remote_of(self.row), Path(folder), note=note)
        if len(scores.predictions) != self.part.n:
            raise FailedError(f"{self.part.n} rows were sent and {len(scores.predictions)} answers came back")
        found = _predictions(self, scores)
        path = folder_of(self.row) / "candidate" / PREDICTIONS
        path.parent.mkdir(parents=True, exist_ok=True)
        predictions.write(found, path)
        return Evaluation(found.n, self.part_name, metrics_of(found))


def scored_there(model: str | Path) -> RunRow | None:
    """The run whose model only its service can run; None where `model` is something else."""
    with Registry() as registry:
        row = registry.find(str(model))
    return row if row is not None and isinstance(find(row.target), ScoresThere) else None


def scoring(row: RunRow, source: str, part: PartName | None, work: Path) -> Scoring:
    """Plans to have rows of `source` scored; writes them below `work`.

    Raises:
        UsageError: the data are not those of the run, or have no such part.
    """
    from local_engine.data import load

    target = find(row.target)
    assert isinstance(target, ScoresThere)
    definition = _definition(row)
    place = source if source.startswith(BUILTIN) else str(Path(source).expanduser().absolute())
    data = load(dataclasses.replace(definition.data, source=place), definition.task)
    if data.fingerprint != row.identity.data:
        hint = "a service's model scores rows of the data that it was searched on"
        raise UsageError(f"{source} is not what {row.run_id} was searched on", hint=hint)
    name: PartName = part or "test"
    chosen = data.test if name == "test" else getattr(data, name, None)
    if chosen is None:
        raise UsageError(f"these data have no part {name}", hint="--part validation")
    automl_rows.write_unlabelled(chosen, work / "rows")
    sent = parcel(work / "rows")
    plan = target.scoring(remote_of(row), sent, _rows(data))
    return Scoring(row, plan, sent, chosen, name, definition, data.classes)


def _definition(row: RunRow) -> Definition:
    path = folder_of(row) / "definition.json"
    if not path.is_file():
        raise NotFoundError(f"what {row.run_id} searches is not known on this machine", hint=f"cloud-nas fetch {row.run_id}")
    return Definition.from_json(read_json(path))


def _rows(data: Dataset) -> Rows:
    return Rows(data.inputs.kind, data.train.n, data.validation.n, 0 if data.test is None else data.test.n, None)


def _predictions(asked: Scoring, scores: Scores) -> Predictions:
    """The service's answers as our predictions: classes by our names, rows by their ids."""
    import numpy as np

    objective, classes = asked.definition.objective, asked.classes
    about = About(
        task=asked.definition.task,
        rows_sha256=asked.part.sha256(),
        model_sha256=asked.plan.requests[0].body["Containers"][-1]["ModelDataUrl"],
        metric=objective.metric,
        goal=objective.goal,
        classes=classes,
        part=asked.part_name,
    )
    labels, ids = asked.part.labels, asked.part.ids
    if classes is None:
        values = np.asarray([float(value) for value in scores.predictions])
        return Predictions(about, ids, values, None, None if labels is None else labels.astype(np.float64))
    ours = _our_names(asked)
    names = np.asarray(classes, dtype=object)
    try:
        predicted = np.asarray([ours[name] for name in scores.predictions], dtype=object)
    except KeyError as error:
        raise FailedError(f"the service predicted a class that the data do not have: {error.args[0]!r}") from error
    place = {name: index for index, name in enumerate(classes)}
    chances = np.zeros((len(predicted), len(classes)))
    if scores.chances is None:  # the service gives none: all on what it predicts
        chances[np.arange(len(predicted)), [place[name] for name in predicted]] = 1.0
    else:
        for number, row in enumerate(scores.chances):
            for name, value in row.items():
                chances[number, place[ours[name]]] = min(1.0, max(0.0, value))
    return Predictions(about, ids, predicted, chances, None if labels is None else names[labels])


def _our_names(asked: Scoring) -> dict[str, str]:
    """Our name of each class that the service knows: images went in a folder a class."""
    classes = asked.classes or ()
    if asked.part.inputs.kind == "image":
        return {sent: name for name, sent in automl_names.folders(classes).items()}
    return {name: name for name in classes}
