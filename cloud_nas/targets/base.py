"""The contract between cloud-nas and a place that runs searches. `cloud_nas.testing.TargetSuite` holds any target to it.

A target is a subclass of `Target` and of the capabilities it has; what a place can do is asked with `isinstance`, and every table
of features is derived from that. A target holds no state of its own: what it needs to find a job again is in `Remote`, which the
registry keeps. Values that go in and out are frozen: `job.py` has what goes into a plan, `plan.py` what comes out, `remote.py`
what is known of a job in a cloud.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cloud_nas.errors import CloudNasError
from cloud_nas.states import Trial
from cloud_nas.targets.job import Job, Parcels
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Brought, Found, Left, LogPage, Remote, State
from local_engine.definition import Definition
from local_engine.events import Observer

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.search import Outcome
    from local_engine.space.builder import Builder


@dataclass(frozen=True)
class Work:
    """A search to run on this machine, to its end.

    `folder` is the run's own and may hold an earlier attempt's state, from which the search goes on. `stop` is asked after each
    epoch: a text is the reason to end there, with everything saved. `data` and `builder` are made once by the caller. `parallel`
    is how many workers train (None: as many as fit; 0: this process does), `gpus` which GPUs they may use (None: all; (): none).
    """

    definition: Definition
    folder: Path
    observer: Observer
    stop: Callable[[], str | None]
    data: Dataset | None = field(default=None, compare=False)
    builder: Builder | None = field(default=None, compare=False)
    parallel: int | None = 0
    gpus: tuple[str, ...] | None = None


class Target(ABC):
    """A place. Subclasses take no arguments: what differs between users is in the spec and the environment.

    `plan` promises: it is a function of the job alone (same job, same plan), it sends nothing and writes nothing, and every field
    of the definition that does not keep its meaning at the place has a loss.
    """

    name: ClassVar[str]
    """As `--on` has it."""

    needs: ClassVar[Parcels] = Parcels()
    """What travels to the place, and whether the space has to be known for a plan."""

    def packed(self, job: Job) -> Job:
        """The job with what else travels and depends on the place, written into this machine's cache. Most need nothing."""
        return job

    @abstractmethod
    def plan(self, job: Job) -> Plan:
        """What would be made of the job here.

        Raises:
            UsageError: the place cannot run such a job; the message says which of its rules is broken, and the way out.
        """


class RunsHere(ABC):
    """The place is this process: a search runs in the foreground, to its end.

    `run` promises: it works only inside `work.folder`; called again on the folder of an interrupted run it goes on from there and
    repeats no finished trial; what it says to `work.observer` in the end agrees with the outcome.
    """

    @abstractmethod
    def run(self, work: Work) -> Outcome:
        """Runs the search.

        Raises:
            EngineError: what the user can mend: the data, the model's file.
        """


class Submits(ABC):
    """The place takes a plan and works at it on its own.

    All methods raise `CredentialsError` where nobody is logged in, and `UnreachableError` where the place did not answer; neither
    says anything about a job. Reading methods may be called as often as one likes, and keep to the place's limits themselves.
    """

    @abstractmethod
    def settings(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """The section of the spec's `targets`, with what this machine's own configuration of the place fills in.

        Sends nothing; needs no credentials.

        Raises:
            UsageError: something is missing that every job here needs (a region, a bucket, a role); the hint is the line to add.
        """

    @abstractmethod
    def validate(self, plan: Plan) -> tuple[str, ...]:
        """Everything that the place's own model of its requests and its documented rules say against a plan; empty: nothing.

        Each is one line that names the operation, the member and the rule.
        """

    @abstractmethod
    def submit(self, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> Remote:
        """Uploads what is not there yet, and makes the job; or finds it where it was made before.

        The job's name and nonce are in the plan, so that submitting again after any interruption makes no second job.

        Raises:
            RefusedError: a job of that name is somebody else's; or the place refuses (a quota, a bucket that is not there).
        """

    @abstractmethod
    def refresh(self, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
        """What the place knows of these jobs now, in their order and in few calls; an error for each that it cannot tell."""

    @abstractmethod
    def cancel(self, remote: Remote) -> None:
        """Asks for an end; `refresh` tells when it has come. May be called again, and on a job that has ended."""

    @abstractmethod
    def trials(self, remote: Remote) -> list[Trial]:
        """The trials as far as they are known, by number."""

    @abstractmethod
    def logs(self, remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
        """What was logged since the page whose `next` was `after` (None: from the beginning); of one trial, or of all."""

    @abstractmethod
    def bring(
        self, remote: Remote, folder: Path, *, trial: int | None = None, note: Callable[[str], None] = lambda text: None
    ) -> Brought:
        """Downloads what the best trial, or this one, left, into `folder`, as it is and without looking into it.

        Raises:
            NotFoundError: there is no such trial, or it left nothing.
            FailedError: the job has ended without a best trial, or has none yet.
        """

    @abstractmethod
    def find(self, place: Mapping[str, Any], *, owner: str | None) -> list[Found]:
        """The jobs at the place that carry our tags; of `owner`, or of everybody. Children of jobs are not jobs."""

    @abstractmethod
    def left(self, remote: Remote) -> list[Left]:
        """What the job left at the place that is its own, and how many bytes."""

    @abstractmethod
    def remove(self, remote: Remote, left: Sequence[Left]) -> None:
        """Deletes that; only what carries the run's name."""
