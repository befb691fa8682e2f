"""Batch transform: an Autopilot candidate scores rows that were held out, since only AWS can run it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError
from cloud_nas.package.parcel import Parcel
from cloud_nas.targets import travel
from cloud_nas.targets.job import Rows
from cloud_nas.targets.plan import Plan, Request, Upload
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import container, cost, naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.objects import download
from cloud_nas.targets.sagemaker.submitting import send
from cloud_nas.targets.sagemaker.transform_output import read
from cloud_nas.targets.scoring import Scores
from cloud_nas.targets.waiting import waited_for

TARGET = "sagemaker:autopilot"
_ANSWERS = ("predicted_label", "probabilities", "labels")
"""What is asked of a classifier, in this order; a container names those that it can give."""


def plan(client: Client, remote: Remote, parcel: Parcel, rows: Rows) -> Plan:
    """CreateModel and CreateTransformJob for the best candidate, and the upload of the rows.

    Raises:
        FailedError: the job has no best candidate.
    """
    name = f"{remote.name}-{parcel.sha256[:8]}"
    folder = f"{naming.own_uri(remote)}scored/{parcel.sha256[:16]}/"
    uploads = travel.of_parcel(parcel, f"{folder}rows/")
    requests = (
        Request("sagemaker", "CreateModel", _model(client, remote, name)),
        Request("sagemaker", "CreateTransformJob", _job(remote, name, folder, rows)),
    )
    place = remote.place
    return Plan(
        target=TARGET,
        requests=requests,
        uploads=uploads,
        max_cost=cost.transform_estimate(place),
        remains=cost.remains(place, uploads, folder),
        place=place,
        notes=("the held-out rows are uploaded, without their labels, and scored by the service; they train nothing",),
    )


def score(
    client: Client,
    plan: Plan,
    remote: Remote,
    folder: Path,
    *,
    note: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Scores:
    """Carries the plan out; what was made before is found again.

    Raises:
        FailedError: the transform job failed, or its answers are not one a row.
    """
    send(client, plan, note=note)
    for request in plan.requests:
        _create(client, request)
    name = plan.requests[-1].body["TransformJobName"]
    note(f"{name} scores the rows; this takes some minutes")
    waited_for(lambda: _completed(client, name), note=note, sleep=sleep)
    answers = [_download(client, remote, plan, one, folder) for one in plan.uploads]
    model = plan.requests[0].body["Containers"][-1]["Environment"]
    asked = [one for one in model.get("SAGEMAKER_INFERENCE_OUTPUT", "").split(",") if one]
    return read(answers, asked)


def _model(client: Client, remote: Remote, name: str) -> dict[str, Any]:
    found = client.call("sagemaker", "DescribeAutoMLJobV2", AutoMLJobName=remote.name)
    candidate = found.get("BestCandidate") or {}
    listed = candidate.get("InferenceContainers") or _by_processor(candidate)
    if not listed:
        raise FailedError(
            f"{remote.name} has no best candidate that could score rows",
            hint=f"cloud-nas trials {remote.run_id} lists what it tried",
        )
    return {
        "ModelName": name,
        "ExecutionRoleArn": remote.place["role"],
        "Containers": chained(listed),
        **container.vpc(remote.place),
        "Tags": _tags(remote),
    }


def _by_processor(candidate: Mapping[str, Any]) -> list[Any]:
    """Images and texts have a list of containers for each kind of processor."""
    known = candidate.get("InferenceContainerDefinitions") or {}
    return list(known.get("CPU") or known.get("GPU") or [])


def chained(containers: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The containers, each told which answers to give, and which the one before it gives.

    Each names in `SAGEMAKER_INFERENCE_SUPPORTED` what it can answer; one that names nothing passes everything on.
    """
    found: list[dict[str, Any]] = []
    before: str | None = None
    for one in containers:
        environment = dict(one.get("Environment") or {})
        can = [name.strip() for name in environment.get("SAGEMAKER_INFERENCE_SUPPORTED", "").split(",") if name.strip()]
        wanted = ",".join(name for name in _ANSWERS if name in can) or None
        if can and before is not None:
            environment["SAGEMAKER_INFERENCE_INPUT"] = before
        if wanted is not None:
            environment["SAGEMAKER_INFERENCE_OUTPUT"] = wanted
        before = wanted if can else None
        found.append({"Image": one["Image"], "ModelDataUrl": one["ModelDataUrl"], "Environment": environment})
    return found


def _job(remote: Remote, name: str, folder: str, rows: Rows) -> dict[str, Any]:
    is_image = rows.kind == "image"
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{folder}rows/"}}
    kms = remote.place.get("kms_key")
    output = {"S3OutputPath": f"{folder}answers/", "Accept": "text/csv"} | ({"KmsKeyId": kms} if kms else {})
    return {
        "TransformJobName": name,
        "ModelName": name,
        "TransformInput": {"DataSource": source, "ContentType": "image/png" if is_image else "text/csv"}
        | {"SplitType": "None" if is_image else "Line"},
        "TransformOutput": output | ({} if is_image else {"AssembleWith": "Line"}),
        "TransformResources": {"InstanceType": remote.place["instance"], "InstanceCount": 1},
        "Tags": _tags(remote),
    }


def _tags(remote: Remote) -> list[dict[str, str]]:
    """The user's tags and ours: what scores for a job is no job of its own, so it carries no nonce."""
    found = {**remote.place.get("tags", {}), f"{naming.TAG}run": remote.run_id, f"{naming.TAG}scores": remote.name}
    return [{"Key": key, "Value": found[key]} for key in sorted(found)]


def _create(client: Client, request: Request) -> None:
    """Makes it, where it was not made before: its name is of the run and of the very rows."""
    try:
        client.call(request.service, request.operation, **request.body)
    except ServiceError as error:
        if error.service_code not in ("ResourceInUse", "ResourceInUseException") and "already exist" not in error.message:
            raise


def _completed(client: Client, name: str) -> bool | None:
    """Whether the job has ended well; None: it goes on.

    Raises:
        FailedError: it has ended otherwise.
    """
    found = client.call("sagemaker", "DescribeTransformJob", TransformJobName=name)
    status = found["TransformJobStatus"]
    if status in ("Failed", "Stopped"):
        reason = found.get("FailureReason", "no reason given")
        raise FailedError(f"the transform job {name} {status.lower()}: {reason}")
    return True if status == "Completed" else None


def _download(client: Client, remote: Remote, plan: Plan, upload: Upload, folder: Path) -> Path:
    """The answers to one uploaded file, which are called as it is with `.out` behind."""
    answers = str(plan.requests[-1].body["TransformOutput"]["S3OutputPath"])
    name = upload.destination.rpartition("/rows/")[2]
    path = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.out"
    return download(client, remote.place, f"{answers}{name}.out", path)
