"""SageMaker's operations on training and tuning jobs, and on tags: a request in, an answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.rehearse.aws import rules
from cloud_nas.rehearse.aws.errors import in_use, invalid, missing
from cloud_nas.rehearse.aws.listing import page, take
from cloud_nas.rehearse.aws.training import TrainingJob
from cloud_nas.rehearse.aws.tuning import TuningJob
from cloud_nas.rehearse.aws.world import World

Body = Mapping[str, Any]
Call = Callable[[World, str, Body], dict[str, Any]]
TRAINING, TUNING = "training-job", "hyper-parameter-tuning-job"
_NAME = "HyperParameterTuningJobName"


def create_training_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """CreateTrainingJob."""
    name = body["TrainingJobName"]
    if world.find(TRAINING, region, name) is not None:
        raise in_use(f"Training job names must be unique within an AWS account and region; a job named {name} exists")
    if "TrainingImage" not in body.get("AlgorithmSpecification", {}):
        raise invalid("AlgorithmSpecification.TrainingImage is required")
    rules.training(world, region, body)
    job = TrainingJob(world, name, region, body, world.clock.now())
    world.add(TRAINING, job, body.get("Tags", ()))
    return {"TrainingJobArn": job.arn}


def describe_training_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """DescribeTrainingJob."""
    found: dict[str, Any] = _training(world, region, body).describe()
    return found


def list_training_jobs(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListTrainingJobs: children of tuning jobs too."""
    jobs, token = page(world.all(TRAINING, region), body, status=lambda job: str(job.status))
    return {"TrainingJobSummaries": [job.summary() for job in jobs], "NextToken": token}


def stop_training_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """StopTrainingJob: refused for one that has ended."""
    job = _training(world, region, body)
    if not job.live:
        raise invalid(f"The request was rejected because the training job is in status {job.status}.")
    job.stop(world.clock.now())
    return {}


def create_tuning_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """CreateHyperParameterTuningJob."""
    name = body[_NAME]
    if world.find(TUNING, region, name) is not None:
        raise in_use(f"A hyperparameter tuning job with the name {name} already exists")
    rules.tuning(world, region, body)
    job = TuningJob(world, name, region, body, world.clock.now())
    world.add(TUNING, job, body.get("Tags", ()))
    return {"HyperParameterTuningJobArn": job.arn}


def describe_tuning_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """DescribeHyperParameterTuningJob."""
    found: dict[str, Any] = _tuning(world, region, body).describe()
    return found


def list_tuning_jobs(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListHyperParameterTuningJobs."""
    jobs, token = page(world.all(TUNING, region), body, status=lambda job: str(job.status))
    return {"HyperParameterTuningJobSummaries": [job.summary() for job in jobs], "NextToken": token}


def list_children(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListTrainingJobsForHyperParameterTuningJob: ascending by name unless asked otherwise."""
    job = _tuning(world, region, body)

    def value(child: Any) -> float:
        found = child.final(job.metric)
        return float("-inf") if found is None else float(found)

    keys: dict[str, Callable[[Any], Any]] = {"FinalObjectiveMetricValue": value}
    asked = {"SortBy": "Name", "SortOrder": "Ascending"} | dict(body)
    jobs, token = page(job.children, asked, status=lambda child: str(child.status), keys=keys)
    return {"TrainingJobSummaries": [child.child_summary() for child in jobs], "NextToken": token}


def stop_tuning_job(world: World, region: str, body: Body) -> dict[str, Any]:
    """StopHyperParameterTuningJob: refused for one that has ended."""
    job = _tuning(world, region, body)
    if not job.live:
        raise invalid(f"The request was rejected because the hyperparameter tuning job is in status {job.status}.")
    job.stop(world.clock.now())
    return {}


def list_tags(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListTags."""
    found = [{"Key": key, "Value": value} for key, value in sorted(_tags(world, body).items())]
    tags, token = take(found, body, default=50)
    return {"Tags": tags, "NextToken": token}


def add_tags(world: World, region: str, body: Body) -> dict[str, Any]:
    """AddTags."""
    tags = _tags(world, body)
    tags.update({one["Key"]: one["Value"] for one in body["Tags"]})
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def delete_tags(world: World, region: str, body: Body) -> dict[str, Any]:
    """DeleteTags."""
    tags = _tags(world, body)
    for key in body["TagKeys"]:
        tags.pop(key, None)
    return {}


def _training(world: World, region: str, body: Body) -> Any:
    job = world.find(TRAINING, region, body["TrainingJobName"])
    if job is None:
        raise invalid("Requested resource not found.")
    return job


def _tuning(world: World, region: str, body: Body) -> Any:
    job = world.find(TUNING, region, body[_NAME])
    if job is None:
        raise missing(f"Hyperparameter tuning job {body[_NAME]} does not exist")
    return job


def _tags(world: World, body: Body) -> dict[str, str]:
    found = world.tags.get(body["ResourceArn"])
    if found is None:
        raise invalid(f"{body['ResourceArn']} does not exist")
    return found


CALLS: dict[str, Call] = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe_training_job,
    "ListTrainingJobs": list_training_jobs,
    "StopTrainingJob": stop_training_job,
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_children,
    "StopHyperParameterTuningJob": stop_tuning_job,
    "ListTags": list_tags,
    "AddTags": add_tags,
    "DeleteTags": delete_tags,
}
