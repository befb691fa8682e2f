"""All that SageMaker's tuner does otherwise than the spec says, in the spec's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss, of_epochs, of_final, of_options, of_trial_cap
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.sagemaker.limits import TUNING_SECONDS
from cloud_nas.targets.sagemaker.losses import PLACE, of_machine
from cloud_nas.targets.sagemaker.tuning_space import jobs, listed, reversed_in_range
from local_engine.containers.parameters import Range, ranges

_SPACE = "space.model"


def losses(job: Job) -> Iterator[Loss]:
    """Every loss of a plan for the tuner."""
    yield from _of_space(job)
    yield from _of_search(job)
    yield from of_final(job)
    yield from _of_budget(job)
    yield from of_trial_cap(job, PLACE)
    yield from of_machine(job)


def _of_space(job: Job) -> Iterator[Loss]:
    assert job.space is not None, "a plan for a tuner is made with a space"
    found = [one for one in ranges(job.space, listed=listed(job)) if one.kind != "fixed"]
    parameters = dict(zip(job.space.keys, job.space.parameters, strict=True))
    if stepped := [one for one in found if one.kind != "categorical" and one.approximated]:
        what = _named("the steps of", (f"{one.key} ({str(one.approximated).removeprefix('steps of ')})" for one in stepped))
        why = "the tuner proposes any number of the range, and our trainer takes the nearest step"
        yield loss(job, "CN301", _SPACE, what, why, "approximated")
    if reverse := [one for one in found if one.scale == "reverse_log"]:
        what = _named("the scale of", (f"{one.key} (reverse_log, sent as {_scale(one)})" for one in reverse))
        why = "the tuner's reversed logarithm is of the distance to 1, for numbers from 0 to less than 1"
        yield loss(job, "CN302", _SPACE, what, why, "approximated")
    if conditional := [one for one in found if parameters[one.key].conditions]:
        what = _named("the conditions of", (one.key for one in conditional))
        why = "the tuner proposes a value for each in every trial, and our trainer ignores those that are not active"
        yield loss(job, "CN303", _SPACE, what, why, "approximated")
    ordered = [one for one in found if one.kind == "categorical" and one.approximated]
    if ordered and job.definition.search.strategy == "bayesian":
        what = _named("the order of the values of", (one.key for one in ordered))
        yield loss(job, "CN304", _SPACE, what, "the tuner takes a list of numbers for names", "approximated")
    if renamed := [one for one in found if one.remote != one.key.partition("@")[0]]:
        what = _named("the names of", (f"{one.key} (sent as {one.remote})" for one in renamed))
        why = "a container cannot take such a name, or two have it under different conditions"
        yield loss(job, "CN305", _SPACE, what, why, "approximated")


def _of_search(job: Job) -> Iterator[Loss]:
    search = job.definition.search
    if search.strategy in _OTHERWISE:
        what, why = _OTHERWISE[search.strategy]
        yield loss(job, "CN310", "search.strategy", what, why, "approximated")
    elif search.strategy == "random" and (_countable(job)):
        why = "the tuner may propose one twice, which costs a trial"
        yield loss(job, "CN310", "search.strategy", "that no configuration is tried twice", why, "approximated")
    yield from of_options(job)
    if not listed(job):
        why = f"the tuner draws from the seed {search.seed} other candidates than the engine does"
        yield loss(job, "CN312", "search.seed", "the candidates that the seed gives at home", why, "approximated")
    if search.prior and job.parent is None:
        why = "the tuner learns from its own earlier jobs alone"
        yield loss(job, "CN313", "search.warm_start", f"{len(search.prior)} trials of another run", why, "dropped")
    if listed(job) and job.space is not None and any(one.conditions for one in job.space.parameters):
        why = f"the tuner goes through all {jobs(job)} combinations, active or not"
        yield loss(job, "CN314", "search.strategy", "that what is not active is not tried", why, "approximated")


def _of_budget(job: Job) -> Iterator[Loss]:
    budget = job.definition.budget
    yield from of_epochs(job, jobs(job), "trials and seconds")
    least, most = TUNING_SECONDS
    if budget.seconds is not None and not least <= budget.seconds <= most:
        why = f"the tuner takes caps from {least} to {most} s, and gets the nearest"
        yield loss(job, "CN331", "budget.time", f"the cap of {budget.seconds:g} s", why, "approximated")


_OTHERWISE = {
    "bayesian": (
        "the surrogate that proposes",
        "the tuner has its own, and may propose a configuration twice",
    ),
    "hyperband": (
        "the brackets and rungs",
        "the tuner has its own, in which a trial is stopped and never promoted, and may propose a configuration twice",
    ),
}


def _countable(job: Job) -> bool:
    return job.space is not None and job.space.size() is not None


def _scale(one: Range) -> str:
    return "ReverseLogarithmic" if reversed_in_range(one) else "Linear"


def _named(before: str, names: Iterable[str]) -> str:
    return f"{before} {', '.join(names)}"
