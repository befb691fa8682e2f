"""`show`: all that is known of a run, or of one of its trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.models import manifest
from cloud_nas.operations._finish import held_out_score
from cloud_nas.operations._runs import folder_of, rows, split_name
from cloud_nas.operations.status import RunStatus, status
from cloud_nas.operations.trials import Trial, trials_of
from local_engine.files import read_json_lines


@dataclass(frozen=True)
class ShownRun:
    """A run: where it stands, how its model scored on the held-out rows, its files, and what its manifest says."""

    status: RunStatus
    test: dict[str, float] | None
    folder: Path
    files: tuple[str, ...]
    manifest: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.status.to_json() | {
            "test": self.test,
            "dir": str(self.folder),
            "files": list(self.files),
            "manifest": self.manifest,
        }


@dataclass(frozen=True)
class ShownTrial:
    """A trial: its configuration, its learning curve (one mapping an epoch, by Keras' names), its files and its manifest."""

    run_id: str
    trial: Trial
    curve: tuple[dict[str, Any], ...]
    folder: Path
    files: tuple[str, ...]
    manifest: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return (
            {"run_id": self.run_id}
            | self.trial.to_json()
            | {
                "curve": list(self.curve),
                "dir": str(self.folder),
                "files": list(self.files),
                "manifest": self.manifest,
            }
        )


def show(name: str) -> ShownRun | ShownTrial:
    """A run, or one of its trials.

    Args:
        name: RUN or RUN/TRIAL.

    Raises:
        NotFoundError: there is no such run or trial.
    """
    run_id, number = split_name(name)
    return _run(run_id) if number is None else _trial(run_id, number)


def _run(run_id: str) -> ShownRun:
    (row,) = rows(run_id)
    model = None if row.model is None else Path(row.model)
    return ShownRun(status(run_id)[0], held_out_score(row), folder_of(row), _files(model), _manifest(model))


def _trial(run_id: str, number: int) -> ShownTrial:
    (row,) = rows(run_id)
    trials = {trial.number: trial for trial in trials_of(row)}
    if number not in trials:
        hint = f"it has trials 0 to {max(trials)}" if trials else "it has no trials yet"
        raise NotFoundError(f"no trial {number} in {run_id}", hint=hint)
    folder = folder_of(row) / "trials" / str(number)
    curve = tuple(read_json_lines(folder / "curve.jsonl"))
    return ShownTrial(run_id, trials[number], curve, folder, _files(folder), _manifest(folder))


def _files(folder: Path | None) -> tuple[str, ...]:
    """The files of an artifact, relative to its folder."""
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))


def _manifest(folder: Path | None) -> dict[str, Any] | None:
    """What the manifest of an artifact says, None where there is none (yet)."""
    if folder is None or not (folder / manifest.NAME).is_file():
        return None
    return manifest.to_json(manifest.read(folder))
