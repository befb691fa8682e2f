"""A tuning job's life: it proposes, starts training jobs, listens to their values, and ends."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.proposing import Proposer
from cloud_nas.rehearse.aws.training import TrainingJob
from cloud_nas.rehearse.clock import moment

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

HOPELESS = 5
"""So many training jobs without one success end the tuning job."""
_FACTOR = 3


class TuningJob:
    """One tuning job and its children."""

    def __init__(self, world: World, name: str, region: str, request: Mapping[str, Any], at: float) -> None:
        self.world, self.name, self.region, self.request = world, name, region, request
        self.arn = world.arn(region, "hyper-parameter-tuning-job", name)
        self.config = request["HyperParameterTuningJobConfig"]
        self.definition = request["TrainingJobDefinition"]
        objective = self.config["HyperParameterTuningJobObjective"]
        self.metric, self.goal = objective["MetricName"], objective["Type"]
        self.status = "InProgress"
        self.created = self.modified = at
        self.ended: float | None = None
        self.failure: str | None = None
        self.children: list[TrainingJob] = []
        self._random = random.Random(f"{name} {self.config.get('RandomSeed')}")
        self._proposer = Proposer(self.config, self._random)
        self._closing: str | None = None
        self._launch(at)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("InProgress", "Stopping")

    @property
    def secondary(self) -> str:
        """Tuning jobs have none; for lists that ask."""
        return self.status

    def next_at(self) -> float | None:
        """When its own time is over."""
        longest = self.config["ResourceLimits"].get("MaxRuntimeInSeconds")
        return None if longest is None or self._closing is not None or not self.live else self.created + longest

    def step(self, at: float) -> None:
        """Its time is over: what runs is stopped, and it counts as completed."""
        if self.next_at() == at:
            self._wind_up("Completed", at)

    def stop(self, at: float) -> None:
        """As StopHyperParameterTuningJob: its children are stopped, and it has ended when they have."""
        if self.live:
            self.status = "Stopping"
            self._wind_up("Stopped", at)

    def heard(self, child: TrainingJob, metric: str, at: float) -> None:
        """A child has printed a value."""
        if metric != self.metric or self._closing is not None:
            return
        if self.config["Strategy"] == "Hyperband":
            self._hyperband(child, at)
        elif self.config.get("TrainingJobEarlyStoppingType") == "Auto" and self._worse_than_median(child):
            child.stop(at)

    def heard_end(self, child: TrainingJob, at: float) -> None:
        """A child has ended."""
        self.modified = at
        if child.status == "Completed":
            self._proposer.told(child.tuned, self._signed(child.final(self.metric)))
        self._complete(at)
        if self._closing is None:
            self._launch(at)
        self._settle(at)

    def describe(self) -> dict[str, Any]:
        """As DescribeHyperParameterTuningJob has it."""
        best = self._best()
        found = self.summary() | {
            "HyperParameterTuningJobConfig": self.config,
            "TrainingJobDefinition": self._echoed_definition(),
            "BestTrainingJob": None if best is None else best.child_summary(),
            "WarmStartConfig": self.request.get("WarmStartConfig"),
            "FailureReason": self.failure,
            "ConsumedResources": {"RuntimeInSeconds": int((self.ended or self.world.clock.now()) - self.created)},
            "TuningJobCompletionDetails": {"NumberOfTrainingJobsObjectiveNotImproving": self._not_improving()},
        }
        if self.request.get("WarmStartConfig"):
            found["OverallBestTrainingJob"] = found["BestTrainingJob"]
        return {key: value for key, value in found.items() if key not in ("Strategy", "ResourceLimits")}

    def summary(self) -> dict[str, Any]:
        """As ListHyperParameterTuningJobs has it."""
        done = [child for child in self.children if not child.live]
        with_value = sum(child.final(self.metric) is not None for child in done)
        failed = [child for child in done if child.status == "Failed"]
        return {
            "HyperParameterTuningJobName": self.name,
            "HyperParameterTuningJobArn": self.arn,
            "HyperParameterTuningJobStatus": self.status,
            "Strategy": self.config["Strategy"],
            "CreationTime": moment(self.created),
            "HyperParameterTuningEndTime": None if self.ended is None else moment(self.ended),
            "LastModifiedTime": moment(self.modified),
            "TrainingJobStatusCounters": {
                "Completed": sum(child.status == "Completed" for child in done),
                "InProgress": len(self.children) - len(done),
                "RetryableError": sum(child.retryable for child in failed),
                "NonRetryableError": sum(not child.retryable for child in failed),
                "Stopped": sum(child.status == "Stopped" for child in done),
            },
            "ObjectiveStatusCounters": {
                "Succeeded": with_value,
                "Pending": len(self.children) - len(done),
                "Failed": len(done) - with_value,
            },
            "ResourceLimits": self.config["ResourceLimits"],
        }

    def _launch(self, at: float) -> None:
        """Starts as many children as may run, and as there are to be."""
        limits = self.config["ResourceLimits"]
        while self._closing is None and sum(child.live for child in self.children) < limits["MaxParallelTrainingJobs"]:
            tuned = self._proposer.propose() if len(self.children) < self._most() else None
            if tuned is None:
                break
            number = len(self.children) + 1
            name = f"{self.name}-{number:03d}-{self._random.getrandbits(32):08x}"
            job = TrainingJob(self.world, name, self.region, self._child_request(tuned), at, parent=self, tuned=tuned)
            self.children.append(job)
            self.world.add_child(job, self.request.get("Tags", []))

    def _most(self) -> int:
        found = self.config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
        return int(found) if found is not None else self._proposer.size or 500

    def _child_request(self, tuned: Mapping[str, str]) -> dict[str, Any]:
        definition = self.definition
        kept = {key: definition[key] for key in definition if key not in ("StaticHyperParameters", "DefinitionName")}
        static = definition.get("StaticHyperParameters", {})
        return kept | {"HyperParameters": {**static, **tuned, "_tuning_objective_metric": self.metric}}

    def _echoed_definition(self) -> dict[str, Any]:
        static = dict(self.definition.get("StaticHyperParameters", {}))
        return {**self.definition, "StaticHyperParameters": static | {"_tuning_objective_metric": self.metric}}

    def _complete(self, at: float) -> None:
        """Looks whether a criterion is met, or whether there is no hope."""
        ended = [child for child in self.children if not child.live]
        if self._closing is not None:
            return
        if len(ended) >= HOPELESS and all(child.status == "Failed" for child in ended):
            self.failure = (
                f"No training job succeeded after {HOPELESS} attempts. For additional details, please take a look at the "
                "training job failures by listing training jobs for the hyperparameter tuning job."
            )
            self._wind_up("Failed", at)
            return
        criteria = self.config.get("TuningJobCompletionCriteria", {})
        best, target = self._best(), criteria.get("TargetObjectiveMetricValue")
        reached = best is not None and target is not None and self._signed(best.final(self.metric)) >= self._signed(target)
        patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
        if reached or (patience is not None and self._not_improving() >= patience):
            self._wind_up("Completed", at)

    def _settle(self, at: float) -> None:
        """Ends where nothing runs any more and nothing will."""
        if any(child.live for child in self.children) or not self.live:
            return
        if self._closing is None:
            none_succeeded = all(child.status == "Failed" for child in self.children)
            self._closing = "Failed" if none_succeeded else "Completed"
            self.failure = "All training jobs failed." if none_succeeded else None
        self.status, self.ended, self.modified = self._closing, at, at

    def _wind_up(self, end: str, at: float) -> None:
        self._closing = end
        for child in self.children:
            child.stop(at)
        self._settle(at)

    def _best(self) -> TrainingJob | None:
        """Of those that completed or were stopped with a value."""
        rated = [one for one in self.children if one.status in ("Completed", "Stopped") and one.final(self.metric) is not None]
        return max(rated, key=lambda one: self._signed(one.final(self.metric)), default=None)

    def _not_improving(self) -> int:
        ended = sorted((one for one in self.children if one.status == "Completed"), key=lambda one: one.ended or 0)
        best, count = float("-inf"), 0
        for one in ended:
            value = self._signed(one.final(self.metric))
            best, count = (value, 0) if value > best else (best, count + 1)
        return count

    def _signed(self, value: float | None) -> float:
        """So that more is better."""
        if value is None:
            return float("-inf")
        return value if self.goal == "Maximize" else -value

    def _curve(self, child: TrainingJob) -> list[float]:
        return [self._signed(value) for value, _ in child.values.get(self.metric, [])]

    def _worse_than_median(self, child: TrainingJob) -> bool:
        """The service's rule: worse than the median of the running averages of completed jobs, at the same epoch."""
        curve = self._curve(child)
        others = [self._curve(one)[: len(curve)] for one in self.children if one.status == "Completed"]
        averages = [statistics.fmean(one) for one in others if len(one) == len(curve)]
        return len(averages) >= 3 and max(curve) < statistics.median(averages)

    def _hyperband(self, child: TrainingJob, at: float) -> None:
        """Every line is a resource: at the largest a job is stopped, at each rung unless it is in the best third."""
        band = self.config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
        static = self.definition.get("StaticHyperParameters", {})
        named = next((static[key] for key in ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs") if key in static), 81)
        largest, rung = int(band.get("MaxResource", named)), int(band.get("MinResource", 1))
        curve = self._curve(child)
        if len(curve) >= largest:
            child.stop(at)
            return
        while rung < len(curve):
            rung *= _FACTOR
        if rung == len(curve):
            there = sorted((max(one[:rung]) for one in map(self._curve, self.children) if len(one) >= rung), reverse=True)
            if max(curve) < there[max(0, -(-len(there) // _FACTOR) - 1)]:
                child.stop(at)
