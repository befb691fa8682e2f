"""`evaluate` for a model that only its service can run: the rows are sent, scored there, and their answers scored here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import FailedError
from cloud_nas.models import predictions
from cloud_nas.models.evaluate import Evaluation, PartName, metrics_of
from cloud_nas.operations._answers import as_predictions, our_names
from cloud_nas.operations._candidate import PREDICTIONS
from cloud_nas.operations._remote import remote_of
from cloud_nas.operations._run_rows import RunRows, rows_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.package import automl_rows, vertex_rows
from cloud_nas.package.parcel import parcel
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.targets import find
from cloud_nas.targets.base import Target
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.scoring import ScoresThere


@dataclass(frozen=True)
class Scoring:
    """What it would take to have rows scored by the service; `carry_out` does it."""

    rows: RunRows
    plan: Plan

    def carry_out(self, note: Callable[[str], None] = lambda text: None) -> Evaluation:
        """Has the rows scored, writes predictions beside what was fetched, and measures them.

        Raises:
            FailedError: the service could not do it, or its answers are not one a row.
        """
        asked, row = self.rows, self.rows.row
        target = _target(row)
        with tempfile.TemporaryDirectory() as folder:
            scores = target.score(self.plan, remote_of(row), Path(folder), note=note)
        if len(scores.predictions) != asked.part.n:
            raise FailedError(f"{asked.part.n} rows were sent and {len(scores.predictions)} answers came back")
        assert isinstance(target, Target)
        found = as_predictions(
            scores,
            asked.part,
            definition=asked.definition,
            classes=asked.data.classes,
            names=our_names(asked.data.classes, target.needs.rows, images=asked.part.inputs.kind == "image"),
            model=target.scored_by(self.plan),
            part_name=asked.name,
        )
        path = folder_of(row) / "candidate" / PREDICTIONS
        path.parent.mkdir(parents=True, exist_ok=True)
        predictions.write(found, path)
        return Evaluation(found.n, asked.name, metrics_of(found))


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
    target = _target(row)
    rows = rows_of(row, source, part)
    assert isinstance(target, Target)
    if target.needs.rows == "vertex":
        vertex_rows.write_unlabelled(rows.part, work / "rows", rows.definition.data.target)
    else:
        automl_rows.write_unlabelled(rows.part, work / "rows")
    return Scoring(rows, target.scoring(remote_of(row), parcel(work / "rows"), rows.told))


def _target(row: RunRow) -> ScoresThere:
    target = find(row.target)
    assert isinstance(target, ScoresThere)
    return target
