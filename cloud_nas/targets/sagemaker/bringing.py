"""What a job left, brought home as it is: nothing here looks into an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloud_nas.errors import CloudNasError, NotFoundError
from cloud_nas.targets.remote import Brought, Remote
from cloud_nas.targets.sagemaker import candidates, objects
from cloud_nas.targets.sagemaker.children import children, number_of
from cloud_nas.targets.sagemaker.client import Client
from cloud_nas.targets.sagemaker.jobs import ENDED, describe, describe_training_job
from cloud_nas.targets.sagemaker.progress import progress
from cloud_nas.targets.to_bring import engine_best, no_best, no_trial, trials_hint

MODEL = "model.tar.gz"
OUTPUT = "output.tar.gz"
Note = Callable[[str], None]


def bring(remote: Remote, folder: Path, *, trial: int | None = None, note: Note = lambda text: None) -> Brought:
    """Downloads what the best trial, or this one, left, into `folder`.

    Args:
        remote: the job.
        folder: made where it is not there.
        trial: by number; None: the best.
        note: is told what is downloaded.

    Raises:
        NotFoundError: there is no such trial, or it left nothing.
        FailedError: the job has ended without a best trial, or has none yet.
    """
    client = Client(str(remote.place["region"]))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ask = {"tuning": _trial, "engine": _engine, "autopilot": _candidate}[str(remote.place["kind"])]
    return ask(client, remote, folder, trial, note)


def _trial(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """The model of a tuning job's training job."""
    name = _best_child(client, remote) if trial is None else _child(client, remote, trial)
    job = describe_training_job(client, remote, name)
    number = number_of(remote.name, name)
    model = _model(client, remote, job, folder, note, f"trial {number}")
    return Brought("artifact", number, (model,), metrics=_metrics(job))


def _best_child(client: Client, remote: Remote) -> str:
    found = describe(client, remote)
    name = str((found.get("BestTrainingJob") or {}).get("TrainingJobName", ""))
    if number_of(remote.name, name) is None:
        raise no_best(remote, has_ended=found["HyperParameterTuningJobStatus"] in ENDED)
    return name


def _child(client: Client, remote: Remote, trial: int) -> str:
    found = children(client, remote)
    if trial not in found:
        raise no_trial(remote, trial, max(found, default=None))
    return str(found[trial]["TrainingJobName"])


def _engine(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """The final model of an engine job, and its study where it has ended."""
    job = describe(client, remote)
    best = engine_best(remote, progress(client, remote), trial)
    if job["TrainingJobStatus"] not in ENDED:
        raise no_best(remote, has_ended=False)
    model = _model(client, remote, job, folder, note, "the job")
    output = model_uri(job).removesuffix(MODEL) + OUTPUT
    try:
        archives: tuple[Path, ...] = (model, objects.download(client, remote.place, output, folder / OUTPUT, note=note))
    except NotFoundError:
        archives = (model,)
        note("the job left no study")
    metrics = {} if best is None else {str(remote.place["metric"]): best.value}
    return Brought("artifact", None if best is None else best.trial, archives, metrics=metrics)


def _candidate(client: Client, remote: Remote, folder: Path, trial: int | None, note: Note) -> Brought:
    """The artifacts of one of Autopilot's candidates, and the table of all of them."""
    found = describe(client, remote)
    listed = _listed(client, remote)
    if trial is None:
        chosen = found.get("BestCandidate")
        if not chosen:
            raise no_best(remote, has_ended=found["AutoMLJobStatus"] in ENDED)
    elif trial < len(listed):
        chosen = listed[trial]
    else:
        raise no_trial(remote, trial, len(listed) - 1 if listed else None)
    containers = candidates.containers_of(chosen)
    archives = tuple(
        objects.download(client, remote.place, one["ModelDataUrl"], folder / f"container-{number}.tar.gz", note=note)
        for number, one in enumerate(containers)
        if str(one.get("ModelDataUrl", "")).startswith("s3://")
    )
    names = [one["CandidateName"] for one in listed]
    number = names.index(chosen["CandidateName"]) if chosen["CandidateName"] in names else None
    return Brought(
        "candidate",
        number,
        archives,
        metrics=candidates.metrics_of(chosen),
        candidates=tuple(_row(one, names.index(one["CandidateName"])) for one in _best_first(remote, listed)),
        image=str(containers[0]["Image"]) if containers else None,
    )


def _listed(client: Client, remote: Remote) -> list[Mapping[str, Any]]:
    """The table, or none where the endpoint has no such list; the best candidate is told elsewhere too."""
    try:
        return candidates.candidates(client, remote)
    except CloudNasError:
        return []


def _best_first(remote: Remote, listed: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    sign = -1.0 if remote.place.get("goal") == "maximize" else 1.0
    values = {str(one["CandidateName"]): candidates.value_of(one) for one in listed}

    def key(one: Mapping[str, Any]) -> tuple[bool, float]:
        value = values[one["CandidateName"]]
        return value is None, 0.0 if value is None else sign * value

    return sorted(listed, key=key)


def _row(one: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A candidate as plain data."""
    return {
        "number": number,
        "name": str(one["CandidateName"]),
        "state": str(one["CandidateStatus"]),
        "value": candidates.value_of(one),
        "metrics": candidates.metrics_of(one),
        "reason": one.get("FailureReason"),
        "containers": [
            {"image": str(each["Image"]), "artifact": str(each["ModelDataUrl"])} for each in candidates.containers_of(one)
        ],
    }


def model_uri(job: Mapping[str, Any]) -> str:
    """Where a training job's model is; empty where it has none."""
    return str((job.get("ModelArtifacts") or {}).get("S3ModelArtifacts") or "")


def _model(client: Client, remote: Remote, job: Mapping[str, Any], folder: Path, note: Note, whose: str) -> Path:
    uri = model_uri(job)
    if not uri:
        message = f"{whose} of {remote.run_id} left no model: it is {job['TrainingJobStatus']}"
        raise NotFoundError(message, hint=trials_hint(remote))
    return objects.download(client, remote.place, uri, folder / MODEL, note=note)


def _metrics(job: Mapping[str, Any]) -> dict[str, float]:
    """What the service read of a training job's lines; ours are called `val_...`."""
    found = job.get("FinalMetricDataList") or ()
    return {str(one["MetricName"]).removeprefix("val_"): float(one["Value"]) for one in found if one.get("Value") is not None}
