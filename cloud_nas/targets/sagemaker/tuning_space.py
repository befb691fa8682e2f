"""A search's space as SageMaker's tuner gets it, and how many trials that makes."""

from __future__ import annotations

import math
from dataclasses import replace

from cloud_nas.targets.job import Job
from cloud_nas.targets.search_terms import wanted_trials
from local_engine.containers.parameters import Range, ranges
from local_engine.strategies.brackets import brackets


def listed(job: Job) -> bool:
    """Whether every parameter is sent as a list of values: the service's grid takes no ranges."""
    return job.definition.search.strategy == "grid"


def sent(job: Job) -> tuple[Range, ...]:
    """What is searched, in the space's order: all but what has one value. Scales are those that the service can hold."""
    assert job.space is not None, "a plan for a tuner is made with a space"
    return tuple(_as_held(one) for one in ranges(job.space, listed=listed(job)) if one.kind != "fixed")


def jobs(job: Job) -> int:
    """How many trials there will be at most: as at home, where none is tried twice; a grid is gone through whole."""
    search = job.definition.search
    if listed(job):
        return math.prod(len(one.values) for one in sent(job))
    caps = wanted_trials(job)
    if search.strategy == "hyperband":
        rounds = brackets(job.definition.train.epochs, search.options.get("factor", 3))
        caps.append(sum(one.sizes[0] for one in rounds) * int(search.options.get("iterations", 1)))
    return min(cap for cap in caps if cap is not None)


def reversed_in_range(one: Range) -> bool:
    """Whether the service's reversed logarithm takes this range: continuous, from 0 to less than 1."""
    return one.kind == "continuous" and one.low is not None and one.high is not None and one.low >= 0 and one.high < 1


def _as_held(one: Range) -> Range:
    return replace(one, scale="linear") if one.scale == "reverse_log" and not reversed_in_range(one) else one
