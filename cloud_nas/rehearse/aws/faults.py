"""Faults that can be asked for: what the service does to its users, on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, get_args

from cloud_nas.rehearse.aws.errors import AwsError, over_quota

Fault = Literal["throttle", "expire", "quota", "preempt", "lost-reply", "slow-list", "bad-trial"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

CREATES = ("CreateTrainingJob", "CreateHyperParameterTuningJob", "CreateAutoMLJobV2", "CreateTransformJob")
_LISTS = ("List", "Search", "GetResources")
_EXPIRES_AFTER, _RENEWED_AFTER = 3, 6
_TAKEN = 2
_HIDDEN = 5.0
"""Seconds for which `slow-list` keeps a new job out of lists."""


class Faults:
    """Which faults there are; `strikes` is how often each has struck.

    throttle: the first create, and every third read, is refused for its rate.
    expire: some calls after the first create the token has expired, for some calls.
    quota: the first create is refused; then the account has got its quota.
    preempt: each of the first two spot machines is taken away once, after its first value.
    lost-reply: the first create is carried out, and its answer never arrives.
    slow-list: new jobs are not in lists for some seconds, and each list begins with an empty page.
    bad-trial: the second training job of a tuning job dies, as for want of memory.
    """

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self.asked = set(asked)
        unknown = self.asked - set(FAULTS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        self.expired = False
        self.strikes: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()
        self._since_create: int | None = None

    def before(self, operation: str) -> None:
        """Refuses a call.

        Raises:
            AwsError: so.
        """
        if "expire" in self.asked and self._since_create is not None:
            self._since_create += 1
            self.expired = _EXPIRES_AFTER < self._since_create <= _RENEWED_AFTER
            self.strikes["expire"] += self.expired
        if self.expired:
            raise AwsError("ExpiredTokenException", "The security token included in the request is expired")
        create = operation in CREATES
        self._calls[operation] += 1
        if "throttle" in self.asked and self._throttled(operation, create):
            self.strikes["throttle"] += 1
            raise AwsError("ThrottlingException", "Rate exceeded")
        if create and "quota" in self.asked and self._once("quota"):
            self.strikes["quota"] += 1
            raise over_quota("ml.m5.xlarge for training job usage", 0, 1)

    def created(self, operation: str) -> bool:
        """After a create; true where its answer is to be lost."""
        if operation not in CREATES:
            return False
        lost = "lost-reply" in self.asked and self._once("lost-reply")
        if self._since_create is None:
            self._since_create = 0
        self.strikes["lost-reply"] += lost
        return lost

    def hides(self, operation: str, job_created: float, now: float) -> bool:
        """Whether a list does not know a job yet."""
        hidden = "slow-list" in self.asked and operation.startswith(_LISTS) and now - job_created < _HIDDEN
        self.strikes["slow-list"] += hidden
        return hidden

    def empty_first(self, operation: str, body: dict[str, Any]) -> bool:
        """Whether this page of a list is to be empty, with more to follow."""
        empty = (
            "slow-list" in self.asked and operation.startswith("List") and operation != "ListTags" and not body.get("NextToken")
        )
        self.strikes["slow-list"] += empty
        return empty

    def spoils_a_candidate(self, number: int) -> bool:
        """Whether this candidate of an Autopilot job fails."""
        spoilt = "bad-trial" in self.asked and number == 1
        self.strikes["bad-trial"] += spoilt
        return spoilt

    def noticed(self, job: Any, event: Any) -> None:
        """Something has happened on a training job's machine."""
        if event.kind == "Training" and job.parent is not None and f"{job.parent.name}-002-" in job.name:
            if "bad-trial" in self.asked and self._once("bad-trial"):
                self.strikes["bad-trial"] += 1
                job.break_down(event.at)
        elif event.kind == "line":
            self.look(job, event.at)

    def look(self, job: Any, at: float) -> None:
        """Takes a spot machine away, where there is something to lose: a trial's first value, an engine's first checkpoint."""
        if "preempt" not in self.asked or not job.spot or job.secondary != "Training" or self.strikes["preempt"] >= _TAKEN:
            return
        something = bool(job.values) if job.parent is not None else job.checkpointed()
        if something and self._once(f"preempt {job.name}"):
            self.strikes["preempt"] += 1
            job.preempt(at)

    def _throttled(self, operation: str, create: bool) -> bool:
        if create:
            return self._once("throttle")
        return self._calls[operation] % 3 == 1 and operation.startswith(("Describe", *_LISTS))

    def _once(self, name: str) -> bool:
        self._struck[name] += 1
        return self._struck[name] == 1
