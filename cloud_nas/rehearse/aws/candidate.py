"""A candidate of an Autopilot job, and how the service tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.storage import ACCOUNT
from cloud_nas.rehearse.clock import moment

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.automl import AutoMLJob

_ANSWERS = "predicted_label,probability,probabilities,labels"


@dataclass(frozen=True)
class Candidate:
    """What was tried, and what came of it. `metrics` are on the validation rows, by the service's names."""

    name: str
    value: float
    begun: float
    ended: float
    model_url: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: str | None = None


def model_url(output: str, job: str, candidate: str) -> str:
    """Where the service puts a candidate's model."""
    return f"{output.rstrip('/')}/{job}/sagemaker-automl-candidates/model/{candidate}/model.tar.gz"


def candidate_json(job: AutoMLJob, candidate: Candidate) -> dict[str, Any]:
    """As ListCandidatesForAutoMLJob and BestCandidate have it."""
    succeeded = candidate.failure is None
    step = job.world.arn(job.region, "training-job", f"{candidate.name}-training"[:63])
    found: dict[str, Any] = {
        "CandidateName": candidate.name,
        "ObjectiveStatus": "Succeeded" if succeeded else "Failed",
        "CandidateStatus": "Completed" if succeeded else "Failed",
        "CandidateSteps": [
            {
                "CandidateStepType": "AWS::SageMaker::TrainingJob",
                "CandidateStepArn": step,
                "CandidateStepName": step.rpartition("/")[2],
            }
        ],
        "CreationTime": moment(candidate.begun),
        "EndTime": moment(candidate.ended),
        "LastModifiedTime": moment(candidate.ended),
        "FailureReason": candidate.failure,
    }
    if not succeeded:
        return found
    found["FinalAutoMLJobObjectiveMetric"] = {"MetricName": job.metric, "Value": candidate.value}
    found["CandidateProperties"] = {
        "CandidateMetrics": [
            {"MetricName": name, "StandardMetricName": name, "Value": value, "Set": "Validation"}
            for name, value in candidate.metrics.items()
        ]
    }
    container = {"Image": image(job.region), "ModelDataUrl": candidate.model_url, "Environment": _environment(job)}
    if job.kind == "TabularJobConfig":
        found["InferenceContainers"] = [container]
    else:
        found["InferenceContainerDefinitions"] = {"CPU": [container]}
    return found


def image(region: str) -> str:
    """A name that nobody could take for one of AWS's images."""
    return f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/stand-in-for-autopilot:none"


def _environment(job: AutoMLJob) -> dict[str, str]:
    if job.problem.get("ProblemType") == "Regression":
        return {}
    return {"SAGEMAKER_INFERENCE_SUPPORTED": _ANSWERS, "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label"}
