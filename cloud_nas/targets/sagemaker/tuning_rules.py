"""What SageMaker's tuner cannot search, told before anything is sent."""

from __future__ import annotations

from cloud_nas.errors import UsageError
from cloud_nas.targets.job import Job
from cloud_nas.targets.refusing import refused
from cloud_nas.targets.sagemaker.limits import EPOCHS, JOBS, PARALLEL, PARAMETERS, RANDOM_JOBS, TRAINING_SECONDS, VALUES
from cloud_nas.targets.sagemaker.tuning_space import jobs, listed, sent
from local_engine.containers.parameters import Range


def check(job: Job) -> None:
    """Ends here where the service would refuse the job.

    Raises:
        UsageError: the message says which rule is broken, the hint what to do about it.
    """
    _check_space(job, sent(job))
    _check_strategy(job)
    _check_trials(job)
    check_machine(job, "sagemaker:tuning")


def check_machine(job: Job, target: str) -> None:
    """The rules that a training job has whoever starts it.

    Raises:
        UsageError: one is broken.
    """
    place = job.place
    if place["max_runtime"] > TRAINING_SECONDS:
        raise refused(
            f"a job may train for 28 days, not {place['max_runtime']:.0f} s", "targets: {sagemaker: {max_runtime: 28d}}", target
        )
    if place["isolated"] and job.definition.code.requirements and not place["image"]:
        raise refused(
            "an isolated container cannot install code.requirements",
            "leave `isolated` out, or name an `image` that has them and leave code.requirements empty",
            target,
        )


def _check_space(job: Job, found: tuple[Range, ...]) -> None:
    if not found:
        raise _refused("the space has nothing to search", "use `cloud-nas run`, or --on sagemaker:engine")
    if len(found) > PARAMETERS:
        names = ", ".join(one.remote for one in found[PARAMETERS:][:3])
        raise _refused(
            f"it searches {PARAMETERS} hyperparameters, and the space has {len(found)} (conditional ones count: {names}, ...)",
            "use --on sagemaker:engine, which takes any space, or make some of them fixed",
        )
    for one in found:
        if len(one.values) > VALUES:
            way = "fewer values, a larger step" if listed(job) else "hp.Int or hp.Float with a step"
            raise _refused(
                f"a list may have {VALUES} values, and {one.key} has {len(one.values)}",
                f"use {way} for it, or --on sagemaker:engine, which takes any space",
            )


def _check_strategy(job: Job) -> None:
    definition = job.definition
    strategy = definition.search.strategy
    if strategy not in ("bayesian", "grid", "hyperband", "random"):
        raise _refused(f"it has no strategy {strategy}", "use bayesian, grid, hyperband or random, or --on sagemaker:engine")
    if strategy == "hyperband" and definition.train.epochs > EPOCHS:
        raise _refused(f"its hyperband trains {EPOCHS} epochs at most", f"train: {{epochs: {EPOCHS}}}")
    if job.place["tuning"]["early_stopping"] and strategy in ("grid", "hyperband"):
        raise _refused(f"it stops no trials early with {strategy}", "leave `early_stopping` out, or use random or bayesian")


def _check_trials(job: Job) -> None:
    count, strategy, budget = jobs(job), job.definition.search.strategy, job.definition.budget
    most = RANDOM_JOBS if strategy == "random" else JOBS
    if count > most:
        hint = "a smaller space, search: {strategy: random}, or --on sagemaker:engine"
        raise _refused(
            f"it makes {most} trials at most with {strategy}, not {count}", hint if listed(job) else f"budget: {{trials: {most}}}"
        )
    if listed(job) and budget.trials is not None and budget.trials < count:
        raise _refused(
            f"it goes through a grid whole, which is {count} trials here, and budget.trials is {budget.trials}",
            f"budget: {{trials: {count}}}, a smaller space, or search: {{strategy: random}}",
        )
    if job.place["parallel"] > PARALLEL:
        raise _refused(f"it trains {PARALLEL} trials at once at most", f"targets: {{sagemaker: {{parallel: {PARALLEL}}}}}")


def _refused(what: str, hint: str) -> UsageError:
    return refused(what, hint, "sagemaker:tuning")
