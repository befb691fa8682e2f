"""Faults that can be asked for: what a service does to its users, on purpose; each cloud has its own words for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, get_args

Fault = Literal["throttle", "expire", "quota", "preempt", "lost-reply", "slow-list", "bad-trial"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

_EXPIRES_AFTER, _RENEWED_AFTER = 3, 6
_TAKEN = 2
_HIDDEN = 5.0
"""Seconds for which `slow-list` keeps a new job out of lists."""


class Faults(ABC):
    """Which faults there are; `strikes` is how often each has struck.

    throttle: the first create, and every third read, is refused for its rate.
    expire: some calls after the first create the login has expired, for some calls.
    quota: the first create is refused; then the account has got its quota.
    preempt: each of the first two spot machines is taken away once, after its first value.
    lost-reply: the first create is carried out, and its answer never arrives.
    slow-list: new jobs are not in lists for some seconds, and each list begins with an empty page.
    bad-trial: the second trial of a search dies, as for want of memory.
    """

    creates: ClassVar[Sequence[str]]
    """Operations that make a job."""

    reads: ClassVar[tuple[str, ...]]
    """How operations begin that only look."""

    lists: ClassVar[tuple[str, ...]]
    """How operations begin that list jobs."""

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

    @abstractmethod
    def expiry(self) -> Exception:
        """What is told whoever is not logged in any more."""

    @abstractmethod
    def busy(self) -> Exception:
        """What is told whoever asks too often."""

    @abstractmethod
    def exceeded(self) -> Exception:
        """What is told whoever asks for more than the quota is."""

    def before(self, operation: str) -> None:
        """Refuses a call, by raising what the cloud tells."""
        if "expire" in self.asked and self._since_create is not None:
            self._since_create += 1
            self.expired = _EXPIRES_AFTER < self._since_create <= _RENEWED_AFTER
            self.strikes["expire"] += self.expired
        if self.expired:
            raise self.expiry()
        create = operation in self.creates
        self._calls[operation] += 1
        if "throttle" in self.asked and self._throttled(operation, create):
            self.strikes["throttle"] += 1
            raise self.busy()
        if create and "quota" in self.asked and self.once("quota"):
            self.strikes["quota"] += 1
            raise self.exceeded()

    def created(self, operation: str) -> bool:
        """After a create; true where its answer is to be lost."""
        if operation not in self.creates:
            return False
        lost = "lost-reply" in self.asked and self.once("lost-reply")
        if self._since_create is None:
            self._since_create = 0
        self.strikes["lost-reply"] += lost
        return lost

    def hides(self, operation: str, created: float, now: float) -> bool:
        """Whether a list does not know yet what was made then."""
        hidden = "slow-list" in self.asked and operation.startswith(self.lists) and now - created < _HIDDEN
        self.strikes["slow-list"] += hidden
        return hidden

    def empty_first(self, operation: str, token: str | None) -> bool:
        """Whether this page of a list is to be empty, with more to follow."""
        empty = "slow-list" in self.asked and operation.startswith("List") and not token
        self.strikes["slow-list"] += empty
        return empty

    def takes(self, job: Any) -> bool:
        """Whether this job's machine, where there is something to lose, is taken away now."""
        taken = "preempt" in self.asked and self.strikes["preempt"] < _TAKEN and self.once(f"preempt {job.name}")
        self.strikes["preempt"] += taken
        return taken

    def spoils(self) -> bool:
        """Whether this, the second trial, dies now."""
        spoilt = "bad-trial" in self.asked and self.once("bad-trial")
        self.strikes["bad-trial"] += spoilt
        return spoilt

    def once(self, name: str) -> bool:
        """Whether it is asked for the first time."""
        self._struck[name] += 1
        return self._struck[name] == 1

    def _throttled(self, operation: str, create: bool) -> bool:
        if create:
            return self.once("throttle")
        return self._calls[operation] % 3 == 1 and operation.startswith(self.reads)
