"""How a loss is told, and those that a search has at every place that runs our trainer once a trial, or our whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Loss
from local_engine.strategies.options import OPTIONS


def loss(job: Job, code: str, path: str, what: str, why: str, kind: Literal["dropped", "approximated", "added"]) -> Loss:
    """A loss at the line of the spec that has `path`, or what stands nearest above it."""
    return Loss(code, path, job.line(path), what, why, kind)


def of_options(job: Job) -> Iterator[Loss]:
    """Options of the strategy that a place's tuner does not have."""
    search = job.definition.search
    for option in OPTIONS[search.strategy]:
        value = search.options.get(option.name, option.default)
        if value != option.default:
            why = f"the tuner's {search.strategy} has no such option"
            yield loss(job, "CN311", f"search.{option.name}", f"{option.name}: {value}", why, "dropped")


def of_final(job: Job) -> Iterator[Loss]:
    """What is not done after a tuner's last trial."""
    final = job.definition.final
    if final.fit != "keep":
        why = "the model is the best trial's, at its best epoch: nothing runs there after the last trial"
        yield loss(job, "CN320", "final.fit", "the training of the best on both parts", why, "dropped")
    if final.keep != "all":
        what = "that only the best trial's files stay" if final.keep == "best" else f"that only {final.keep} trials' files stay"
        yield loss(job, "CN321", "final.keep", what, "the bucket keeps every trial's model until it is cleaned", "approximated")


def of_epochs(job: Job, trials: int, counted: str) -> Iterator[Loss]:
    """A cap on the epochs of a whole search, where it would ever end one.

    Args:
        job: the job.
        trials: how many there are at most.
        counted: what the place counts instead.
    """
    epochs = job.definition.budget.epochs
    if epochs is not None and epochs < trials * job.definition.train.epochs:
        yield loss(job, "CN330", "budget.epochs", f"the cap of {epochs} epochs", f"the tuner counts {counted}", "dropped")


def of_trial_cap(job: Job, place: str) -> Iterator[Loss]:
    """The cap on a trial that the spec's own search does not have; `place` is the section of the spec."""
    longest, seconds = job.place["max_runtime"], job.definition.train.seconds
    if seconds is None or seconds > longest:
        what = f"the end of a trial that trains longer than {longest:g} s"
        why = "every training job has a cap, so that it cannot cost without end; what was reached is kept"
        yield loss(job, "CN334", f"{place}.max_runtime", what, why, "added")


def of_search_cap(job: Job, place: str) -> Iterator[Loss]:
    """The cap on a whole search in one job, likewise."""
    longest, seconds = job.place["max_runtime"], job.definition.budget.seconds
    if seconds is None or seconds >= longest:
        what = f"the end of a search that takes longer than {longest:g} s"
        why = "every training job has a cap, so that it cannot cost without end; the search ends in time for its final model"
        yield loss(job, "CN334", f"{place}.max_runtime", what, why, "added")
