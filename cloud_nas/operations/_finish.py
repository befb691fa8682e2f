"""How a search ended, as the run's row; and what is made of its model: predictions for the held-out rows, and trust."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import CancelledError, CapError, CloudNasError, FailedError
from cloud_nas.models import loading, manifest, predictions
from cloud_nas.models.evaluate import metrics_of
from cloud_nas.models.predict import predict
from cloud_nas.operations._interrupt import Stop
from cloud_nas.operations._runs import GO_ON, folder_of
from cloud_nas.operations.trials import trials_in
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Best, TrialCounts

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.search import Outcome

PREDICTIONS = "predictions.parquet"


def ended(row: RunRow, outcome: Outcome, stop: Stop) -> RunRow:
    """The row of a search that came to an end, whatever end; `stop` is what it asked."""
    best = outcome.best
    found = None if best is None or best.value is None else Best(best.number, best.value, dict(best.params))
    total = outcome.total if row.trials.total is None else row.trials.total
    counts = TrialCounts(outcome.done, outcome.failed, outcome.pruned, total)
    row = dataclasses.replace(row, trials=counts, best=found, seconds=outcome.seconds, reason=outcome.reason)
    if stop.reason is not None and outcome.model is None:
        return stopped(row, stop)
    if outcome.model is None:
        return dataclasses.replace(row, state="failed", reason=_common_reason(row) or outcome.reason)
    return dataclasses.replace(row, state="succeeded", model=str(outcome.model.absolute()), note=None)


def stopped(row: RunRow, stop: Stop) -> RunRow:
    """The row of a search that somebody ended, and that can go on."""
    state = stop.reason or "interrupted"
    return dataclasses.replace(row, state=state, reason=state, note=GO_ON)


def _common_reason(row: RunRow) -> str | None:
    """Why most of the failed trials failed; None where none did."""
    reasons = Counter(trial.reason for trial in trials_in(folder_of(row)) if trial.state == "failed" and trial.reason)
    return reasons.most_common(1)[0][0] if reasons else None


def failure(row: RunRow) -> CloudNasError | None:
    """What to raise of a run that ended without a model; None where there is nothing to raise."""
    if row.state == "cancelled":
        return CancelledError(f"{row.run_id} was cancelled", hint="cloud-nas run with the same spec goes on")
    if row.state != "failed":
        return None
    if row.trials.failed and not row.trials.done:
        return FailedError(f"all {row.trials.failed} trials failed: {row.reason}", hint=f"cloud-nas trials {row.run_id}")
    hint = f"allow more under `budget:`; {row.run_id} goes on from where it stopped"
    return CapError(f"nothing was found before the search ended: {row.reason}", hint=hint)


def score_held_out(row: RunRow, data: Dataset) -> dict[str, float] | None:
    """Predicts the held-out rows once, beside the model, and scores them; None where the data have none."""
    if row.model is None or data.test is None:
        return None
    folder = Path(row.model)
    model = loading.load(folder, trust=True, here=True)  # it was made in this process a moment ago
    scored = predict(model, [data.test], part="test")
    predictions.write(scored, folder / PREDICTIONS)
    manifest.list_file(folder, PREDICTIONS)
    return metrics_of(scored)


def held_out_score(row: RunRow) -> dict[str, float] | None:
    """What `score_held_out` found when the run ended, read back; None where there were no such rows."""
    path = None if row.model is None else Path(row.model) / PREDICTIONS
    return metrics_of(predictions.read(path)) if path is not None and path.is_file() else None


def remember(registry: Registry, row: RunRow) -> None:
    """Remembers the code and the models of a run that was made here, so that they load without asking."""
    folder = folder_of(row)
    if (folder / "code").is_dir():
        registry.trust(loading.code_of(folder), row.run_id)
    for artifact in (folder / "model", *(folder / "trials").glob("*")):
        if (artifact / manifest.NAME).is_file():
            for sha256 in manifest.read(artifact).loaded.values():
                registry.trust(sha256, row.run_id)
            if any((artifact / "code").rglob("*")):
                registry.trust(loading.code_of(artifact), row.run_id)
