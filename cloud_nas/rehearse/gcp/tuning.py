"""A tuning job's life: trials one after another or side by side, each a custom job of its own."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloud_nas.rehearse.gcp.answers import CODES
from cloud_nas.rehearse.gcp.jobs import LIVE, CustomJob
from cloud_nas.rehearse.gcp.proposing import Proposer, Values, active, spoken
from cloud_nas.rehearse.gcp.runs import Runs
from cloud_nas.rehearse.gcp.world import World, at_text

_ENOUGH = 3
"""Trials that have ended before any is compared with them."""


@dataclass
class Trial:
    """One trial: what was proposed, its job, how it ended."""

    id: str
    values: Values
    job: CustomJob
    stopping: bool = False
    state: str = "ACTIVE"
    final: tuple[float, int, float] | None = None
    reason: str | None = None
    curve: list[tuple[float, int, float]] = field(default_factory=list)


class TuningJob:
    """One tuning job and its trials."""

    def __init__(
        self,
        world: World,
        runs: Runs,
        request: Mapping[str, Any],
        at: float,
        *,
        restart: float,
        slow_error: float = 0.0,
        noticed: Callable[[CustomJob, float], None] = lambda job, now: None,
    ) -> None:
        self.world, self._runs, self.request, self.created = world, runs, dict(request), at
        self.name = world.name("hyperparameterTuningJobs")
        self.study = request["studySpec"]
        self.metric = self.study["metrics"][0]["metricId"]
        self.sign = -1.0 if self.study["metrics"][0].get("goal") == "MINIMIZE" else 1.0
        self.state = "JOB_STATE_PENDING"
        self.started: float | None = None
        self.ended: float | None = None
        self.trials: list[Trial] = []
        self._error: tuple[str, str] | None = None
        self._restart, self._slow_error, self._noticed = restart, slow_error, noticed
        self._draw = random.Random(str(request.get("displayName")))
        self._proposer = Proposer(self.study, self._draw)
        self._exhausted = False
        self._closing: str | None = None

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE

    def move(self, now: float) -> None:
        """Begins trials, looks at those at work, and ends."""
        if self.state == "JOB_STATE_PENDING":
            self.state, self.started = "JOB_STATE_RUNNING", now
        for trial in self.trials:
            if trial.state == "ACTIVE":
                self._look(trial, now)
        if self._closing is None:
            self._launch(now)
        if self._closing is None and not any(trial.state == "ACTIVE" for trial in self.trials):
            good = any(trial.state == "SUCCEEDED" for trial in self.trials)
            self._closing = "JOB_STATE_SUCCEEDED" if good else "JOB_STATE_FAILED"
            self._error = None if good else ("INTERNAL", "None of the trials has succeeded.")
        if self._closing is not None and not any(trial.state == "ACTIVE" for trial in self.trials):
            self.state, self.ended = self._closing, max([now, *(t.job.ended or now for t in self.trials)])

    def cancel(self, now: float) -> None:
        """Asks for an end."""
        if self.live:
            self.state = "JOB_STATE_CANCELLING"
            self._wind_up("JOB_STATE_CANCELLED", now)

    def describe(self) -> dict[str, Any]:
        """As the service tells it; trials in no order."""
        trials = [self._told(trial) for trial in self.trials]
        random.Random(len(trials)).shuffle(trials)
        found = {
            **self.request,
            "name": self.name,
            "state": self.state,
            "createTime": at_text(self.created),
            "updateTime": at_text(self.ended or self.world.clock.now()),
            "trials": trials,
        }
        if self.started is not None:
            found["startTime"] = at_text(self.started)
        if self.ended is not None:
            found["endTime"] = at_text(self.ended)
            if self._error is not None and self.world.clock.now() >= self.ended + self._slow_error:
                found["error"] = {"code": CODES[self._error[0]], "message": self._error[1]}
        return found

    def _launch(self, now: float) -> None:
        most, side_by_side = int(self.request["maxTrialCount"]), int(self.request["parallelTrialCount"])
        while not self._exhausted and len(self.trials) < most:
            if sum(trial.state == "ACTIVE" for trial in self.trials) >= side_by_side:
                return
            values = self._proposer.propose()
            if values is None:
                self._exhausted = True
                return
            number = str(len(self.trials) + 1)
            said = {
                one["parameterId"]: spoken(one, values[one["parameterId"]]) for one in active(self.study["parameters"], values)
            }
            child = {
                "displayName": f"{self.request.get('displayName', '')}-{number}",
                "jobSpec": self.request["trialJobSpec"],
                "labels": self.request.get("labels", {}),
            }
            job = CustomJob(
                self.world,
                self._runs,
                child,
                now,
                restart=self._restart,
                slow_error=self._slow_error,
                trial=number,
                values=said,
                metric=self.metric,
                noticed=self._noticed,
            )
            self.world.add("customJobs", job)
            self.trials.append(Trial(number, values, job))

    def _look(self, trial: Trial, now: float) -> None:
        trial.job.move(now)
        trial.curve = list(trial.job.measured(now))
        if trial.job.live:
            if not trial.stopping and self._closing is None and self._left_behind(trial):
                trial.stopping = True
                if trial.job.run is not None:
                    trial.job.run.stop(now)
            return
        trial.final = self._final(trial)
        good = trial.final is not None and (trial.job.state == "JOB_STATE_SUCCEEDED" or trial.stopping)
        trial.state = "SUCCEEDED" if good else "INFEASIBLE"
        if not good:
            trial.reason = "" if trial.job.state == "JOB_STATE_CANCELLED" else "The trial's job failed."
            failed = sum(one.state == "INFEASIBLE" for one in self.trials)
            if self._closing is None and failed > int(self.request.get("maxFailedTrialCount", 0)):
                self._error = ("INTERNAL", f"Too many trials have failed: {failed}.")
                self._wind_up("JOB_STATE_FAILED", now)
        elif trial.final is not None:
            self._proposer.told(trial.values, self.sign * trial.final[2])

    def _final(self, trial: Trial) -> tuple[float, int, float] | None:
        if not trial.curve:
            return None
        if self.study.get("measurementSelectionType") == "LAST_MEASUREMENT":
            return trial.curve[-1]
        return max(trial.curve, key=lambda one: self.sign * one[2])

    def _left_behind(self, trial: Trial) -> bool:
        """Below the median of what the others had come to on the average, where any rule for stopping was asked for."""
        if not any(key.endswith("StoppingSpec") for key in self.study):
            return False
        steps = len(trial.curve)
        others = [[self.sign * one[2] for one in other.curve[:steps]] for other in self.trials if other.state == "SUCCEEDED"]
        averages = [statistics.fmean(curve) for curve in others if curve and len(curve) == steps]
        best = max((self.sign * one[2] for one in trial.curve), default=None)
        return best is not None and len(averages) >= _ENOUGH and best < statistics.median(averages)

    def _wind_up(self, state: str, now: float) -> None:
        self._closing = state
        for trial in self.trials:
            if trial.state == "ACTIVE":
                trial.job.cancel(now)

    def _told(self, trial: Trial) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": trial.id,
            "state": "STOPPING" if trial.stopping and trial.state == "ACTIVE" else trial.state,
            "parameters": [{"parameterId": name, "value": value} for name, value in trial.values.items()],
            "customJob": trial.job.name,
            "startTime": at_text(trial.job.created),
        }
        if trial.job.ended is not None:
            found["endTime"] = at_text(trial.job.ended)
        if trial.final is not None:
            found["finalMeasurement"] = self._measurement(trial, trial.final)
        if trial.reason is not None:
            found["infeasibleReason"] = trial.reason
        return found

    def _measurement(self, trial: Trial, one: tuple[float, int, float]) -> dict[str, Any]:
        elapsed = max(0.0, one[0] - trial.job.created)
        return {
            "elapsedDuration": f"{elapsed:.3f}s",
            "stepCount": str(one[1]),
            "metrics": [{"metricId": self.metric, "value": one[2]}],
        }
