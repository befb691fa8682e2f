"""Held-out rows never travel: a model that was trained elsewhere is scored on them when it comes home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cloud_nas.errors import CloudNasError
from cloud_nas.models import loading, manifest, predictions
from cloud_nas.models.evaluate import metrics_of
from cloud_nas.models.predict import predict
from cloud_nas.operations._engine import in_our_words, missing_parts
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from local_engine.definition import Definition
from local_engine.errors import DataError
from local_engine.files import read_json, write_json

PREDICTIONS = "predictions.parquet"
_METRICS = "metrics.json"


def score_here(folder: Path, definition: Definition | None, row: RunRow, note: Callable[[str], None]) -> None:
    """Predicts the held-out rows, writes predictions beside the model, and its `test` metrics; a note says why where it cannot.

    Args:
        folder: the artifact, whole.
        definition: what was searched, with the paths of this machine; None where that is not known.
        row: the run.
        note: told why there are no such metrics.
    """
    if definition is None or missing_parts():
        note(
            "not scored on the held-out rows: " + ("its spec" if definition is None else "the engine") + " is not on this machine"
        )
        return
    try:
        with in_our_words():
            _score(folder, definition, row, note)
    except CloudNasError as error:
        note(f"not scored on the held-out rows: {error.message}")


def _score(folder: Path, definition: Definition, row: RunRow, note: Callable[[str], None]) -> None:
    from local_engine.data import load

    try:
        data = load(definition.data, definition.task)
    except DataError as error:
        note(f"not scored on the held-out rows: {error.message}")
        return
    if row.identity.data and data.fingerprint != row.identity.data:
        note("not scored on the held-out rows: the data are not what they were when it was submitted")
        return
    if data.test is None:
        return
    with Registry() as registry:
        model = loading.load(folder, trusts=registry.trusts)
    scored = predict(model, [data.test], part="test")
    predictions.write(scored, folder / PREDICTIONS)
    measured = read_json(folder / _METRICS)
    write_json(folder / _METRICS, measured | {"test": metrics_of(scored)})
    for name in (PREDICTIONS, _METRICS):
        manifest.list_file(folder, name)
