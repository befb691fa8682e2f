"""What a run wrote down of its best trial: enough to train it again and to tell whether the same came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError
from cloud_nas.models import manifest
from cloud_nas.models.manifest import Manifest
from cloud_nas.operations.trials import STUDY
from cloud_nas.runs.row import RunRow
from local_engine.definition import Value
from local_engine.files import read_json, read_json_lines


@dataclass(frozen=True)
class Recorded:
    """The best trial of a run.

    `curve` is the objective after each epoch that it trained; `final` the manifest of the run's model where that was made of this
    trial, `test` its scores on the held-out rows. `code` is the sha256 of all code that travelled, as the run's identity has it.
    """

    run_id: str
    folder: Path
    trial: int
    value: float
    curve: tuple[float | None, ...]
    manifest: Manifest
    final: Manifest | None
    test: Mapping[str, float] | None
    code: str

    @property
    def params(self) -> dict[str, Value]:
        """The trial's hyperparameters, those discovered while building too."""
        return dict(self.manifest.raw["params"])

    @property
    def seed(self) -> int:
        """The trial's seed."""
        return int(self.manifest.raw["seed"])

    @property
    def study(self) -> Path:
        """The study's file; it may not be there."""
        return self.folder / STUDY


def recorded(row: RunRow, folder: Path) -> Recorded:
    """What the run in `folder` wrote down of its best trial.

    Raises:
        FailedError: no trial has a value, or what is needed to train it again was cleaned away.
    """
    if row.best is None:
        raise FailedError(f"no trial of {row.run_id} has a value", hint=f"cloud-nas trials {row.run_id}")
    number = row.best.trial
    trial, final = _manifest(folder / "trials" / str(number)), _manifest(folder / "model")
    if final is not None and not _of_trial(final, trial, row):
        final = None
    best, curve = trial or final, tuple(_curve(folder / "trials" / str(number)))
    if best is None or not curve:
        raise FailedError(f"what trial {number} of {row.run_id} was trained with was cleaned away", hint="run its spec again")
    value = row.best.value
    if trial is not None:  # what a turn that was interrupted wrote behind it is not part of it
        value, curve = trial.raw["value"], curve[: trial.raw["epochs"]]
    test = None if final is None else read_json(final.folder / "metrics.json").get("test")
    return Recorded(row.run_id, folder, number, value, curve, best, final, test, row.identity.code)


def _manifest(folder: Path) -> Manifest | None:
    return manifest.read(folder) if (folder / manifest.NAME).is_file() else None


def _of_trial(final: Manifest, trial: Manifest | None, row: RunRow) -> bool:
    """Whether the run's model was made of its best trial; an attempt that was interrupted leaves the model of the one before."""
    if trial is not None:
        return bool(final.raw["seed"] == trial.raw["seed"])
    assert row.best is not None
    params = final.raw["params"]
    return all(params.get(name) == value for name, value in row.best.params.items())


def _curve(folder: Path) -> list[float | None]:
    """The objective after each epoch, in order; an estimator has one."""
    rows: dict[int, Any] = {int(one["epoch"]): one.get("value") for one in read_json_lines(folder / "curve.jsonl")}
    return [rows[epoch] for epoch in sorted(rows)]
