"""A training job's life: from its request to its end, one event of its machine after another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.work import Work
from cloud_nas.rehearse.aws.worker import Event, Worker
from cloud_nas.rehearse.clock import moment

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

GROUP = "/aws/sagemaker/TrainingJobs"
SPOT_SHARE = 0.3
"""The billed part of a spot machine's seconds."""
_DAY = 86400
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading the training image",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Spot capacity was reclaimed",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
}
_ECHOED = (
    "HyperParameters", "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "VpcConfig",
    "StoppingCondition", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining",
    "CheckpointConfig", "Environment", "RetryStrategy",
)  # fmt: skip


class TrainingJob:
    """One training job. `parent` is the tuning job whose child it is, `tuned` the hyperparameters that were proposed."""

    def __init__(
        self, world: World, name: str, region: str, request: Mapping[str, Any], at: float,
        *, parent: Any = None, tuned: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.world, self.name, self.region, self.request = world, name, region, request
        self.parent, self.tuned = parent, dict(tuned or {})
        self.arn = world.arn(region, "training-job", name)
        self.status, self.secondary = "InProgress", "Starting"
        self.created = self.modified = at
        self.started: float | None = None
        self.ended: float | None = None
        self.failure: str | None = None
        self.retryable = False
        self.values: dict[str, list[tuple[float, float]]] = {}
        self._moves: list[list[Any]] = [["Starting", at, None, _MESSAGES["Starting"]]]
        self._seconds = 0.0
        self._since: float | None = None
        self._ending: str | None = None
        self._again: float | None = None
        self._attempt = 1
        self._stream = ""
        self._worker: Worker | None = None
        self._begin(at)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("InProgress", "Stopping")

    @property
    def spot(self) -> bool:
        """Whether its machine may be taken away."""
        return bool(self.request.get("EnableManagedSpotTraining"))

    def next_at(self) -> float | None:
        """When something happens next; None where nothing is known to come."""
        times = [self._again, None if self._worker is None else self._worker.next_at(), self._limit()]
        return min((time for time in times if time is not None), default=None)

    def step(self, at: float) -> None:
        """Does what is next."""
        if self._limit() == at:
            self._halt("MaxWaitTimeExceeded" if self._since is None else "MaxRuntimeExceeded", at)
        elif self._again == at:
            self._again = None
            self._begin(at)
        elif self._worker is not None and self._worker.next_at() == at:
            self._take(self._worker.pop())

    def stop(self, at: float, why: str = "Stopped") -> None:
        """Asks for an end, which comes after the grace; nothing where it has ended."""
        if self.live and self._ending is None:
            self._halt(why, at)

    def preempt(self, at: float) -> None:
        """Its spot machine is taken away; another one begins it again from its checkpoints."""
        if self.status != "InProgress" or not self.spot or self._worker is None or self._since is None:
            return
        self._worker.vanish(at)
        self._worker = None
        self._pause(at)
        self._move("Interrupted", at)
        self._attempt += 1
        self._again = at + self.world.restart

    def break_down(self, at: float) -> None:
        """Its process dies, as for want of memory."""
        if self._worker is not None:
            self._worker.kill(at)

    def final(self, metric: str) -> float | None:
        """The last value of a metric, which is what the service calls final."""
        return self.values[metric][-1][0] if self.values.get(metric) else None

    def checkpointed(self) -> bool:
        """Whether there is a checkpoint of it."""
        where = self._work().checkpoints
        return where is not None and bool(self.world.storage.keys(where))

    def describe(self) -> dict[str, Any]:
        """As DescribeTrainingJob has it."""
        billed = self._seconds * (SPOT_SHARE if self.spot else 1)
        found: dict[str, Any] = {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "TuningJobArn": None if self.parent is None else self.parent.arn,
            "ModelArtifacts": {"S3ModelArtifacts": self._work().model},  # from the beginning, whether or not one will be there
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.secondary,
            "FailureReason": self.failure,
            "CreationTime": moment(self.created),
            "TrainingStartTime": None if self.started is None else moment(self.started),
            "TrainingEndTime": None if self.ended is None else moment(self.ended),
            "LastModifiedTime": moment(self.modified),
            "SecondaryStatusTransitions": [
                {"Status": a, "StartTime": moment(b), "EndTime": None if c is None else moment(c), "StatusMessage": d}
                for a, b, c, d in self._moves
            ],
            "FinalMetricDataList": [
                {"MetricName": name, "Value": values[-1][0], "Timestamp": moment(values[-1][1])}
                for name, values in self.values.items()
            ],
        }
        if not self.live and self.started is not None:
            found |= {"TrainingTimeInSeconds": max(1, round(self._seconds)), "BillableTimeInSeconds": max(1, round(billed))}
        return found | {key: self.request[key] for key in _ECHOED if key in self.request}

    def summary(self) -> dict[str, Any]:
        """As ListTrainingJobs has it."""
        return {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "CreationTime": moment(self.created),
            "TrainingEndTime": None if self.ended is None else moment(self.ended),
            "LastModifiedTime": moment(self.modified),
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.secondary,
        }

    def child_summary(self) -> dict[str, Any]:
        """As ListTrainingJobsForHyperParameterTuningJob has it."""
        metric, goal = self.parent.metric, self.parent.goal
        value = self.final(metric)
        found: dict[str, Any] = {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "CreationTime": moment(self.created),
            "TrainingStartTime": None if self.started is None else moment(self.started),
            "TrainingEndTime": None if self.ended is None else moment(self.ended),
            "TrainingJobStatus": self.status,
            "TunedHyperParameters": self.tuned,
            "FailureReason": self.failure,
            "ObjectiveStatus": "Pending" if self.live else "Failed" if value is None else "Succeeded",
        }
        if value is not None and not self.live:
            found["FinalHyperParameterTuningJobObjectiveMetric"] = {"Type": goal, "MetricName": metric, "Value": value}
        return found

    def _begin(self, at: float) -> None:
        """A machine is asked for."""
        if self._moves[-1][0] != "Starting":
            self._move("Starting", at)
        self._worker = self.world.worker(self._work(), at)

    def _take(self, event: Event) -> None:
        on: dict[str, Callable[[Event], None]] = {"line": self._line, "end": self._end}
        on.get(event.kind, self._phase)(event)
        self.world.noticed(self, event)

    def _phase(self, event: Event) -> None:
        if event.kind == "Downloading":
            self.started = self.started or event.at
            self._since = event.at
        elif event.kind == "Training":
            self._stream = f"{self.name}/algo-1-{int(event.at)}"
        self._move(event.kind, event.at)

    def _line(self, event: Event) -> None:
        stream = self._stream or f"{self.name}/algo-1-{int(event.at)}"
        self.world.storage.log(self.region, GROUP, stream, [(event.at, event.text)])
        for name, pattern in self._work().metrics.items():
            found = re.search(pattern, event.text)
            if found:
                self.values.setdefault(name, []).append((float(found.group(1)), event.at))
                if self.parent is not None:
                    self.parent.heard(self, name, event.at)

    def _end(self, event: Event) -> None:
        self._worker = None
        self._pause(event.at)
        if self._ending is not None:
            self._close("Stopped", self._ending, event.at)
        elif event.code == 0:
            self._close("Completed", "Completed", event.at)
        else:
            told = event.text.strip() or "Please use an entry point that writes /opt/ml/output/failure"
            known = told if told.startswith(("ClientError", "InternalServerError")) else f"AlgorithmError: {told}"
            self.failure = f"{known[:1000]}, exit code: {event.code}"[:1024]
            self._close("Failed", "Failed", event.at)

    def _halt(self, why: str, at: float) -> None:
        """Nothing that the container sees: below the shell it gets no signal, and is killed after the grace."""
        self._ending = why
        self.status = "Stopping"
        self._move("Stopping", at)
        if self._worker is None or self._since is None:
            if self._worker is not None:
                self._worker.vanish(at)
            self._worker, self._again = None, None
            self._close("Stopped", why, at)
        else:
            self._worker.stop(at, self.world.grace)

    def _close(self, status: str, secondary: str, at: float) -> None:
        self.status, self.ended = status, at
        self._move(secondary, at)
        if self.parent is not None:
            self.parent.heard_end(self, at)

    def _limit(self) -> float | None:
        """When the service ends it of its own accord."""
        if self._ending is not None or not self.live:
            return None
        condition = self.request["StoppingCondition"]
        times = []
        if self._since is not None and self.secondary != "Uploading":
            times.append(self._since + condition.get("MaxRuntimeInSeconds", _DAY) - self._seconds)
        if self.spot and self._since is None:
            times.append(self.created + condition.get("MaxWaitTimeInSeconds", _DAY))
        return min(times, default=None)

    def _pause(self, at: float) -> None:
        """The machine is given back, or taken."""
        if self._since is not None:
            self._seconds += max(0.0, at - self._since)
        self._since = None

    def _move(self, secondary: str, at: float) -> None:
        self._moves[-1][2] = at
        last = secondary in ("Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded")
        self._moves.append([secondary, at, at if last else None, _MESSAGES.get(secondary, self.failure or secondary)])
        self.secondary, self.modified = secondary, at

    def _work(self) -> Work:
        return Work(self.name, self.arn, self.region, self.request, self._attempt)
