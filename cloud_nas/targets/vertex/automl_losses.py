"""What AutoML does not take of a search, in the spec's order."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets import automl_losses
from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.vertex.automl_rules import FRACTIONS, budget, objective_for, time_fits
from cloud_nas.targets.vertex.losses import PLACE

_WHO = "AutoML"
_MACHINES = (
    "accelerator", "accelerators", "parallel", "max_runtime", "image", "volume", "service_account", "network", "spot", "retries",
)  # fmt: skip


def losses(job: Job) -> Iterator[Loss]:
    """Every loss of a plan for AutoML."""
    objective, caps = objective_for(job), job.definition.budget
    instead = None if objective.same else objective.name or "what it always does for images"
    yield from automl_losses.of_search(job, _WHO, instead, f"{_WHO} trains its own once more, on all the rows that it gets")
    yield from automl_losses.of_epochs(job, f"{_WHO} counts node hours")
    if caps.trials is not None:
        yield loss(job, "CN356", "budget.trials", "the cap on trials", f"{_WHO} counts node hours", "dropped")
    yield from _of_time(job)
    yield from automl_losses.of_code(job, _WHO)
    yield from _of_machine(job)
    yield from automl_losses.of_machines(job, PLACE, _MACHINES, _WHO)
    parts = ", ".join(f"{100 * part:.0f}" for part in FRACTIONS.values())
    what, why = "which rows train and which choose", f"{_WHO} divides both anew, by chance ({parts} of 100), to measure itself"
    yield loss(job, "CN359", "data.split.validation", what, why, "approximated")


def _of_time(job: Job) -> Iterator[Loss]:
    seconds, hours = job.definition.budget.seconds, job.place["automl"]["node_hours"]
    if seconds is None:
        return
    what = f"the cap of {seconds:g} s on the search"
    if hours is not None:
        why, kind = f"`node_hours` is the budget, {hours:g} of them", "dropped"
    else:
        close = "" if time_fits(job) else ", the nearest to it that the service takes"
        why = f"the budget is {budget(job) / 1000:g} node hours{close}; it may take longer than that"
        kind = "approximated"
    yield loss(job, "CN385", "budget.time", what, why, kind)  # type: ignore[arg-type]  # one of the two


def _of_machine(job: Job) -> Iterator[Loss]:
    if f"{PLACE}.machine" in job.lines:
        why = f"{_WHO} chooses its own machines; this one scores rows when you ask for that"
        yield loss(job, "CN358", f"{PLACE}.machine", "the machine", why, "dropped")
