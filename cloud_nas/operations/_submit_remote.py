"""A search as a job in a cloud: which run and attempt it is, the intent on disk, then the calls. Made once, whatever happens.

In this order: the plan; the run's row, `pending`, with the nonce that the job's tags will carry; the intent, which is the whole
plan; the uploads; the job; the row again, with its name. Whoever does the same again after any of these steps goes on there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import RefusedError
from cloud_nas.operations._choose import larger
from cloud_nas.operations._job_name import new_nonce, owner
from cloud_nas.operations._money import check_cost
from cloud_nas.operations._remote import look, target_of
from cloud_nas.operations._runs import folder_of
from cloud_nas.operations.plan import PlanResult, planned
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow, now
from cloud_nas.runs.writer import writing
from cloud_nas.states import LIVE, TrialCounts
from cloud_nas.targets.job import ATTEMPTS, JobName
from cloud_nas.targets.plan import Plan
from local_engine.files import write_bytes, write_json

INTENTS = "intents"
"""The folder of the plans that were carried out, one a file by attempt, in a run's folder."""


@dataclass(frozen=True)
class Terms:
    """What a job may cost, whether copies of held-out rows may travel, and who is asked before it is made."""

    max_cost: float | None = None
    accept_estimate: bool = False
    allow_overlap: bool = False
    confirm: Callable[[Plan], bool] = lambda plan: True


@dataclass(frozen=True)
class Submitted:
    """The run that a search is now; `notes` are what was said on the way. `made`: a job was made for it just now."""

    row: RunRow
    made: bool
    notes: tuple[str, ...] = ()


def submit_remote(
    made: PlanResult,
    terms: Terms,
    *,
    fresh: bool = False,
    exactly: bool = False,
    rehearsed: bool = False,
    note: Callable[[str], None] = lambda text: None,
) -> Submitted:
    """Submits what a plan shows, or attaches to the run that it is.

    Args:
        made: the plan, with the job that it was made of.
        terms: what it may cost.
        fresh: a new run, whatever was submitted before.
        exactly: the plan's own name is to be used: it was read from a file that shows it.
        rehearsed: the cloud is a stand-in.
        note: told what happens.

    Raises:
        RefusedError: it costs too much, was not confirmed, held-out rows are among those that travel, another process submits
            it, or the plan's name is taken.
        CloudNasError: the service does not take it; the run is then `pending`, and submitting again goes on.
    """
    assert made.prepared is not None, "a plan is carried out with what it was made of"
    choice = _choose(made, fresh=fresh or exactly)
    if choice.attached:
        return Submitted(choice.row, made=False, notes=(choice.note,))
    made.prepared.overlap.check(allowed=terms.allow_overlap, note=note)
    if exactly:
        choice = _as_shown(choice, made)
    plan = _named(made, choice, exactly=exactly)
    check_cost(plan, terms.max_cost, accept_estimate=terms.accept_estimate)
    if not terms.confirm(plan):
        raise RefusedError("nothing was submitted: it was not confirmed", hint="--yes confirms it")
    if choice.note:
        note(choice.note)
    with _claimed(choice, plan, rehearsed) as row:
        _write_intent(row, made, plan)
        remote = target_of(row).submit(plan, note=note)
        with Registry() as registry, registry.transaction():
            row = registry.update(dataclasses.replace(registry.get(row.run_id), state="running", remote=remote.name, note=None))
    return Submitted(row, made=True, notes=(choice.note,) if choice.note else ())


@dataclass(frozen=True)
class _Choice:
    """The run that a plan belongs to: a row to go on with (`before` as it is now), or a new one; `attached`: nothing to make."""

    row: RunRow
    before: RunRow | None
    attached: bool = False
    note: str = ""


def _choose(made: PlanResult, *, fresh: bool) -> _Choice:
    """Which run a plan is, and which attempt at it."""
    prepared = made.prepared
    assert prepared is not None
    budget = dataclasses.asdict(prepared.job.definition.budget)
    with Registry() as registry:
        same = [] if fresh else [row for row in registry.rows(identity=made.identity.sha256()) if not row.rehearsed]
    row = _new_row(made, budget)
    if not same:
        return _Choice(row, None)
    before = look(same[:1])[0].row
    going = dataclasses.replace(
        row, run_id=before.run_id, created_at=before.created_at, attempt=before.attempt, nonce=before.nonce
    )
    if before.remote is None and before.state in (*LIVE, "interrupted"):
        return _Choice(going, before, note=f"{before.run_id} was not submitted to its end; it goes on")
    if before.state in LIVE:
        return _Choice(before, before, attached=True, note=f"{before.run_id} is at work as {before.remote}")
    if before.state == "succeeded" and not larger(budget, before.budget):
        return _Choice(
            before, before, attached=True, note=f"{before.run_id} is finished; nothing was submitted (--new starts anew)"
        )
    if before.attempt >= ATTEMPTS:
        return _Choice(row, None, note=f"{before.run_id} has had {ATTEMPTS} attempts: this is a new run")
    why = (
        "a larger budget"
        if before.state == "succeeded"
        else f"it was {before.state}"
        if before.state != "failed"
        else "it failed"
    )
    again = dataclasses.replace(going, attempt=before.attempt + 1, nonce=new_nonce())
    return _Choice(again, before, note=f"attempt {again.attempt} at {before.run_id}: {why}")


def _new_row(made: PlanResult, budget: Mapping[str, Any]) -> RunRow:
    name = made.plan.name
    assert name is not None and made.prepared is not None
    return RunRow(
        run_id=name.run_id,
        name=made.prepared.job.definition.name,
        target=made.target,
        state="pending",
        spec_sha256=made.spec_sha256,
        spec_path=made.spec_path,
        identity=made.identity,
        budget=budget,
        trials=TrialCounts(total=budget.get("trials")),
        attempt=name.attempt,
        nonce=name.nonce,
    )


def _as_shown(choice: _Choice, made: PlanResult) -> _Choice:
    """The choice for a plan that was shown with its name: that very run.

    Raises:
        RefusedError: the name was used for something else.
    """
    with Registry() as registry:
        before = registry.find(choice.row.run_id)
    if before is None:
        return choice
    if before.nonce != choice.row.nonce or before.identity != made.identity:
        raise RefusedError(f"the plan's run {before.run_id} is another one by now", hint="plan again", code="CN508")
    if before.remote is not None:
        return dataclasses.replace(choice, row=before, before=before, attached=True, note=f"{before.run_id} is {before.remote}")
    return dataclasses.replace(choice, before=before)


def _named(made: PlanResult, choice: _Choice, *, exactly: bool) -> Plan:
    """The plan under the name of the run and attempt that it is."""
    assert made.prepared is not None
    name = JobName(choice.row.run_id, choice.row.attempt, choice.row.nonce, owner())
    if exactly or name == made.plan.name:
        return made.plan
    job = dataclasses.replace(made.prepared.job, name=name)
    return planned(dataclasses.replace(made.prepared, job=job), made.target)


@contextmanager
def _claimed(choice: _Choice, plan: Plan, rehearsed: bool) -> Iterator[RunRow]:
    """The run's row, `pending`, and this process the only one that submits it while the block lasts.

    Raises:
        RefusedError: another process submits it, or has taken it further since it was looked at.
    """
    asked = dataclasses.replace(
        choice.row, place=dict(plan.place), state="pending", remote=None, rehearsed=rehearsed, seen_at=now()
    )
    with ExitStack() as held:
        with Registry() as registry, registry.transaction():
            found = registry.find(asked.run_id)
            if not _is_as_it_was(found, choice.before):
                raise RefusedError(f"{asked.run_id} was submitted by another process meanwhile", hint="cloud-nas status")
            held.enter_context(writing(folder_of(asked)))
            row = registry.create(asked) if found is None else registry.update(asked)
        yield row


def _is_as_it_was(found: RunRow | None, before: RunRow | None) -> bool:
    if found is None or before is None:
        return found is before
    return (found.attempt, found.nonce, found.remote) == (before.attempt, before.nonce, before.remote)


def _write_intent(row: RunRow, made: PlanResult, plan: Plan) -> None:
    """What is about to be made, and of what, on disk before the first call."""
    folder = folder_of(row)
    assert made.prepared is not None
    loaded, job = made.prepared.loaded, made.prepared.job
    write_bytes(folder / "spec.yaml", loaded.path.read_bytes(), mode=0o600)
    write_json(folder / "definition.json", job.definition.to_json(), mode=0o600)
    write_json(folder / INTENTS / f"{row.attempt}.json", plan.to_json(), mode=0o600)
