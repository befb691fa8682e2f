"""All that Vertex AI's tuner does otherwise than the spec says, in the spec's order."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss, of_epochs, of_final, of_options, of_trial_cap
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.vertex.losses import PLACE
from cloud_nas.targets.vertex.tuning_space import combinations, jobs, listed, names, sent, tree

_SPACE = "space.model"


def losses(job: Job) -> Iterator[Loss]:
    """Every loss of a plan for the tuner."""
    yield from _of_space(job)
    yield from _of_search(job)
    yield from of_final(job)
    yield from of_epochs(job, jobs(job), "trials")
    yield from _of_time(job)
    yield from of_trial_cap(job, PLACE)
    yield from _of_measurement(job)


def _of_space(job: Job) -> Iterator[Loss]:
    found, remotes = sent(job), names(job)
    if stepped := [one for one in found if one.values is not None and one.values.rounded]:
        what = f"the steps of {', '.join(f'{one.key} (of {one.parameter.step})' for one in stepped)}"  # type: ignore[attr-defined]
        why = "the tuner takes 1,000 values one by one, else any number of the range, and our trainer takes the nearest step"
        yield loss(job, "CN301", _SPACE, what, why, "approximated")
    if loose := [one.key for one in found if not one.exact]:
        why = "a parameter of the tuner's stands under one other that is no real number; our trainer ignores what is not active"
        yield loss(job, "CN303", _SPACE, f"the conditions of {', '.join(loose)}", why, "approximated")
    ordered = [one.key for one in found if one.values is not None and one.values.unordered]
    if ordered and job.definition.search.strategy == "bayesian":
        why = "the tuner takes a list of numbers that neither rises nor falls for names"
        yield loss(job, "CN304", _SPACE, f"the order of the values of {', '.join(ordered)}", why, "approximated")
    if renamed := [one for one in found if remotes[one.key] != one.parameter.name]:
        what = f"the names of {', '.join(f'{one.key} (sent as {remotes[one.key]})' for one in renamed)}"
        why = "the tuner or a container cannot take such a name, or two have it under different parents"
        yield loss(job, "CN305", _SPACE, what, why, "approximated")


def _of_search(job: Job) -> Iterator[Loss]:
    search = job.definition.search
    if search.strategy == "bayesian":
        why = "the tuner has its own, and may propose a configuration twice"
        yield loss(job, "CN310", "search.strategy", "the surrogate that proposes", why, "approximated")
    elif search.strategy == "random" and job.space is not None and job.space.size() is not None:
        why = "the tuner may propose one twice, which costs a trial"
        yield loss(job, "CN310", "search.strategy", "that no configuration is tried twice", why, "approximated")
    elif listed(job) and jobs(job) < (combinations(tree(job)) or 0):
        why = "the tuner goes through a grid in its own order, and the budget ends it before the last"
        yield loss(job, "CN310", "search.strategy", "which configurations of the grid are tried", why, "approximated")
    yield from of_options(job)
    if not listed(job):
        why = f"the tuner takes no seed, so that {search.seed} stands for nothing there and no search is like another"
        yield loss(job, "CN312", "search.seed", "the candidates that the seed gives at home", why, "dropped")
    if search.prior or job.parent is not None:
        what = f"{len(search.prior)} trials of another run" if search.prior else "the trials of another run"
        yield loss(
            job, "CN313", "search.warm_start", what, "the tuner cannot be handed trials, its own earlier ones either", "dropped"
        )
    if listed(job) and any(not one.exact for one in sent(job)):
        why = f"the tuner's grid is of {combinations(tree(job))} combinations, active or not"
        yield loss(job, "CN314", "search.strategy", "that what is not active is not tried", why, "approximated")


def _of_time(job: Job) -> Iterator[Loss]:
    seconds = job.definition.budget.seconds
    if seconds is not None:
        why = (
            f"the tuner counts trials: {jobs(job)}, each of {job.place['max_runtime']:g} s at most; nothing ends the whole search"
        )
        yield loss(job, "CN380", "budget.time", f"the cap of {seconds:g} s on the search", why, "dropped")


def _of_measurement(job: Job) -> Iterator[Loss]:
    own = job.place["tuning"]
    if own["measurement"] == "last":
        why = "the tuner was told to take that of the last; the model is still of the best"
        yield loss(job, "CN381", f"{PLACE}.tuning.measurement", "that a trial's value is of its best epoch", why, "approximated")
    if own["early_stopping"] == "convex":
        why = "the tuner gives a trial that it stops the value that it expects of the last epoch"
        yield loss(job, "CN381", f"{PLACE}.tuning.early_stopping", "that a trial's value was measured", why, "approximated")
