"""`submit`: a search in the background: in a process of its own on this machine, or as a job in a cloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.operations._attempt import Order
from cloud_nas.operations._background import start
from cloud_nas.operations._budget import with_budget
from cloud_nas.operations._engine import require_engine
from cloud_nas.operations._runs import LOCAL
from cloud_nas.operations._submit_remote import Terms, submit_remote
from cloud_nas.operations._workers import workers
from cloud_nas.operations.handle import Run
from cloud_nas.operations.plan import PlanResult, changes, plan, plan_again, read_plan
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import RunsHere, Submits
from cloud_nas.targets.plan import Plan


def submit(
    spec: str | os.PathLike[str] | LoadedSpec | PlanResult,
    *,
    on: str | None = None,
    max_trials: int | None = None,
    max_time: float | str | None = None,
    fresh: bool = False,
    profile: str | None = None,
    parallel: int | None = None,
    gpus: Sequence[str | int] | None = None,
    spot: bool | None = None,
    max_cost: float | None = None,
    accept_estimate: bool = False,
    allow_overlap: bool = False,
    confirm: Callable[[Plan], bool] = lambda plan: True,
    note: Callable[[str], None] = lambda text: None,
) -> Run:
    """Starts a search, here or in a cloud, and returns as soon as it is sure to go on by itself.

    Here it does what `run` does, in a process that holds the run, and goes on with a run as `run` does. What it says is in the
    run's journal (`logs`), what it prints in `output.txt` in the run's folder.

    In a cloud the job is planned, what travels is uploaded, and the job is made once: submitting again attaches to it while it is
    at work, and opens the next attempt after it failed or was cancelled. After a crash in the middle it goes on where that was.

    Args:
        spec: a spec's file, what `load` made of it, or a plan: its file, or what `plan` gave, which is then made exactly so.
        on: the target; this machine when None, or the plan's.
        max_trials: the most configurations, in place of the spec's `budget.trials`.
        max_time: the longest the search may take, `"2h"` or seconds, in place of `budget.time`.
        fresh: start anew whatever was run before.
        profile: a profile of the project's or the user's configuration, where `spec` is a file.
        parallel: how many workers train at once here, as for `run`.
        gpus: which GPUs they may use, as for `run`.
        spot: train on spare capacity of the cloud; None: as the spec says.
        max_cost: the most that the job may cost, in US dollars; `budget.cost` when None.
        accept_estimate: hold an estimate against it, where the service has no cap.
        allow_overlap: copies of held-out rows may be among the rows that travel to a cloud.
        confirm: asked with the plan before anything is sent.
        note: told what happens.

    Returns:
        The run. One that was finished before is given again, and nothing is started; its `notes` say so.

    Raises:
        SpecError: the spec is not valid.
        UsageError: the data or the model's file do not work, or the target does not take them.
        RefusedError: another process writes this run, the disk has no room, or the job may not cost what it could; the plan no
            longer holds; held-out rows are among those that would travel.
        CredentialsError, UnreachableError: the service does not know who is asking, or does not answer.
        MissingExtraError: the extra `local` is not installed.
    """
    given = _given_plan(spec)
    terms = Terms(max_cost, accept_estimate, allow_overlap, confirm)
    if given is not None:
        if on not in (None, given.target) or (max_trials, max_time, spot) != (None, None, None):
            raise UsageError("a plan is submitted as it is", hint="plan again with what is to change")
        return _there(_as_it_is_now(given, note), terms, fresh=fresh, exactly=not fresh, note=note)
    assert not isinstance(spec, PlanResult)
    target = find(on or LOCAL)
    if isinstance(target, Submits):
        if parallel is not None or gpus is not None:
            raise UsageError(
                "--parallel and --gpus are of this machine", hint="a cloud's are `parallel` and the machine under `targets:`"
            )
        caps: dict[str, Any] = {"max_trials": max_trials, "max_time": max_time, "spot": spot}
        made = plan(spec, on=target.name, profile=profile, note=lambda found: note(found.message), **caps)
        return _there(made, terms, fresh=fresh, exactly=False, note=note)
    if not isinstance(target, RunsHere):
        raise UsageError(f"{on} takes no runs in the background", hint="submit works at local, sagemaker:... and vertex:...")
    loaded = with_budget(spec, profile, trials=max_trials, time=max_time)
    require_engine()
    workers(parallel)
    begun = start(Order(loaded, target.name, fresh, parallel, None if gpus is None else tuple(map(str, gpus))))
    return Run(begun.run_id, begun.notes)


def _there(made: PlanResult, terms: Terms, *, fresh: bool, exactly: bool, note: Callable[[str], None]) -> Run:
    """Submits a plan to its cloud; the most that it may cost is the spec's own where nothing was asked for."""
    assert made.prepared is not None
    cap = made.prepared.loaded.spec.budget.cost if terms.max_cost is None else terms.max_cost
    done = submit_remote(made, replace(terms, max_cost=cap), fresh=fresh, exactly=exactly, note=note)
    return Run(done.row.run_id, done.notes)


def _given_plan(spec: str | os.PathLike[str] | LoadedSpec | PlanResult) -> PlanResult | None:
    """The plan that is given in place of a spec; a plan's file ends in `.json`, which no spec does."""
    if isinstance(spec, PlanResult):
        return spec
    if isinstance(spec, LoadedSpec) or Path(spec).suffix != ".json":
        return None
    return read_plan(spec)


def _as_it_is_now(made: PlanResult, note: Callable[[str], None]) -> PlanResult:
    """The plan with the job that it is made of.

    Raises:
        RefusedError: what it shows is no longer what would be made.
    """
    if made.prepared is not None:
        return made
    again = plan_again(made, note=lambda found: note(found.message))
    changed = changes(made, again)
    if changed:
        raise RefusedError(
            f"the plan no longer holds: {', '.join(changed)}",
            hint=f"plan again: cloud-nas plan {made.spec_path} --on {made.target} --out plan.json",
            code="CN508",
        )
    return again
