"""A remote run's model, brought home: downloaded, unpacked, verified, and scored on the rows that never left."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from cloud_nas.errors import FailedError, NotFoundError
from cloud_nas.models import loading
from cloud_nas.models.arriving import arrive
from cloud_nas.models.manifest import Manifest
from cloud_nas.operations import _arrivals, _candidate
from cloud_nas.operations._edge import score_here as score_edge_here
from cloud_nas.operations._held_out import score_here
from cloud_nas.operations._kept_code import sha256_in_place
from cloud_nas.operations._remote import look, remote_of, target_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.operations._study_home import bring_study_home
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import LIVE
from cloud_nas.targets.remote import Brought
from local_engine.definition import Definition
from local_engine.errors import EngineError
from local_engine.files import read_json

Note = Callable[[str], None]
_MODEL, _OUTPUT = "model.tar.gz", "output.tar.gz"


def bring_home(row: RunRow, trial: int | None, note: Note) -> Path:
    """Brings the run's model, or a trial's, into the run's folder; what is there of this attempt is not brought again.

    Args:
        row: a run at a target that submits.
        trial: whose model; None: the best.
        note: told what the user should know.

    Returns:
        The artifact's folder; the candidate's, where the model runs only at its service.

    Raises:
        NotFoundError: there is no such trial, or it left nothing.
        FailedError: there is no model, or what came is not what its manifest says.
        RefusedError: what came is not safe.
        CredentialsError, UnreachableError: the place did not let us, or did not answer.
    """
    run = folder_of(row)
    for place in ("model", "candidate") if trial is None else (f"trials/{trial}", f"candidates/{trial}"):
        if _arrivals.is_there(run, place, attempt=row.attempt):
            return run / place
    if row.rehearsed:
        raise NotFoundError(f"what {row.run_id} left is gone with the stand-in that it ran at", hint="cloud-nas rehearse SPEC")
    target, row = target_of(row), look([row])[0].row
    with _arrivals.work_folder(run) as work:
        downloads = work / "downloads"
        downloads.mkdir(mode=0o700)
        brought = target.bring(remote_of(row), downloads, trial=trial, note=note)
        if brought.kind == "candidate":
            place = "candidate" if trial is None else f"candidates/{trial}"
            _candidate.keep(brought, downloads)
            _candidate.keep_predictions(brought, run / place, downloads)
            found = _placed(row, downloads, place)
            score_edge_here(row, found, note)
            return found
        return _artifact(row, brought, trial, work, note)


def _artifact(row: RunRow, brought: Brought, trial: int | None, work: Path, note: Note) -> Path:
    """Archives of ours, looked through and put where a run here would have them."""
    archives = {path.name: path for path in brought.archives}
    if _MODEL not in archives:
        raise FailedError(f"{row.run_id} left no {_MODEL}")
    made = work / "model"
    found = arrive(archives[_MODEL], made)
    if found.dropped:
        note(f"left out, as the manifest does not list them: {', '.join(found.dropped[:5])}")
    if row.identity.data and found.manifest.data_fingerprint != row.identity.data:
        raise FailedError(f"the model that came back was trained on other data than {row.run_id}")
    if _OUTPUT in archives:
        bring_study_home(archives[_OUTPUT], work, folder_of(row))
    definition = definition_of_run(row)
    _trust_own_code(row, found.manifest, definition)
    score_here(made, definition, row, note)
    place = _placed(row, made, "model" if trial is None else f"trials/{trial}")
    if trial is None:
        _remember_model(row, place)
    return place


def _placed(row: RunRow, made: Path, place: str) -> Path:
    run = folder_of(row)
    _arrivals.put(made, run / place)
    _arrivals.note(run, place, attempt=row.attempt, ended=row.state not in LIVE)
    return run / place


def definition_of_run(row: RunRow) -> Definition | None:
    """What the run searches, with the paths of this machine; None where that is not known here."""
    path = folder_of(row) / "definition.json"
    try:
        return Definition.from_json(read_json(path))
    except (OSError, ValueError, EngineError):
        return None


def _trust_own_code(row: RunRow, found: Manifest, definition: Definition | None) -> None:
    """Code that came back just as it lies here is the user's own."""
    if not found.raw["custom_objects"] or definition is None or definition.space.file is None:
        return
    came = loading.code_of(found.folder)
    if came == sha256_in_place(definition):
        with Registry() as registry:
            registry.trust(came, row.run_id)


def _remember_model(row: RunRow, place: Path) -> None:
    with Registry() as registry, registry.transaction():
        known = registry.find(row.run_id)
        if known is not None:
            registry.update(dataclasses.replace(known, model=str(place)))
