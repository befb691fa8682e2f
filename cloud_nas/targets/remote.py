"""A job in a cloud: how it is found again, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cloud_nas.states import Best, Money, RunState, TrialCounts


@dataclass(frozen=True)
class Remote:
    """How a job is found again: the run, its attempt, the nonce of its tags, the place's own name, and where the place is.

    `name` is ours (`r-7k2xq-1`), or the place's own where that gives names. `place` is of the plan: where the place is (`region`;
    `project` and `location`), `bucket`, `prefix`, `kind` (autopilot, automl, tuning, engine), `goal` (maximize, minimize) and
    `metric`.
    """

    run_id: str
    attempt: int
    name: str
    nonce: str = ""
    place: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """What a place knows of a job at one moment; None where it cannot tell.

    A poll that failed is never a job that failed: `refresh` gives an error then, and the last known state stays. `cost` is what
    it has cost so far, as far as the place says what it bills. `seconds` is how long it has worked.
    """

    state: RunState
    trials: TrialCounts | None = None
    best: Best | None = None
    reason: str | None = None
    seconds: float | None = None
    cost: Money | None = None
    note: str | None = None


@dataclass(frozen=True)
class LogLine:
    """A line that a job printed; `at` is ISO 8601 in UTC, `trial` whose it is, None where it is the job's own."""

    at: str | None
    text: str
    trial: int | None = None


@dataclass(frozen=True)
class LogPage:
    """Lines, oldest first; `next` goes on from here, and is given even where nothing more has come yet.

    `note` is why there are no lines and will be none.
    """

    lines: tuple[LogLine, ...]
    next: str
    note: str | None = None


@dataclass(frozen=True)
class Brought:
    """What was downloaded, not looked into yet.

    Attributes:
        kind: `artifact`: an archive of an artifact folder of ours; `candidate`: what a service's own AutoML left.
        trial: whose it is, where it is a trial's.
        archives: the files, in the folder that was asked for.
        metrics: what the service measured, by its own names.
        candidates: a service's table of its candidates, the best first.
        image: the container that can run it, where the service names one.
    """

    kind: Literal["artifact", "candidate"]
    trial: int | None
    archives: tuple[Path, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    candidates: tuple[Mapping[str, Any], ...] = ()
    image: str | None = None


@dataclass(frozen=True)
class Found:
    """A job that carries our tags: what they say of it."""

    remote: Remote
    target: str
    name: str
    owner: str
    spec_sha256: str
    identity: str
    created_at: str
    state: State


@dataclass(frozen=True)
class Left:
    """Something that a job left at its place: an object, or a resource (`bytes` None)."""

    uri: str
    bytes: int | None = None
