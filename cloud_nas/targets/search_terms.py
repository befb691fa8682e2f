"""A search in the terms of a place: what its objective is called there, and what bounds it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cloud_nas.targets.job import Job
from local_engine.strategies.options import default_trials


def metric_name(job: Job) -> str:
    """What a trial reports its objective as."""
    return f"val_{job.definition.objective.metric}"


def max_runtime(place: Mapping[str, Any]) -> int:
    """The longest that one job may train, whole seconds."""
    return max(1, math.ceil(float(place["max_runtime"])))


def wanted_trials(job: Job) -> list[int | None]:
    """Caps on the number of trials that the search has at home: its budget or its strategy's own, and the size of the space."""
    search, budget = job.definition.search, job.definition.budget
    return [budget.trials or default_trials(search.strategy), None if job.space is None else job.space.size()]


def kept(
    job: Job, keys: Iterable[str], kind: str, *, goal: str | None = None, metric: str | None = None, **own: Any
) -> dict[str, Any]:
    """What finds and prices a job again, for `Plan.place`.

    Args:
        job: the job.
        keys: those of the place's section that do.
        kind: of the job, by the place's own name.
        goal: of the service's metric, where it is not the definition's.
        metric: the service's own name of it, likewise.
        own: what only this kind of job has.
    """
    objective = job.definition.objective
    told = {"kind": kind, "goal": goal or objective.goal, "metric": metric or objective.metric}
    return {key: job.place[key] for key in keys} | told | own
