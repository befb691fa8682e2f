"""A custom job's life: waiting for a machine, at work, ended; restarted where the service does that."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.rehearse.gcp.answers import CODES
from cloud_nas.rehearse.gcp.runs import Run, Runs, Work
from cloud_nas.rehearse.gcp.world import World, at_text

LIVE = ("JOB_STATE_QUEUED", "JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_CANCELLING")
RESTARTS = 6
"""How often a job on spare capacity is started again."""

_CRASHES, _MOST_CRASHES = (6, 11, 134, 139), 3
"""Statuses of a crash, after which a job is started again unless retries are disabled, and how often."""

_WEEK = 7 * 86400.0


class CustomJob:
    """One custom job. `trial` is the number of the tuning job's trial that it is, `values` what was proposed for it.

    Args:
        world: what it is in.
        runs: starts its container.
        request: the job as it was created, in JSON.
        at: when.
        restart: seconds until another machine is there.
        slow_error: seconds after a failure until the job tells of it.
    """

    def __init__(
        self,
        world: World,
        runs: Runs,
        request: Mapping[str, Any],
        at: float,
        *,
        restart: float,
        slow_error: float = 0.0,
        trial: str | None = None,
        values: Mapping[str, str] | None = None,
        metric: str | None = None,
        noticed: Callable[[CustomJob, float], None] = lambda job, now: None,
    ) -> None:
        self.world, self._runs, self.request, self.created = world, runs, dict(request), at
        self.name = world.name("customJobs")
        self.trial, self.values, self._metric = trial, dict(values or {}), metric
        self.spec: Mapping[str, Any] = request["jobSpec"]
        self.state = "JOB_STATE_PENDING"
        self.started: float | None = None
        self.ended: float | None = None
        self.attempt, self._taken, self._crashed = 1, 0, 0
        self._error: tuple[str, str] | None = None
        self._restart, self._slow_error = restart, slow_error
        self._again: float | None = None
        self._noticed = noticed
        self._ending: str | None = None
        self._before: list[tuple[float, int, float]] = []
        self.run: Run | None = runs(self._work(), at)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE

    @property
    def spot(self) -> bool:
        """Whether its machine may be taken away."""
        return bool(self.spec.get("scheduling", {}).get("strategy") == "SPOT")

    @property
    def base(self) -> str | None:
        """Its own folder in the bucket; of a trial, the trial's."""
        uri = self.spec.get("baseOutputDirectory", {}).get("outputUriPrefix")
        if uri is None:
            return None
        return f"{uri.rstrip('/')}/{self.trial}/" if self.trial is not None else f"{uri.rstrip('/')}/"

    def measured(self, now: float) -> list[tuple[float, int, float]]:
        """What it reported: (time, step, value), over all its starts."""
        known = {step for _, step, _ in self._before}
        return self._before + ([] if self.run is None else [one for one in self.run.measured(now) if one[1] not in known])

    def move(self, now: float) -> None:
        """Takes in what has happened."""
        if self._again is not None and now >= self._again:
            self.run, self._again = self._runs(self._work(), self._again), None
        if self.run is None:
            return
        self.run.look(now)
        labels = {} if self.trial is None else {"ml.googleapis.com/trial_id": self.trial}
        for at, line in self.run.lines():
            self.world.log(at, self.name.rpartition("/")[2], line, labels)
        if self.run.began is not None and self.state == "JOB_STATE_PENDING":
            self.state = "JOB_STATE_RUNNING"
            self.started = self.run.began if self.started is None else self.started
        if self.run.ended is not None:
            self._end(*self.run.ended)
            return
        limit = float(str(self.spec.get("scheduling", {}).get("timeout", f"{_WEEK}s")).removesuffix("s"))
        if self.started is not None and now >= self.started + limit and self._ending is None:
            self._error = ("DEADLINE_EXCEEDED", f"The job was running longer than its timeout of {limit:.0f}s.")
            self._ending = "JOB_STATE_FAILED"
            self.run.stop(self.started + limit)
            self.move(now)
            return
        self._noticed(self, now)

    def cancel(self, now: float) -> None:
        """Asks for an end."""
        if not self.live:
            return
        if self.run is None or self.state == "JOB_STATE_PENDING":
            if self.run is not None:
                self.run.vanish()
            self._finish("JOB_STATE_CANCELLED", now)
            return
        self.state, self._ending = "JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED"
        self.run.stop(now)

    def preempt(self, now: float) -> None:
        """Its machine is taken away; another one begins it again, so many times."""
        if self.run is None or not self.live:
            return
        self._before = self.measured(now)
        self.run.vanish()
        if self._taken >= RESTARTS:
            self._error = ("RESOURCE_EXHAUSTED", "Resources are insufficient in region: STOCKOUT.")
            self._finish("JOB_STATE_FAILED", now)
            return
        self._taken += 1
        self._begin_again(now)

    def break_down(self, now: float) -> None:
        """Its program dies, as for want of memory."""
        if self.run is not None and self._ending is None:
            self._ending = "JOB_STATE_FAILED"
            self._error = (
                "INVALID_ARGUMENT",
                "The replica workerpool0-0 ran out of memory and exited with a non-zero status of 137.",
            )
            self.run.stop(now)

    def describe(self) -> dict[str, Any]:
        """As the service tells it."""
        found = {
            **self.request,
            "name": self.name,
            "state": self.state,
            "createTime": at_text(self.created),
            "updateTime": at_text(self.ended or self.started or self.created),
        }
        if self.started is not None:
            found["startTime"] = at_text(self.started)
        if self.ended is not None:
            found["endTime"] = at_text(self.ended)
            if self._error is not None and self.world.clock.now() >= self.ended + self._slow_error:
                found["error"] = {"code": CODES[self._error[0]], "message": self._error[1]}
        return found

    def _end(self, at: float, code: int) -> None:
        retried = code in _CRASHES and self._crashed < _MOST_CRASHES and not self.spec.get("scheduling", {}).get("disableRetries")
        if self._ending is not None:
            self._finish(self._ending, at)
        elif retried:
            self._crashed += 1
            self._begin_again(at)
        elif code == 0:
            self._finish("JOB_STATE_SUCCEEDED", at)
        else:
            text = f"The replica workerpool0-0 exited with a non-zero status of {code}. Termination reason: Error."
            self._error = ("INVALID_ARGUMENT", f"{text} To find out more about why your job exited please check the logs.")
            self._finish("JOB_STATE_FAILED", at)

    def _begin_again(self, at: float) -> None:
        """On another machine, which has nothing but the bucket."""
        self._before, self.run = self.measured(at), None
        self.attempt += 1
        self.state, self._again = "JOB_STATE_PENDING", at + self._restart

    def _finish(self, state: str, at: float) -> None:
        self._before = self.measured(at)
        self.state, self.ended, self.run, self._again = state, at, None, None

    def _work(self) -> Work:
        container = self.spec["workerPoolSpecs"][0].get("containerSpec", {})
        told = {one["name"]: one.get("value", "") for one in container.get("env", ())}
        job = self.name.rpartition("/")[2]
        told |= {"CLOUD_ML_JOB_ID": job, "CLOUD_ML_PROJECT_ID": "123456789012", "CLOUD_ML_REGION": self.world.location}
        if self.base is not None:
            told |= {
                "AIP_MODEL_DIR": f"{self.base}model/",
                "AIP_CHECKPOINT_DIR": f"{self.base}checkpoints/",
                "AIP_TENSORBOARD_LOG_DIR": f"{self.base}logs/",
            }
        if self.trial is not None:
            told["CLOUD_ML_TRIAL_ID"] = self.trial
        proposed = [f"--{name}={value}" for name, value in self.values.items()]
        random.Random(job).shuffle(proposed)
        display = str(self.request.get("displayName", job))
        return Work(
            f"{display}-{self.attempt}",
            tuple(container.get("command", ())),
            (*container.get("args", ()), *proposed),
            told,
            self.values,
            self.base,
            self._metric,
        )
