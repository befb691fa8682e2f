"""SageMaker's operations on Autopilot jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud_nas.rehearse.aws import rules
from cloud_nas.rehearse.aws.automl import AutoMLJob
from cloud_nas.rehearse.aws.calls import Body, Call
from cloud_nas.rehearse.aws.candidate import candidate_json
from cloud_nas.rehearse.aws.errors import in_use, invalid, missing
from cloud_nas.rehearse.aws.listing import page, take
from cloud_nas.rehearse.aws.world import World

AUTOML = "automl-job"


def create(world: World, region: str, body: Body) -> dict[str, Any]:
    """CreateAutoMLJobV2."""
    name = body["AutoMLJobName"]
    if world.find(AUTOML, region, name) is not None:
        raise in_use(f"AutoMLJob with name {name} already exists")
    _check(world, region, body)
    at = world.clock.now()
    job = AutoMLJob(world, name, region, body, at, world.course(name, body, at))
    world.add(AUTOML, job, body.get("Tags", ()))
    return {"AutoMLJobArn": job.arn}


def describe(world: World, region: str, body: Body) -> dict[str, Any]:
    """DescribeAutoMLJobV2."""
    found: dict[str, Any] = _find(world, region, body).describe()
    return found


def listed(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListAutoMLJobs."""
    jobs, token = page(world.all(AUTOML, region), body, status=lambda job: str(job.status))
    return {"AutoMLJobSummaries": [job.summary() for job in jobs], "NextToken": token}


def stop(world: World, region: str, body: Body) -> dict[str, Any]:
    """StopAutoMLJob."""
    job = _find(world, region, body)
    if not job.live:
        raise invalid(f"AutoML job {job.name} is in status {job.status} and cannot be stopped")
    job.stop(world.clock.now())
    return {}


def candidates(world: World, region: str, body: Body) -> dict[str, Any]:
    """ListCandidatesForAutoMLJob: by the time of creation, the newest first, unless asked otherwise."""
    job = _find(world, region, body)
    keys: dict[str, Callable[[Any], Any]] = {
        "CreationTime": lambda one: one.begun,
        "Status": lambda one: one.failure is not None,
        "FinalObjectiveMetricValue": lambda one: one.value,
    }
    found = sorted(
        job.candidates, key=keys[body.get("SortBy", "CreationTime")], reverse=body.get("SortOrder", "Descending") == "Descending"
    )
    cut, token = take(found, body)
    told = [candidate_json(job, one) for one in cut]
    if "StatusEquals" in body:
        told = [one for one in told if one["CandidateStatus"] == body["StatusEquals"]]
    if "CandidateNameEquals" in body:
        told = [one for one in told if one["CandidateName"] == body["CandidateNameEquals"]]
    return {"Candidates": told, "NextToken": token}


def _check(world: World, region: str, body: Body) -> None:
    rules.role(world, body["RoleArn"])
    rules.bucket(world, region, body["OutputDataConfig"]["S3OutputPath"])
    problems = body["AutoMLProblemTypeConfig"]
    if len(problems) != 1 or set(problems) - {"TabularJobConfig", "ImageClassificationJobConfig", "TextClassificationJobConfig"}:
        raise invalid(
            "AutoMLProblemTypeConfig must have exactly one kind of problem; the stand-in knows tables, images and texts"
        )
    ((kind, problem),) = problems.items()
    channels = body["AutoMLJobInputDataConfig"]
    kinds = [one.get("ChannelType", "training") for one in channels]
    if "training" not in kinds or len(set(kinds)) != len(kinds):
        raise invalid("one channel must be of type training, and another one may be of type validation")
    if len(channels) == 2 and body.get("DataSplitConfig"):
        raise invalid("ValidationFraction cannot be set when a validation channel is given")
    criteria = problem.get("CompletionCriteria", {})
    if kind == "TabularJobConfig":
        if ("ProblemType" in problem) != ("AutoMLJobObjective" in body):
            raise invalid("ProblemType and AutoMLJobObjective must be given both or not at all")
        if problem.get("CandidateGenerationConfig") and problem.get("Mode", "AUTO") == "AUTO":
            raise invalid("AlgorithmsConfig cannot be set in mode AUTO")
    else:
        if criteria.get("MaxCandidates", 1) != 1:
            raise invalid("MaxCandidates must be 1 for this kind of problem")
        if any(one.get("CompressionType", "None") != "None" for one in channels):
            raise invalid("CompressionType must be None for this kind of problem")


def _find(world: World, region: str, body: Body) -> Any:
    job = world.find(AUTOML, region, body["AutoMLJobName"])
    if job is None:
        raise missing(f"AutoMLJob {body['AutoMLJobName']} was not found")
    return job


CALLS: dict[str, Call] = {
    "CreateAutoMLJobV2": create,
    "DescribeAutoMLJobV2": describe,
    "ListAutoMLJobs": listed,
    "StopAutoMLJob": stop,
    "ListCandidatesForAutoMLJob": candidates,
}
