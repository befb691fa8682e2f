"""The faults of a rehearsal, in AWS's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from cloud_nas.rehearse import faults
from cloud_nas.rehearse.aws.errors import AwsError, over_quota

_LISTS = ("List", "Search", "GetResources")


class Faults(faults.Faults):
    """What AWS does to its users."""

    creates: ClassVar[Sequence[str]] = (
        "CreateTrainingJob",
        "CreateHyperParameterTuningJob",
        "CreateAutoMLJobV2",
        "CreateTransformJob",
    )
    reads: ClassVar[tuple[str, ...]] = ("Describe", *_LISTS)
    lists: ClassVar[tuple[str, ...]] = _LISTS

    def expiry(self) -> Exception:
        """ExpiredTokenException."""
        return AwsError("ExpiredTokenException", "The security token included in the request is expired")

    def busy(self) -> Exception:
        """ThrottlingException."""
        return AwsError("ThrottlingException", "Rate exceeded")

    def exceeded(self) -> Exception:
        """ResourceLimitExceeded."""
        return over_quota("ml.m5.xlarge for training job usage", 0, 1)

    def empty_first(self, operation: str, token: str | None) -> bool:
        """Tags are no list of jobs."""
        return operation != "ListTags" and super().empty_first(operation, token)

    def spoils_a_candidate(self, number: int) -> bool:
        """Whether this candidate of an Autopilot job fails."""
        spoilt = "bad-trial" in self.asked and number == 1
        self.strikes["bad-trial"] += spoilt
        return spoilt

    def noticed(self, job: Any, event: Any) -> None:
        """Something has happened on a training job's machine."""
        if event.kind == "Training" and job.parent is not None and f"{job.parent.name}-002-" in job.name:
            if self.spoils():
                job.break_down(event.at)
        elif event.kind == "line":
            self.look(job, event.at)

    def look(self, job: Any, at: float) -> None:
        """Takes a spot machine away, where there is something to lose: a trial's first value, an engine's first checkpoint."""
        if not job.spot or job.secondary != "Training":
            return
        something = bool(job.values) if job.parent is not None else job.checkpointed()
        if something and self.takes(job):
            job.preempt(at)
