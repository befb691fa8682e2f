"""The three kinds of jobs that are ours, and AWS's words for what may be asked of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker.client import Client, ServiceError

ENDED = frozenset({"Completed", "Failed", "Stopped", "Deleting", "DeleteFailed"})
"""Words for a job that nobody works at any more, the same for every kind."""

_NOT_FOUND = ("ResourceNotFound", "ResourceNotFoundException")


@dataclass(frozen=True)
class Kind:
    """Operations on a kind of job; `named` is the key of its name, `status` that of its state."""

    describe: str
    listing: str
    stop: str
    summaries: str
    named: str
    status: str


KINDS: Mapping[str, Kind] = {
    "tuning": Kind(
        "DescribeHyperParameterTuningJob",
        "ListHyperParameterTuningJobs",
        "StopHyperParameterTuningJob",
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobStatus",
    ),
    "engine": Kind(
        "DescribeTrainingJob",
        "ListTrainingJobs",
        "StopTrainingJob",
        "TrainingJobSummaries",
        "TrainingJobName",
        "TrainingJobStatus",
    ),
    "autopilot": Kind(
        "DescribeAutoMLJobV2", "ListAutoMLJobs", "StopAutoMLJob", "AutoMLJobSummaries", "AutoMLJobName", "AutoMLJobStatus"
    ),
}


def kind_of(remote: Remote) -> Kind:
    """What may be asked of this job."""
    return KINDS[str(remote.place["kind"])]


def describe(client: Client, remote: Remote) -> dict[str, Any]:
    """All that AWS knows of a job.

    Raises:
        NotFoundError: this account has no such job in this region.
    """
    kind = kind_of(remote)
    return _described(client, kind.describe, kind.named, remote.name, remote)


def describe_training_job(client: Client, remote: Remote, name: str) -> dict[str, Any]:
    """All that AWS knows of a training job, which may be a tuning job's child.

    Raises:
        NotFoundError: this account has no such job in this region.
    """
    return _described(client, "DescribeTrainingJob", "TrainingJobName", name, remote)


def is_missing(error: ServiceError) -> bool:
    """Whether AWS says that there is no such job; training jobs have no word of their own for it."""
    if error.service_code in _NOT_FOUND:
        return True
    text = error.message.lower()
    return error.service_code == "ValidationException" and ("not find" in text or "not found" in text or "not exist" in text)


def _described(client: Client, operation: str, named: str, name: str, remote: Remote) -> dict[str, Any]:
    try:
        return client.call("sagemaker", operation, **{named: name})
    except ServiceError as error:
        if not is_missing(error):
            raise
        raise NotFoundError(
            f"there is no job {name} in {remote.place['region']} for this account",
            hint="another profile or region may have it: AWS_PROFILE",
        ) from error
