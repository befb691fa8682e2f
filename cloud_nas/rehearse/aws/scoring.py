"""Models and batch transform: rows in the bucket are answered by a candidate's stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws import rules
from cloud_nas.rehearse.aws.calls import Body, Call
from cloud_nas.rehearse.aws.errors import in_use, invalid
from cloud_nas.rehearse.aws.learning import answers
from cloud_nas.rehearse.aws.listing import page
from cloud_nas.rehearse.clock import moment

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

MODEL, TRANSFORM = "model", "transform-job"


class Model:
    """A model: containers, and where their data are."""

    live = False

    def __init__(self, world: World, region: str, request: Mapping[str, Any], at: float) -> None:
        self.name, self.region, self.request, self.created = request["ModelName"], region, request, at
        self.arn = world.arn(region, MODEL, self.name)
        self.modified = at

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        """In the order in which rows go through them."""
        found: list[Mapping[str, Any]] = self.request.get("Containers") or [self.request["PrimaryContainer"]]
        return found


class TransformJob:
    """A batch transform: it takes some time, then its answers are there."""

    def __init__(self, world: World, region: str, request: Mapping[str, Any], at: float) -> None:
        self.world, self.name, self.region, self.request = world, request["TransformJobName"], region, request
        self.arn = world.arn(region, TRANSFORM, self.name)
        self.status, self.created, self.modified = "InProgress", at, at
        self.ended: float | None = None
        self.failure: str | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status == "InProgress"

    def next_at(self) -> float | None:
        """When its answers are there."""
        return self.created + self.world.transform

    def step(self, at: float) -> None:
        """Answers everything."""
        try:
            self._answer()
            self._close("Completed", at)
        except (KeyError, ValueError, IndexError) as error:
            self.failure = f"ClientError: {error!r}"
            self._close("Failed", at)

    def stop(self, at: float) -> None:
        """As StopTransformJob."""
        self._close("Stopped", at)

    def describe(self) -> dict[str, Any]:
        """As DescribeTransformJob has it."""
        kept = (
            "ModelName",
            "MaxPayloadInMB",
            "BatchStrategy",
            "Environment",
            "TransformInput",
            "TransformOutput",
            "TransformResources",
        )
        found = {key: value for key, value in self.summary().items() if key != "LastModifiedTime"}
        found["TransformStartTime"] = moment(self.created)
        return found | {key: self.request[key] for key in kept if key in self.request}

    def summary(self) -> dict[str, Any]:
        """As ListTransformJobs has it."""
        return {
            "TransformJobName": self.name,
            "TransformJobArn": self.arn,
            "CreationTime": moment(self.created),
            "TransformEndTime": None if self.ended is None else moment(self.ended),
            "LastModifiedTime": moment(self.modified),
            "TransformJobStatus": self.status,
            "FailureReason": self.failure,
        }

    def _answer(self) -> None:
        storage, source = self.world.storage, self.request["TransformInput"]
        uri = source["DataSource"]["S3DataSource"]["S3Uri"]
        model = self.world.find(MODEL, self.region, self.request["ModelName"])
        last = model.containers[-1]
        predictor = self.world.predictors.get(last["ModelDataUrl"])
        asked = [
            one for one in last.get("Environment", {}).get("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label").split(",") if one
        ]
        keys = [key for key in storage.keys(uri) if not key.endswith("/")]
        if not keys:
            raise ValueError(f"no objects were found under {uri}")
        target = self.request["TransformOutput"]["S3OutputPath"].rstrip("/")
        for key in keys:
            name = key.removeprefix(uri).lstrip("/") or key.rpartition("/")[2]
            is_image = source.get("ContentType", "").startswith("image/")
            storage.put(f"{target}/{name}.out", answers(predictor, asked, storage.get(key), is_image).encode())

    def _close(self, status: str, at: float) -> None:
        self.status, self.ended, self.modified = status, at, at


def create_model(world: World, region: str, body: Body) -> dict[str, Any]:
    """CreateModel."""
    if world.find(MODEL, region, body["ModelName"]) is not None:
        raise invalid(f'Cannot create already existing model "{world.arn(region, MODEL, body["ModelName"])}".')
    if "PrimaryContainer" not in body and not body.get("Containers"):
        raise invalid("PrimaryContainer or Containers must be given")
    if "ExecutionRoleArn" in body:
        rules.role(world, body["ExecutionRoleArn"])
    model = Model(world, region, body, world.clock.now())
    for one in model.containers:
        if "ModelDataUrl" in one and not world.storage.keys(one["ModelDataUrl"]):
            raise invalid(f"Could not find model data at {one['ModelDataUrl']}.")
    world.add(MODEL, model, body.get("Tags", ()))
    return {"ModelArn": model.arn}


def describe_model(world: World, region: str, body: Body) -> dict[str, Any]:
    """DescribeModel."""
    model = world.find(MODEL, region, body["ModelName"])
    if model is None:
        raise invalid(f'Could not find model "{body["ModelName"]}".')
    kept = ("ModelName", "PrimaryContainer", "Containers", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")
    found = {key: model.request[key] for key in kept if key in model.request}
    return found | {"ModelArn": model.arn, "CreationTime": moment(model.created)}


def delete_model(world: World, region: str, body: Body) -> dict[str, Any]:
    """DeleteModel."""
    if not world.remove(MODEL, region, body["ModelName"]):
        raise invalid(f'Could not find model "{body["ModelName"]}".')
    return {}


def create(world: World, region: str, body: Body) -> dict[str, Any]:
    """CreateTransformJob."""
    if world.find(TRANSFORM, region, body["TransformJobName"]) is not None:
        raise in_use("Job name must be unique within an AWS account and region, and a job with this name already exists")
    if world.find(MODEL, region, body["ModelName"]) is None:
        raise invalid(f'Could not find model "{body["ModelName"]}".')
    resources = body["TransformResources"]
    rules.quota(world, resources["InstanceType"], "transform job", resources["InstanceCount"])
    job = TransformJob(world, region, body, world.clock.now())
    world.add(TRANSFORM, job, body.get("Tags", ()))
    return {"TransformJobArn": job.arn}


def describe(world: World, region: str, body: Body) -> dict[str, Any]:
    """DescribeTransformJob."""
    found: dict[str, Any] = _find(world, region, body).describe()
    return found


def listed(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListTransformJobs."""
    jobs, token = page(world.all(TRANSFORM, region), body, status=lambda job: str(job.status))
    return {"TransformJobSummaries": [job.summary() for job in jobs], "NextToken": token}


def stop(world: World, region: str, body: Body) -> dict[str, Any]:
    """StopTransformJob."""
    job = _find(world, region, body)
    if not job.live:
        raise invalid(f"The request was rejected because the transform job is in status {job.status}.")
    job.stop(world.clock.now())
    return {}


def _find(world: World, region: str, body: Body) -> Any:
    job = world.find(TRANSFORM, region, body["TransformJobName"])
    if job is None:
        raise invalid("Requested resource not found.")
    return job


CALLS: dict[str, Call] = {
    "CreateModel": create_model,
    "DescribeModel": describe_model,
    "DeleteModel": delete_model,
    "CreateTransformJob": create,
    "DescribeTransformJob": describe,
    "ListTransformJobs": listed,
    "StopTransformJob": stop,
}
