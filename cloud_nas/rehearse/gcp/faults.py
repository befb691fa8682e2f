"""The faults of a rehearsal, in Google's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from cloud_nas.rehearse import faults
from cloud_nas.rehearse.gcp.answers import Refused

_LATE = 2
"""Lists that do not know yet what was just made."""


class Faults(faults.Faults):
    """What Google does to its users."""

    creates: ClassVar[Sequence[str]] = (
        "CreateCustomJob",
        "CreateHyperparameterTuningJob",
        "CreateTrainingPipeline",
        "CreateBatchPredictionJob",
    )
    reads: ClassVar[tuple[str, ...]] = ("Get", "List")
    lists: ClassVar[tuple[str, ...]] = ("List",)

    def __init__(self, asked: Iterable[str] = ()) -> None:
        super().__init__(asked)
        self._looks: Counter[str] = Counter()

    def expiry(self) -> Exception:
        """UNAUTHENTICATED."""
        return Refused(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")

    def busy(self) -> Exception:
        """RESOURCE_EXHAUSTED, for the rate of calls."""
        return Refused(429, "Quota exceeded for aiplatform.googleapis.com/online requests per minute.")

    def exceeded(self) -> Exception:
        """RESOURCE_EXHAUSTED, for what was asked for."""
        text = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_cpus"
        return Refused(429, text)

    def keeps_out(self, operation: str, name: str) -> bool:
        """Whether a list does not know this resource yet: it is late by some looks, whatever time passes."""
        return operation.startswith(self.lists) and self.late(name)

    def late(self, name: str) -> bool:
        """Whether this resource is not found yet: so it is with models just after their training."""
        if "slow-list" not in self.asked:
            return False
        self._looks[name] += 1
        hidden = self._looks[name] <= _LATE
        self.strikes["slow-list"] += hidden
        return hidden

    def look(self, job: Any, now: float) -> None:
        """Something has happened to a custom job: breaks the second trial, or takes a spot machine that has something to lose."""
        if job.state != "JOB_STATE_RUNNING":
            return
        if job.trial == "2" and self.spoils():
            job.break_down(now)
        elif job.spot and self._has_something(job, now) and self.takes(job):
            job.preempt(now)

    def _has_something(self, job: Any, now: float) -> bool:
        """A trial its first value, an engine its first checkpoint."""
        if job.trial is not None:
            return bool(job.measured(now))
        container = job.spec["workerPoolSpecs"][0].get("containerSpec", {})
        study = next((one.get("value") for one in container.get("env", ()) if one["name"] == "CLOUD_NAS_STUDY"), None)
        return bool(study and job.world.objects.keys(study))
