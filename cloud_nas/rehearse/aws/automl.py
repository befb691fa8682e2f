"""An Autopilot job's life. What it finds is a stand-in's: Autopilot's own models cannot be had outside AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.candidate import Candidate, candidate_json
from cloud_nas.rehearse.aws.course import Course, Stage
from cloud_nas.rehearse.clock import moment

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

_ECHOED = (
    "AutoMLJobInputDataConfig",
    "OutputDataConfig",
    "RoleArn",
    "AutoMLJobObjective",
    "AutoMLProblemTypeConfig",
    "DataSplitConfig",
    "SecurityConfig",
)
_KINDS = {
    "TabularJobConfig": "Tabular",
    "ImageClassificationJobConfig": "ImageClassification",
    "TextClassificationJobConfig": "TextClassification",
}
LOWER_IS_BETTER = ("RMSE", "MSE", "MAE")


class AutoMLJob:
    """One job: stages and candidates come from its course, until its time is over."""

    def __init__(self, world: World, name: str, region: str, request: Mapping[str, Any], at: float, course: Course) -> None:
        self.world, self.name, self.region, self.request, self.course = world, name, region, request, course
        self.arn = world.arn(region, "automl-job", name)
        self.status, self.secondary = "InProgress", "Starting"
        self.created = self.modified = at
        self.ended: float | None = None
        self.failure: str | None = None
        self.candidates: list[Candidate] = []
        (self.kind, self.problem), *_ = request["AutoMLProblemTypeConfig"].items()
        self.metric = request.get("AutoMLJobObjective", {}).get("MetricName", "Accuracy")

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("InProgress", "Stopping")

    def next_at(self) -> float | None:
        """When something happens next."""
        times = [self.course.next_at(), self._limit()]
        return min((time for time in times if time is not None), default=None)

    def step(self, at: float) -> None:
        """Does it."""
        if self._limit() == at:
            self.course.end()
            self._close("Completed", "MaxAutoMLJobRuntimeReached", at)
            return
        found = self.course.pop()
        if isinstance(found, Candidate):
            self.candidates.append(found)
            self.world.add_step(self, found)
            self.modified = at
        elif found.failure is not None:
            self.failure = found.failure
            self._close("Failed", "Failed", at)
        elif found.name == "Completed":
            self._close("Completed", "Completed", at)
        else:
            self.secondary, self.modified = found.name, at

    def stop(self, at: float) -> None:
        """As StopAutoMLJob."""
        self.course.end()
        self._close("Stopped", "Stopped", at)

    def best(self) -> Candidate | None:
        """Of those that completed."""
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        done = [one for one in self.candidates if one.failure is None]
        return max(done, key=lambda one: sign * one.value, default=None)

    def describe(self) -> dict[str, Any]:
        """As DescribeAutoMLJobV2 has it; without a best candidate where none was found in time."""
        best = self.best()
        found = self.summary() | {key: self.request[key] for key in _ECHOED if key in self.request}
        found["AutoMLProblemTypeConfigName"] = _KINDS[self.kind]
        found["BestCandidate"] = None if best is None or self.live else candidate_json(self, best)
        return found

    def summary(self) -> dict[str, Any]:
        """As ListAutoMLJobs has it."""
        return {
            "AutoMLJobName": self.name,
            "AutoMLJobArn": self.arn,
            "AutoMLJobStatus": self.status,
            "AutoMLJobSecondaryStatus": self.secondary,
            "CreationTime": moment(self.created),
            "EndTime": None if self.ended is None else moment(self.ended),
            "LastModifiedTime": moment(self.modified),
            "FailureReason": self.failure,
        }

    def _limit(self) -> float | None:
        longest = self.problem.get("CompletionCriteria", {}).get("MaxAutoMLJobRuntimeInSeconds")
        return self.created + longest if longest is not None and self.status == "InProgress" else None

    def _close(self, status: str, secondary: str, at: float) -> None:
        self.status, self.secondary, self.ended, self.modified = status, secondary, at, at


class CandidateStep:
    """The training job behind a candidate: it is in the lists of training jobs too, and has been billed."""

    live = False
    tuned: Mapping[str, str] = {}

    def __init__(self, world: World, job: AutoMLJob, candidate: Candidate) -> None:
        self.name, self.region = f"{candidate.name}-training"[:63], job.region
        self.arn = world.arn(job.region, "training-job", self.name)
        self.job, self.candidate = job, candidate
        self.created, self.modified = candidate.begun, candidate.ended
        self.status = self.secondary = "Completed" if candidate.failure is None else "Failed"

    def summary(self) -> dict[str, Any]:
        """As ListTrainingJobs has it."""
        return {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "CreationTime": moment(self.created),
            "TrainingEndTime": moment(self.modified),
            "LastModifiedTime": moment(self.modified),
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.secondary,
        }

    def describe(self) -> dict[str, Any]:
        """As DescribeTrainingJob has it, as far as anybody asks."""
        seconds = max(1, round(self.modified - self.created))
        return self.summary() | {
            "AutoMLJobArn": self.job.arn,
            "ModelArtifacts": {"S3ModelArtifacts": self.candidate.model_url},
            "FailureReason": self.candidate.failure,
            "ResourceConfig": {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            "TrainingStartTime": moment(self.created),
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
        }


__all__ = ["AutoMLJob", "CandidateStep", "Stage"]
