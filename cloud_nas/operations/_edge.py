"""An edge model that a service's AutoML made and that came home: scored here, in a process of its own, as any other model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import CloudNasError, FailedError
from cloud_nas.models import edge, predictions
from cloud_nas.models.evaluate import Evaluation, PartName, metrics_of
from cloud_nas.models.predictions import Predictions
from cloud_nas.operations import _candidate
from cloud_nas.operations._answers import as_predictions, our_names
from cloud_nas.operations._engine import in_our_words, missing_parts, require_engine
from cloud_nas.operations._run_rows import data_of, definition_of, rows_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.targets import find
from cloud_nas.targets.scoring import Scores, ScoresThere
from local_engine.definition import Definition
from local_engine.files import sha256_of

if TYPE_CHECKING:
    from local_engine.data import Part

Note = Callable[[str], None]


@dataclass(frozen=True)
class EdgeAtHome:
    """The model of a run, which lies in `folder` as it was brought."""

    row: RunRow
    folder: Path

    def evaluate(self, source: str, part: PartName | None, note: Note = lambda text: None) -> Evaluation:
        """Scores rows of the data that the model was searched on, and writes the predictions beside it.

        Raises:
            UsageError: the data are not those of the run, or have no such part.
            FailedError: the model is damaged, or is none for these images.
        """
        rows = rows_of(self.row, source, part)
        found = self._predictions(rows.part, rows.definition, rows.data.classes, rows.name, note)
        predictions.write(found, self.folder / _candidate.PREDICTIONS)
        return Evaluation(found.n, rows.name, metrics_of(found))

    def predict(self, source: str, note: Note = lambda text: None) -> Predictions:
        """Predicts for raw images; what an image is, is read from the data that the model was searched on.

        Raises:
            DataError: the rows, or those data, cannot be read.
            FailedError: the model is damaged, or is none for these images.
        """
        from local_engine.data import read_rows

        definition = definition_of(self.row)
        own, data = data_of(definition), definition.data
        part = read_rows(source, own.inputs, classes=own.classes, target=data.target, id=data.id)
        return self._predictions(part, definition, own.classes, None, note)

    def _predictions(
        self, part: Part, definition: Definition, classes: tuple[str, ...] | None, name: PartName | None, note: Note
    ) -> Predictions:
        require_engine()
        path = self._path()
        model = edge.read(path)
        (chances,) = model.outputs([part], note)
        names = our_names(classes, find(self.row.target).needs.rows, images=True)
        ours = list(names)  # in the order of our classes: of two that are as likely, the first is meant everywhere
        order = sorted(range(len(model.labels)), key=lambda place: _place(ours, model.labels[place]))
        labels, chances = [model.labels[place] for place in order], chances[:, order]
        scores = Scores(
            tuple(labels[place] for place in chances.argmax(axis=1)),
            tuple(dict(zip(labels, row, strict=True)) for row in chances.tolist()),
        )
        return as_predictions(
            scores,
            part,
            definition=definition,
            classes=classes,
            names=names,
            model=sha256_of(path),
            part_name=name,
        )

    def _path(self) -> Path:
        """The model's file, which is what came."""
        path = self.folder / edge.NAME
        if not path.is_file() or _candidate.read(self.folder).files.get(edge.NAME) != sha256_of(path):
            raise FailedError(f"{path} is not what was brought", hint=f"delete {self.folder}, and cloud-nas fetch again")
        return path


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def edge_at_home(model: str | Path) -> EdgeAtHome | None:
    """The edge model of a run; None where `model` is something else.

    Raises:
        FailedError: the run has one, and it has not come home yet.
    """
    with Registry() as registry:
        row = registry.find(str(model))
    if row is None or not isinstance(find(row.target), ScoresThere):
        return None
    folder = folder_of(row) / "candidate"
    if (folder / edge.NAME).is_file():
        return EdgeAtHome(row, folder)
    if str(row.place.get("model", "")).startswith("edge"):
        raise FailedError(f"the model of {row.run_id} has not been brought home yet", hint=f"cloud-nas fetch {row.run_id}")
    return None


def score_here(row: RunRow, folder: Path, note: Note) -> None:
    """Scores the held-out rows with an edge model that has just come, if it is one; a note says why where that cannot be."""
    if not (folder / edge.NAME).is_file():
        return
    if missing_parts():
        note("not scored on the held-out rows: the engine is not on this machine")
        return
    try:
        with in_our_words():
            source = definition_of(row).data.source
            EdgeAtHome(row, folder).evaluate(str(source), None, note)
    except CloudNasError as error:
        note(f"not scored on the held-out rows: {error.message}")
