"""What Vertex AI's tuner cannot search, told before anything is sent."""

from __future__ import annotations

from cloud_nas.errors import UsageError
from cloud_nas.targets.job import Job
from cloud_nas.targets.refusing import refused
from cloud_nas.targets.vertex.limits import VALUES, WHOLE
from cloud_nas.targets.vertex.machine_rules import check_machine
from cloud_nas.targets.vertex.tuning_space import listed, sent

_NAME = "vertex:tuning"


def check(job: Job) -> None:
    """Ends here where the service would refuse the job, or search something else.

    Raises:
        UsageError: the message says which rule is broken, the hint what to do about it.
    """
    _check_strategy(job)
    _check_space(job)
    check_machine(job, _NAME)


def _check_strategy(job: Job) -> None:
    strategy = job.definition.search.strategy
    if strategy in ("bayesian", "grid", "random"):
        return
    hint = "use bayesian, grid or random, or --on vertex:engine"
    if strategy == "hyperband":
        hint += "; trials that fall behind are stopped by targets: {vertex: {tuning: {early_stopping: median}}}"
    raise _refused(f"it has no strategy {strategy}", hint)


def _check_space(job: Job) -> None:
    found = sent(job)
    if not found:
        raise _refused("the space has nothing to search", "use `cloud-nas run`, or --on vertex:engine")
    for one in found:
        values = one.values
        assert values is not None
        if values.kind == "discrete" and len(values.listed) > VALUES:
            raise _refused(
                f"a list may have {VALUES} values, and {one.key} has {len(values.listed)}"
                + (" in a grid" if listed(job) else ""),
                "use a larger step, search: {strategy: random}, or --on vertex:engine, which takes any space",
            )
        if values.kind == "integer" and max(abs(values.low or 0), abs(values.high or 0)) > WHOLE:
            raise _refused(f"whole numbers have 64 bits, and {one.key} goes beyond", "use a smaller range, or hp.Float")


def _refused(what: str, hint: str) -> UsageError:
    return refused(what, hint, _NAME)
