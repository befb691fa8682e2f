"""Batch prediction: AutoML's model scores rows that were held out, since only Google can run it."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError, NotFoundError, UnreachableError
from cloud_nas.package.automl_rows import TABLE
from cloud_nas.package.parcel import Parcel
from cloud_nas.spec.google_machines import gpus
from cloud_nas.spec.places import Vertex
from cloud_nas.targets import travel
from cloud_nas.targets.job import Rows
from cloud_nas.targets.plan import Plan, Request, Upload
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.scoring import Scores
from cloud_nas.targets.vertex import container, cost, evaluations, naming
from cloud_nas.targets.vertex.automl_rules import CLOUD, NAME
from cloud_nas.targets.vertex.batch_output import Written, read_images, read_table
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import ENDED, PAGE, describe
from cloud_nas.targets.vertex.sent import looked_for
from cloud_nas.targets.vertex.storage import Storage
from cloud_nas.targets.vertex.submitting import send
from cloud_nas.targets.waiting import waited_for
from local_engine.files import replacing, sha256_of

INSTANCES = "instances.jsonl"
MOST_IMAGE_BYTES = 1_500_000
"""Of an image that is scored."""

_SCORES, _ROWS = f"{naming.LABEL}scores", f"{naming.LABEL}rows"
_DEDICATED = "DEDICATED_RESOURCES"
_DONE = ("JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED")


def plan(remote: Remote, parcel: Parcel, rows: Rows, *, sleep: Callable[[float], None] = time.sleep) -> Plan:
    """CreateBatchPredictionJob for the job's model, and the upload of the rows.

    Args:
        remote: an AutoML job.
        parcel: the rows, without labels. For images the list of them is written beside its folder.
        rows: of which kind they are.
        sleep: lets seconds pass between looks for a model that has just been made.

    Raises:
        FailedError: the job has no model, or one that the service does not serve.
    """
    place = remote.place
    if place.get("model", CLOUD) != CLOUD:
        raise FailedError("the service does not serve edge models", hint=f"cloud-nas fetch {remote.run_id}, which scores it here")
    _check_images(parcel)
    model = _model(Client(place), remote, sleep)
    folder = f"{naming.own_uri(remote)}scored/{parcel.sha256[:16]}/"
    uploads = travel.of_parcel(parcel, f"{folder}rows/")
    if rows.kind == "image":
        uploads = (*uploads, _listed(uploads, parcel, folder))
    body = {"parent": naming.parent(place), "batchPredictionJob": _job(remote, parcel, rows, model, folder)}
    return Plan(
        target=NAME,
        requests=(Request("aiplatform", "CreateBatchPredictionJob", body),),
        uploads=uploads,
        max_cost=cost.batch_estimate(place, machine=_machine(place)),
        remains=cost.remains(place, uploads, folder),
        place=place,
        notes=(
            "the held-out rows are uploaded, without their labels, and scored by the service; they train nothing",
            "the service trains its model once more on all the rows that it has, so its own metric is of another fit than this",
        ),
    )


def score(
    plan: Plan,
    remote: Remote,
    folder: Path,
    *,
    note: Callable[[str], None] = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Scores:
    """Carries the plan out; what was made before is found again.

    Raises:
        FailedError: the job failed, or its answers are not one a row.
    """
    client, storage = Client(plan.place), Storage(plan.place)
    send(storage, plan, note=note)
    (request,) = plan.requests
    name = _made(client, request, sleep)
    note(f"{name.rpartition('/')[2]} scores the rows; this takes some minutes")
    done = waited_for(lambda: _done(client, name), note=note, sleep=sleep)
    written = _download(storage, done, folder)
    if request.body["batchPredictionJob"]["inputConfig"]["instancesFormat"] == "jsonl":
        return read_images(written, [one.destination for one in plan.uploads if one.destination.endswith(".png")])
    (table,) = (Path(one.source) for one in plan.uploads)
    row, count = _sent(table)
    return read_table(written, row, count, str(plan.place["target"]))


def model_of(plan: Plan) -> str:
    """The resource name of the model that scores."""
    return str(plan.requests[0].body["batchPredictionJob"]["model"])


def _check_images(parcel: Parcel) -> None:
    large = [one for one in parcel.files if one.path.endswith(".png") and one.bytes > MOST_IMAGE_BYTES]
    if large:
        what = f"an image has {large[0].bytes} bytes, and the service scores those of {MOST_IMAGE_BYTES} at most"
        raise FailedError(what, hint="an edge model (targets.vertex.automl.model) scores them at home")


def _model(client: Client, remote: Remote, sleep: Callable[[float], None]) -> dict[str, Any]:
    """The model as Google describes it; it may be a little late to be found."""
    found = describe(client, remote)
    if found.get("state") != "PIPELINE_STATE_SUCCEEDED" or evaluations.name_of(found) is None:
        raise FailedError(f"{remote.run_id} has no model that could score rows", hint=f"cloud-nas status {remote.run_id}")
    model = looked_for(lambda: evaluations.model(client, found), sleep=sleep)
    if model is None:
        raise NotFoundError(f"the model of {remote.run_id} is not there", hint="it was deleted, or ask again in a minute")
    return model


def _listed(uploads: tuple[Upload, ...], parcel: Parcel, folder: str) -> Upload:
    """The list of the images, a line of JSON each, in a file beside the parcel."""
    path = parcel.folder.parent / INSTANCES
    with replacing(path) as file:
        lines = (json.dumps({"content": one.destination, "mimeType": "image/png"}) for one in uploads)
        file.writelines(f"{line}\n".encode() for line in lines)
    return Upload(str(path), f"{folder}{INSTANCES}", path.stat().st_size, sha256_of(path))


def _job(remote: Remote, parcel: Parcel, rows: Rows, model: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """BatchPredictionJob. Of machines one, where it takes a number at all: ten are the service's default."""
    is_image = rows.kind == "image"
    kind, source = ("jsonl", f"{folder}{INSTANCES}") if is_image else ("csv", f"{folder}rows/{TABLE}")
    found: dict[str, Any] = {
        "displayName": f"{remote.run_id}-{remote.attempt}-{parcel.sha256[:8]}",
        "model": model["name"],
        "inputConfig": {"instancesFormat": kind, "gcsSource": {"uris": [source]}},
        "outputConfig": {"predictionsFormat": kind, "gcsDestination": {"outputUriPrefix": f"{folder}answers/"}},
        "labels": _labels(remote, parcel),
        **container.encryption({"kms_key": remote.place.get("kms_key")}),
    }
    if is_image:
        found["modelParameters"] = {"confidenceThreshold": 0.0, "maxPredictions": len(rows.classes or ()) or 5000}
    if not is_image or _DEDICATED in model.get("supportedDeploymentResourcesTypes", ()):
        machine = {"machineType": _machine(remote.place)}
        found["dedicatedResources"] = {"machineSpec": machine, "startingReplicaCount": 1, "maxReplicaCount": 1}
    return found


def _machine(place: Mapping[str, Any]) -> str:
    """The place's type of machine; the default where that comes with GPUs, which such models have no use for."""
    machine, default = str(place["machine"]), str(Vertex().machine)
    return machine if gpus(machine, None, 1) is None else default


def _labels(remote: Remote, parcel: Parcel) -> dict[str, str]:
    """The user's labels and ours: what scores for a job is no job of its own, so it carries no nonce."""
    ours = {f"{naming.LABEL}run": remote.run_id, _SCORES: f"{remote.run_id}-{remote.attempt}", _ROWS: parcel.sha256[:32]}
    return dict(sorted({**remote.place.get("labels", {}), **ours}.items()))


def _made(client: Client, request: Request, sleep: Callable[[float], None]) -> str:
    """The job's name; made where none that has not failed was made before."""
    found = _found(client, request)
    if found is None:
        try:
            found = client.call(request.operation, request.body)
        except UnreachableError:
            found = looked_for(lambda: _found(client, request), sleep=sleep)
            if found is None:
                raise
    return str(found["name"])


def _found(client: Client, request: Request) -> dict[str, Any] | None:
    """The job that scores these very rows with this very model: known by its labels, since Google gives names of its own."""
    wanted = request.body["batchPredictionJob"]
    labels = {key: wanted["labels"][key] for key in (_SCORES, _ROWS)}
    condition = " AND ".join(f"labels.{key}={value}" for key, value in labels.items())
    asked = {"parent": request.body["parent"], "filter": condition, "pageSize": PAGE}
    found = [
        one
        for page in client.pages("ListBatchPredictionJobs", asked)
        for one in page.get("batchPredictionJobs", ())
        if labels.items() <= one.get("labels", {}).items() and (one.get("state") not in ENDED or one.get("state") in _DONE)
    ]
    return min(found, key=lambda one: str(one.get("createTime", "")), default=None)


def _done(client: Client, name: str) -> dict[str, Any] | None:
    """The job, where it has ended well; None: it goes on.

    Raises:
        FailedError: it has ended otherwise.
    """
    found = client.call("GetBatchPredictionJob", {"name": name})
    state = str(found.get("state", ""))
    if state in ENDED and state not in _DONE:
        word = state.removeprefix("JOB_STATE_").lower()
        why = " ".join(str(found.get("error", {}).get("message", "no reason given")).split())
        raise FailedError(f"the batch prediction {name.rpartition('/')[2]} {word}: {why}")
    return found if state in _DONE else None


def _download(storage: Storage, done: Mapping[str, Any], folder: Path) -> Written:
    """The files of the output folder; their names are the service's, so they get others here."""
    where = str(done.get("outputInfo", {}).get("gcsOutputDirectory", ""))
    if not where.startswith("gs://"):
        raise FailedError("the service does not say where it wrote its answers")
    found: dict[str, list[Path]] = {"prediction": [], "error": []}
    for one in storage.list(f"{where.rstrip('/')}/"):
        kind = next((kind for kind in found if one.uri.rpartition("/")[2].startswith(kind)), None)
        if kind is not None and one.bytes:
            found[kind].append(storage.download(one.uri, folder / f"{kind}-{len(found[kind])}"))
    return Written(tuple(found["prediction"]), tuple(found["error"]))


def _sent(table: Path) -> tuple[str, int]:
    """The name of the column with the rows' numbers, and how many rows were sent."""
    with table.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        return next(lines)[0], sum(1 for _ in lines)
