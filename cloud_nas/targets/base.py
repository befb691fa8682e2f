"""The contract between cloud-nas and a place that runs searches. `cloud_nas.testing.TargetSuite` holds any target to it.

A target is a subclass of `Target` and of the capabilities it has; what a place can do is asked with `isinstance`, and every table
of features is derived from that. A target holds no state of its own: what it needs to find a job again is in `Remote`, which the
registry keeps. Values that go in and out are frozen.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cloud_nas.states import Best, RunState, TrialCounts
from local_engine.definition import Definition
from local_engine.events import Observer

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.search import Outcome
    from local_engine.space.builder import Builder


@dataclass(frozen=True)
class Loss:
    """What a conversion could not carry: the key of the spec (`path`, dotted, and its line), and what happens instead."""

    code: str
    path: str
    line: int | None
    what: str
    why: str
    kind: Literal["dropped", "approximated", "added"]


@dataclass(frozen=True)
class Request:
    """One call to a service: `body` is exactly what is sent."""

    service: str
    operation: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file or folder that travels: from a local path to a URI, and how large it is."""

    source: str
    destination: str
    bytes: int


@dataclass(frozen=True)
class Cost:
    """What a plan can cost at most: a `bound` of the caps in the request, or an `estimate`; `formula` is how it comes about."""

    amount: float
    currency: str
    kind: Literal["bound", "estimate"]
    formula: str


@dataclass(frozen=True)
class Plan:
    """What would be made of a definition at a place. Empty tuples: nothing of the kind; `max_cost` None: not known."""

    target: str
    requests: tuple[Request, ...] = ()
    uploads: tuple[Upload, ...] = ()
    losses: tuple[Loss, ...] = ()
    max_cost: Cost | None = None
    permissions: tuple[str, ...] = ()
    remains: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The keys that `plan --json` promises."""
        uploads = [{"from": one.source, "to": one.destination, "bytes": one.bytes} for one in self.uploads]
        return dataclasses.asdict(self) | {"uploads": uploads}


@dataclass(frozen=True)
class Remote:
    """How a job is found again: the run, its attempt, and the place's own name of the job."""

    run_id: str
    attempt: int
    name: str


@dataclass(frozen=True)
class State:
    """What a place knows of a job at one moment; None where it cannot tell.

    A poll that failed is never a job that failed: `refresh` raises, and the last known state stays.
    """

    state: RunState
    trials: TrialCounts | None = None
    best: Best | None = None
    reason: str | None = None


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

    `plan` promises: it is a function of the definition alone (same definition, same plan), it sends nothing and writes nothing,
    and every field of the definition that does not keep its meaning at the place has a loss.
    """

    name: ClassVar[str]
    """As `--on` has it."""

    @abstractmethod
    def plan(self, definition: Definition) -> Plan:
        """What would be made of `definition` here."""


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

    `submit` promises: the job's name is a function of run and attempt, so that submitting again after a lost reply finds the same
    job instead of making a second. `refresh` only reads. `cancel` may be called again, and on a job that has ended.
    """

    @abstractmethod
    def submit(self, plan: Plan, run_id: str, attempt: int) -> Remote:
        """Starts the job of this attempt, or finds it where it is already there."""

    @abstractmethod
    def refresh(self, remote: Remote) -> State:
        """What the place knows of the job now."""

    @abstractmethod
    def cancel(self, remote: Remote) -> None:
        """Asks for an end; `refresh` tells when it has come."""
