"""`rehearse`: a whole cloud job on this machine, offline, at a stand-in for the cloud; by the same operations as the real one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cloud_nas.errors import MissingExtraError, UsageError
from cloud_nas.operations._rehearsal import Rehearsal, Step
from cloud_nas.rehearse.clouds import Cloud, StandIn, cloud_of, clouds
from cloud_nas.runs.registry import Registry
from cloud_nas.spec import LoadedSpec, load
from cloud_nas.states import LIVE, Best, RunState, TrialCounts
from cloud_nas.targets import find, names
from cloud_nas.targets.scoring import ScoresThere

FAULTS = ("throttle", "expire", "quota", "preempt", "lost-reply", "slow-list", "bad-trial")


@dataclass(frozen=True)
class Rehearsed:
    """How a rehearsal went.

    `steps` are the operations in their order; `model` is what was fetched, None where nothing was. `metrics` are of the held-out
    rows. `faults` are those that were asked for, and how often each struck.
    """

    run_id: str
    target: str
    state: RunState
    reason: str | None
    trials: TrialCounts
    best: Best | None
    model: str | None
    metrics: dict[str, float]
    steps: tuple[Step, ...]
    faults: Mapping[str, int] = field(default_factory=dict)

    @property
    def stand_in(self) -> bool:
        """Whether what was found says nothing of what the service would find, because its own models cannot be had here."""
        return self.stands_for is not None

    @property
    def stands_for(self) -> str | None:
        """What the service calls its own search, for whose models plain ones stood in; None where our trainer trained."""
        return stands_for(self.target)

    @property
    def passed(self) -> bool:
        """Whether the job ended well and every operation worked on it."""
        return self.state == "succeeded" and all(step.ok for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as `rehearse --json` has it."""
        return vars(self) | {
            "trials": self.trials.to_json(),
            "best": None if self.best is None else self.best.to_json(),
            "steps": [vars(step) for step in self.steps],
            "faults": dict(self.faults),
            "stand_in": self.stand_in,
            "passed": self.passed,
        }


def rehearse(
    spec: str | os.PathLike[str],
    *,
    on: str,
    faults: Sequence[str] = (),
    rows: int | None = None,
    max_trials: int | None = None,
    allow_overlap: bool = False,
    profile: str | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Rehearsed:
    """Plans, submits, watches and fetches a job at a stand-in for the cloud, which really runs what is uploaded.

    Needs no account and no network. What stays is the run, marked `rehearsed`, and its model in the run's folder.

    Args:
        spec: a spec's file.
        on: a target of a cloud that has a stand-in.
        faults: what the stand-in is to do to its user, by names of `FAULTS`.
        rows: train and validate on about so many rows; None: all.
        max_trials: the most configurations, in place of the spec's `budget.trials`.
        allow_overlap: as for `submit`: copies of held-out rows may be among the rows that travel.
        profile: a profile of the project's or the user's configuration.
        note: told how it goes.

    Raises:
        SpecError: the spec is not valid.
        UsageError: there is no such fault, the target cannot be rehearsed, or the rows cannot be made fewer.
        MissingExtraError: the extra `rehearse` is not installed.
        CloudNasError: an operation failed as it would in the cloud.
    """
    place = _cloud(on, faults)
    asked_for = load(spec, profile=profile).spec.targets.model_dump(mode="json")[place.section]
    with (
        tempfile.TemporaryDirectory(prefix="cloud-nas-rehearsal-") as folder,
        place.stand_in(Path(folder), asked_for, faults) as cloud,
        place.alone(cloud),
    ):
        settings = {f"targets.{place.section}.{key}": value for key, value in place.settings(cloud).items()}
        fewer = {} if rows is None else _fewer_rows(spec, profile, rows)
        loaded = load(spec, profile=profile, overrides=settings | fewer | {"budget.trials": max_trials})
        return _carry_out(loaded, on, cloud, allow_overlap, note)


def stands_for(target: str) -> str | None:
    """What the service calls its own search, for whose models plain ones stand in; None where our own trainer trains."""
    cloud = cloud_of(target)
    return cloud.own_search if cloud is not None and isinstance(find(target), ScoresThere) else None


def _carry_out(loaded: LoadedSpec, on: str, cloud: StandIn, allow_overlap: bool, note: Callable[[str], None]) -> Rehearsed:
    known = _run_ids()
    spot = "preempt" in cloud.faults.asked or None
    rehearsal = Rehearsal(loaded, on, spot=spot, scored_there=stands_for(on) is not None, allow_overlap=allow_overlap, note=note)
    try:
        run_id = rehearsal.submit()
        rehearsal.watch(run_id)
        rehearsal.use(run_id)
    finally:
        _mark(_run_ids() - known, on)
    faults = {fault: cloud.faults.strikes[fault] for fault in sorted(cloud.faults.asked)}
    for fault in (fault for fault, times in faults.items() if not times):
        note(f"the fault {fault} had no occasion to strike")
    with Registry() as registry:
        row = registry.get(run_id)
    model, metrics, steps = rehearsal.model, rehearsal.metrics, tuple(rehearsal.steps)
    return Rehearsed(run_id, on, row.state, row.reason, row.trials, row.best, model, metrics, steps, faults)


def _cloud(on: str, faults: Sequence[str]) -> Cloud:
    """The cloud of a target.

    Raises:
        UsageError: it cannot be rehearsed, or there is no such fault.
        MissingExtraError: what its stand-in needs is not installed.
    """
    cloud = cloud_of(on)
    if cloud is None or on not in names():
        there = [name for name in names() if name.partition(":")[0] in clouds()]
        raise UsageError(f"{on} cannot be rehearsed", hint=f"--on {', '.join(there[:-1])} or {there[-1]}")
    unknown = [fault for fault in faults if fault not in FAULTS]
    if unknown:
        raise UsageError(f"no such fault: {unknown[0]}", hint=f"one of {', '.join(FAULTS)}")
    lacking = [name for name in cloud.needed if not _is_installed(name)]
    if lacking:
        raise MissingExtraError(f"a rehearsal needs {lacking[0]}, not installed", hint='pip install "cloud-nas[rehearse]"')
    return cloud


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def _fewer_rows(spec: str | os.PathLike[str], profile: str | None, rows: int) -> dict[str, float]:
    """Shares of the split that leave so many rows to train and validate: the others count as held out, and do not travel."""
    from cloud_nas.operations._engine import in_our_words
    from cloud_nas.operations._prepare import load_rows

    split = load(spec, profile=profile).spec.data.split
    if isinstance(split.test, str):
        raise UsageError("--rows needs held-out rows that are a share of the data", hint=f"the spec takes them from {split.test}")
    with in_our_words():
        _, data = load_rows(load(spec, profile=profile, overrides={"data.split.test": 0}))
    there = data.train.n + data.validation.n
    share = split.test if split.test is not None else 0.1
    if rows >= there * (1 - share):
        return {}
    validation = rows / there * split.validation / (1 - share)
    return {"data.split.validation": validation, "data.split.test": 1 - rows / there}


def _run_ids() -> set[str]:
    with Registry() as registry:
        return {row.run_id for row in registry.rows()}


def _mark(run_ids: set[str], on: str) -> None:
    """Their cloud is gone; one that was still at work is cancelled with it."""
    note, whose = "rehearsed: no cloud was asked, nothing was paid", stands_for(on)
    if whose is not None:
        note = f"rehearsed: plain models stood in for {whose}'s, so their values say nothing of it"
    with Registry() as registry, registry.transaction():
        for run_id in run_ids:
            row = registry.get(run_id)
            state: RunState = "cancelled" if row.state in LIVE else row.state
            registry.update(replace(row, rehearsed=True, state=state, note=note))
