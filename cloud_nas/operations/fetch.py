"""`fetch`: a copy of a run's model, or of a trial's, wherever one wants it; whole and as its manifest says, or not at all.

What ran elsewhere is brought into the run's folder first, once, so that `predict`, `show` and `report` find it there too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError, NotFoundError, UsageError
from cloud_nas.models import edge, loading, manifest
from cloud_nas.models.copying import CopiedFile, copy, copy_plain
from cloud_nas.models.manifest import Manifest
from cloud_nas.operations import _candidate
from cloud_nas.operations._engine import missing_parts
from cloud_nas.operations._remote import is_remote
from cloud_nas.operations._runs import folder_of, rows, split_name
from cloud_nas.operations.trials import trials_in
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE
from local_engine.files import read_json

_METRICS = "metrics.json"


@dataclass(frozen=True)
class Fetched:
    """A copy of an artifact, or of what a service's own AutoML left.

    `trial` is None where it is the run's own model. `metrics` are measured on the held-out rows where `part` is `test`; on the
    validation rows otherwise, the objective alone. `runnable`: this machine can score it, without `--trust`. `candidates` is a
    service's table of what it tried, the best first, `metrics` its own then; such a model runs only there, but for edge models.
    """

    run_id: str
    trial: int | None
    dir: Path
    files: tuple[CopiedFile, ...]
    metrics: Mapping[str, float]
    part: str
    runnable: bool
    candidates: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_candidate(self) -> bool:
        """Whether it is what a service's own AutoML left, which is no artifact of ours."""
        return all(file.path != manifest.NAME for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """The keys that `fetch --json` promises, and `trial`, `part`, `candidates` beside them."""
        return vars(self) | {
            "dir": str(self.dir),
            "files": [vars(one) for one in self.files],
            "metrics": dict(self.metrics),
            "candidates": [dict(one) for one in self.candidates],
        }


def fetch(
    run: str,
    *,
    trial: int | None = None,
    to: str | os.PathLike[str] | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Fetched:
    """Copies a model, verifying every file on the way.

    Args:
        run: RUN, or RUN/TRIAL.
        trial: the trial whose model is wanted; None: the run's final one, or the best trial's where a service made the trials.
        to: the new folder; `./RUN` or `./RUN-TRIAL` when None. One that holds this very model already is left as it is.
        note: told what the user should know while a model is brought from elsewhere.

    Raises:
        NotFoundError: there is no such run or trial, or the trial's files were tidied away.
        FailedError: there is no model yet, or a file is not what the manifest says.
        RefusedError: the folder holds something else, or cannot be written; or what came from elsewhere is not safe.
        UsageError: `run` names one trial and `trial` another.
        CredentialsError, UnreachableError: where it ran did not let us, or did not answer.
    """
    run_id, named = split_name(run)
    if None not in (named, trial) and named != trial:
        raise UsageError(f"{run} is one trial, --trial {trial} another", hint="name one of them")
    number = trial if named is None else named
    (row,) = rows(run_id)
    folder = Path(to) if to is not None else Path(run_id if number is None else f"{run_id}-{number}")
    folder = folder.expanduser().absolute()
    if is_remote(row):
        from cloud_nas.operations._bringing import bring_home

        found = bring_home(row, number, note)
    else:
        found = _artifact(row, number)
    if not (found / manifest.NAME).is_file():
        return _fetched_candidate(row, number, found, folder)
    source = manifest.read(found)
    files = copy(source, folder)
    metrics, part = _metrics(folder, source)
    return Fetched(run_id, number, folder, files, metrics, part, _runnable(source))


def _fetched_candidate(row: RunRow, trial: int | None, found: Path, folder: Path) -> Fetched:
    """What a service's own AutoML left: what only it can run, or an edge model that runs here as well."""
    left = _candidate.read(found)
    files = copy_plain(found, {**left.files, _candidate.NAME: None}, folder)
    runnable = edge.NAME in left.files and not missing_parts()
    return Fetched(row.run_id, trial, folder, files, left.metrics, "validation", runnable, left.candidates)


def _artifact(row: RunRow, trial: int | None) -> Path:
    """The folder to copy from."""
    if trial is not None:
        folder = folder_of(row) / "trials" / str(trial)
        if not (folder / manifest.NAME).is_file():
            _require_model(row, trial, folder)
        return folder
    folder = folder_of(row) / "model"
    if not (folder / manifest.NAME).is_file():
        hint = f"cloud-nas wait {row.run_id}" if row.state in LIVE else f"cloud-nas status {row.run_id} tells where it stands"
        raise FailedError(f"{row.run_id} has no model{' yet' if row.state in LIVE else ''}: it is {row.state}", hint=hint)
    return folder


def _require_model(row: RunRow, trial: int, folder: Path) -> None:
    """Says why a trial has no model; it is only read from the study then, which takes a moment."""
    name = f"{row.run_id}/{trial}"
    if (folder / _METRICS).is_file():
        reason = f"the model of {name} is gone: of the trials' files those of the best are kept"
        raise NotFoundError(reason, hint="`final: {keep: all}` in the spec keeps them all")
    known = {one.number: one for one in trials_in(folder_of(row))}
    if trial not in known:
        hint = f"it has trials 0 to {max(known)}" if known else "it has no trials yet"
        raise NotFoundError(f"no trial {trial} in {row.run_id}", hint=hint)
    raise FailedError(f"{name} has no model: it is {known[trial].state}", hint=f"cloud-nas show {name} tells more")


def _metrics(folder: Path, source: Manifest) -> tuple[dict[str, float], str]:
    """What the artifact's own measurements say, and on which rows."""
    measured = read_json(folder / _METRICS)
    if measured.get("test"):
        return dict(measured["test"]), "test"
    return {source.definition.objective.metric: measured["value"]}, "validation"


def _runnable(source: Manifest) -> bool:
    """Whether the engine is there and, for a model with code of its own, whether that ran here."""
    if missing_parts():
        return False
    if not source.raw["custom_objects"]:
        return True
    with Registry() as registry:
        return registry.trusts(loading.code_of(source.folder))
