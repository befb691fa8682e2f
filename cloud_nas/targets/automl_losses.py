"""The losses that a search has at every place whose own AutoML searches: it takes the rows, an objective and a budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss
from cloud_nas.targets.plan import Loss


def of_search(job: Job, who: str, instead: str | None, kept: str) -> Iterator[Loss]:
    """What is searched, how, and by what.

    Args:
        job: the job.
        who: what the place calls its AutoML.
        instead: what it optimises instead of the objective; None: the same.
        kept: what it does about the final model.
    """
    if instead is not None:
        ours = job.definition.objective.metric
        yield loss(job, "CN350", "objective.metric", f"the objective {ours}", f"{who} optimises {instead}", "approximated")
    yield loss(job, "CN351", "space", "the search space", f"{who} searches its own models", "dropped")
    why = f"{who} proposes its own candidates"
    yield loss(job, "CN352", "search", "the strategy, its options and its seed", why, "dropped")
    why = f"{who} trains as it thinks best"
    yield loss(job, "CN353", "train", "epochs, batch size, callbacks and early stopping", why, "dropped")
    yield loss(job, "CN354", "final", "how the final model is made", kept, "dropped")


def of_epochs(job: Job, why: str) -> Iterator[Loss]:
    """A cap on the epochs."""
    if job.definition.budget.epochs is not None:
        yield loss(job, "CN355", "budget.epochs", "the cap on epochs", why, "dropped")


def of_code(job: Job, who: str) -> Iterator[Loss]:
    """Code that would travel."""
    if job.definition.code.include or job.definition.code.requirements:
        yield loss(job, "CN357", "code", "the code", f"{who} runs none but its own", "dropped")


def of_machines(job: Job, place: str, keys: Iterable[str], who: str) -> Iterator[Loss]:
    """Settings of the section `place` that the spec has and that are of machines."""
    for key in keys:
        if f"{place}.{key}" in job.lines:
            why = f"{who} chooses its own machines and containers"
            yield loss(job, "CN358", f"{place}.{key}", f"the {key}", why, "dropped")
