"""The account as SageMaker sees it: all jobs, their tags, and time, which moves them on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cloud_nas.rehearse.aws.automl import CandidateStep
from cloud_nas.rehearse.aws.candidate import Candidate
from cloud_nas.rehearse.aws.course import Course
from cloud_nas.rehearse.aws.storage import ACCOUNT, Storage
from cloud_nas.rehearse.aws.work import Work
from cloud_nas.rehearse.aws.worker import Worker
from cloud_nas.rehearse.clock import Clock

Workers = Callable[[Work, float], Worker]


class World:
    """All that there is. Every call into it holds `lock`.

    Args:
        clock: the time.
        storage: the account's objects and logs.
        worker: makes a machine for a training job.
        grace: seconds between a stop and the container's end.
        restart: seconds until another spot machine is there.
        transform: seconds that a batch transform takes.
        quotas: the limits by their names, `ml.m5.xlarge for training job usage`; what is not named is enough.
        course: makes what happens in an Autopilot job, from its name, its request and its beginning.
        noticed: is told of each event on a training job's machine.
    """

    def __init__(
        self,
        clock: Clock,
        storage: Storage,
        worker: Workers,
        *,
        grace: float,
        restart: float,
        transform: float,
        quotas: dict[str, int],
        course: Callable[[World, str, Mapping[str, Any], float], Course],
        noticed: Callable[[Any, Any], None] = lambda job, event: None,
    ) -> None:
        self.clock, self.storage, self.worker, self.noticed = clock, storage, worker, noticed
        self.grace, self.restart, self.transform, self.quotas = grace, restart, transform, quotas
        self._course = course
        self._hidden: Callable[[Any], bool] = lambda job: False
        self.lock = threading.RLock()
        self.tags: dict[str, dict[str, str]] = {}
        self.predictors: dict[str, Any] = {}
        self._jobs: dict[str, dict[tuple[str, str], Any]] = {}

    def arn(self, region: str, kind: str, name: str) -> str:
        """A resource's own."""
        return f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind}/{name.lower()}"

    def add(self, kind: str, job: Any, tags: Iterable[Mapping[str, str]] = ()) -> None:
        """Something new, with its tags."""
        self._jobs.setdefault(kind, {})[job.region, job.name.lower()] = job
        self.tags[job.arn] = {one["Key"]: one["Value"] for one in tags}

    def add_child(self, job: Any, tags: Iterable[Mapping[str, str]]) -> None:
        """A training job that another job started; it carries that job's tags."""
        self.add("training-job", job, tags)

    def add_step(self, job: Any, candidate: Candidate) -> None:
        """The training job behind a candidate of an Autopilot job; it carries that job's tags."""
        tags = [{"Key": key, "Value": value} for key, value in self.tags[job.arn].items()]
        self.add("training-job", CandidateStep(self, job, candidate), tags)

    def course(self, name: str, request: Mapping[str, Any], at: float) -> Course:
        """What will happen in an Autopilot job."""
        return self._course(self, name, request, at)

    def remove(self, kind: str, region: str, name: str) -> bool:
        """Forgets something; whether it was there."""
        gone = self._jobs.get(kind, {}).pop((region, name.lower()), None)
        if gone is not None:
            self.tags.pop(gone.arn, None)
        return gone is not None

    def find(self, kind: str, region: str, name: str) -> Any:
        """A job by its name, in whatever case; None where there is none."""
        return self._jobs.get(kind, {}).get((region, name.lower()))

    def all(self, kind: str, region: str) -> list[Any]:
        """All of a kind in a region, in the order in which they were made."""
        return [job for job in self._jobs.get(kind, {}).values() if job.region == region and not self._hidden(job)]

    def by_arn(self, arn: str) -> Any:
        """A job by its ARN, unless it is hidden; None where there is none."""
        _, _, _, region, _, rest = arn.split(":", 5)
        kind, _, name = rest.partition("/")
        job = self.find(kind, region, name)
        return None if job is None or self._hidden(job) else job

    @contextlib.contextmanager
    def hiding(self, hidden: Callable[[Any], bool]) -> Iterator[None]:
        """For a time, lists do not know these jobs."""
        self._hidden = hidden
        try:
            yield
        finally:
            self._hidden = lambda job: False

    def anything_live(self) -> bool:
        """Whether some job has not ended."""
        return any(getattr(job, "live", False) for jobs in self._jobs.values() for job in jobs.values())

    def advance(self) -> None:
        """Lets happen what was to happen until now, in the order of time."""
        now = self.clock.now()
        live = [job for jobs in self._jobs.values() for job in jobs.values() if getattr(job, "live", False)]
        while True:
            due = [(at, job) for job in live if job.live and (at := job.next_at()) is not None and at <= now]
            if not due:
                return
            known = sum(map(len, self._jobs.values()))
            at, job = min(due, key=lambda one: one[0])
            job.step(at)
            if sum(map(len, self._jobs.values())) != known:
                live = [job for jobs in self._jobs.values() for job in jobs.values() if getattr(job, "live", False)]
