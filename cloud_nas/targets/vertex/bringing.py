"""What a job left, brought home as it is: nothing here looks into an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.targets.remote import Brought, Remote
from cloud_nas.targets.to_bring import engine_best, no_best, no_trial, trials_hint
from cloud_nas.targets.vertex import children, evaluations, exports, naming, standing
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import ENDED, describe
from cloud_nas.targets.vertex.progress import progress
from cloud_nas.targets.vertex.sent import looked_for
from cloud_nas.targets.vertex.storage import Storage

Note = Callable[[str], None]


def bring(remote: Remote, folder: Path, *, trial: int | None = None, note: Note = lambda text: None) -> Brought:
    """Downloads what the best trial, or this one, left, into `folder`.

    Args:
        remote: the job.
        folder: made where it is not there.
        trial: by number; None: the best.
        note: is told what is downloaded, and what is made at the service for that.

    Raises:
        NotFoundError: there is no such trial, or it left nothing.
        FailedError: the job has ended without a best trial, or has none yet.
    """
    client = Client(remote.place)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ask = {"tuning": _trial, "engine": _engine, "automl": _candidate}[str(remote.place["kind"])]
    return ask(client, remote, folder, trial, note)


def _trial(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """The model of one of the tuner's trials."""
    found = describe(client, remote)
    known = children.trials_of(found)
    if trial is None:
        best = children.best_of(found, remote.place)
        if best is None:
            raise no_best(remote, has_ended=found.get("state") in ENDED)
        trial = best.trial
    elif trial not in known:
        raise no_trial(remote, trial, max(known, default=None))
    whose = f"trial {trial} of {remote.run_id}, which is {str(known[trial].get('state', 'unknown')).lower()},"
    model = _archive(remote, f"{trial + 1}/model/{naming.MODEL}", folder, whose, note)
    return Brought("artifact", trial, (model,), metrics=children.metrics_of(known[trial]))


def _engine(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """The final model of an engine job, and its study where it has ended."""
    job = describe(client, remote)
    best = engine_best(remote, progress(remote), trial)
    if job.get("state") not in ENDED:
        raise no_best(remote, has_ended=False)
    archives = [_archive(remote, f"model/{naming.MODEL}", folder, remote.run_id, note)]
    try:
        archives.append(_archive(remote, f"model/{naming.OUTPUT}", folder, remote.run_id, note))
    except NotFoundError:
        note("the job left no study")
    metrics = {} if best is None else {str(remote.place["metric"]): best.value}
    return Brought("artifact", None if best is None else best.trial, tuple(archives), metrics=metrics)


def _candidate(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """What the service measured of AutoML's one model, and the model itself where it can be exported: an edge model."""
    found = describe(client, remote)
    if trial not in (None, evaluations.TRIAL):
        raise no_trial(remote, trial or 0, evaluations.TRIAL)
    if standing.automl(found).state != "succeeded":
        raise no_best(remote, has_ended=found.get("state") in ENDED)
    model = looked_for(lambda: evaluations.model(client, found))
    if model is None:
        raise NotFoundError(f"the model of {remote.run_id} is not there", hint="it was deleted, or fetch again in a minute")
    metrics = evaluations.metrics(client, found)
    archives: tuple[Path, ...] = ()
    if str(remote.place.get("model", "")).startswith("edge"):
        archives = exports.bring(client, remote, model, folder, note)
    else:
        note("the model stays at the service, which alone can run it; cloud-nas evaluate has it score the held-out rows there")
    row = _row(remote, found, model, metrics)
    return Brought("candidate", evaluations.TRIAL, archives, metrics=metrics, candidates=(row,))


def _row(remote: Remote, found: Mapping[str, Any], model: Mapping[str, Any], metrics: Mapping[str, float]) -> dict[str, Any]:
    """AutoML's model as plain data."""
    return {
        "number": evaluations.TRIAL,
        "name": str(model.get("displayName", "")),
        "state": standing.word_of(found),
        "value": metrics.get(str(remote.place["metric"])),
        "metrics": dict(metrics),
        "reason": None,
        "containers": [],
        "model": str(model.get("name", evaluations.name_of(found))),
    }


def _archive(remote: Remote, path: str, folder: Path, whose: str, note: Note) -> Path:
    """An archive below the job's own folder."""
    uri = naming.own_uri(remote) + path
    try:
        return Storage(remote.place).download(uri, folder / path.rpartition("/")[2], note=note)
    except NotFoundError as error:
        raise NotFoundError(f"{whose} left no {path.rpartition('/')[2]}: {uri} is not there", hint=trials_hint(remote)) from error
