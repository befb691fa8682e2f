"""From a search to CreateHyperParameterTuningJob: SageMaker's tuner proposes, each of its trials is our trainer.

What the service itself decides (space, strategy, objective, caps, data, place) stands in the request. How a trial is trained
stands in the definition, which travels with the code.
"""

from __future__ import annotations

import math
import re
from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.sagemaker import container, cost, naming, permissions, placement
from cloud_nas.targets.sagemaker.limits import FAILURES, SEED, TUNING_SECONDS, USUAL_TRAINING_SECONDS
from cloud_nas.targets.sagemaker.tuning_losses import losses
from cloud_nas.targets.sagemaker.tuning_rules import check
from cloud_nas.targets.sagemaker.tuning_space import jobs, listed, sent
from cloud_nas.targets.search_terms import metric_name

NAME = "sagemaker:tuning"

STRATEGIES = {"bayesian": "Bayesian", "grid": "Grid", "hyperband": "Hyperband", "random": "Random"}
"""The service's name of each strategy."""

_SCALES = {"linear": "Linear", "log": "Logarithmic", "reverse_log": "ReverseLogarithmic"}


def plan(job: Job) -> Plan:
    """What would be made.

    Args:
        job: with its space.

    Raises:
        UsageError: SageMaker's tuner cannot search it.
    """
    check(job)
    uploads = container.uploads(job)
    place = placement.kept(job, "tuning", metric=metric_name(job))
    request = Request("sagemaker", "CreateHyperParameterTuningJob", body(job))
    return Plan(
        target=NAME,
        name=job.name,
        requests=(request,),
        uploads=uploads,
        losses=tuple(losses(job)),
        max_cost=cost.bound(place["region"], request),
        permissions=permissions.policies("tuning", job.place),
        remains=cost.remains(job.place, uploads, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
        place=place,
        notes=tuple(_notes(job)),
    )


def body(job: Job) -> dict[str, Any]:
    """The request."""
    return {
        "HyperParameterTuningJobName": job.name.remote,
        "HyperParameterTuningJobConfig": _config(job),
        "TrainingJobDefinition": _trial(job),
        **_warm_start(job),
        "Tags": naming.tags(job, NAME),
    }


def _config(job: Job) -> dict[str, Any]:
    """What the tuner is told: how to search what, for what, and when to end."""
    definition = job.definition
    strategy = STRATEGIES[definition.search.strategy]
    found: dict[str, Any] = {"Strategy": strategy}
    if strategy == "Hyperband":
        found["StrategyConfig"] = {"HyperbandStrategyConfig": {"MaxResource": definition.train.epochs, "MinResource": 1}}
    found["HyperParameterTuningJobObjective"] = {
        "MetricName": metric_name(job),
        "Type": definition.objective.goal.capitalize(),
    }
    found["ResourceLimits"] = _limits(job)
    found["ParameterRanges"] = _ranges(job)
    found["TrainingJobEarlyStoppingType"] = "Auto" if job.place["tuning"]["early_stopping"] else "Off"
    if not listed(job):
        found["RandomSeed"] = definition.search.seed % SEED
    return found


def _limits(job: Job) -> dict[str, int]:
    count, seconds = jobs(job), job.definition.budget.seconds
    least, most = TUNING_SECONDS
    time = {} if seconds is None else {"MaxRuntimeInSeconds": min(max(math.ceil(seconds), least), most)}
    return {"MaxNumberOfTrainingJobs": count, "MaxParallelTrainingJobs": min(job.place["parallel"], count), **time}


def _ranges(job: Job) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in sent(job):
        if one.kind == "categorical":
            entry = {"Name": one.remote, "Values": list(one.values)}
            found.setdefault("CategoricalParameterRanges", []).append(entry)
            continue
        entry = {
            "Name": one.remote,
            "MinValue": repr(one.low),
            "MaxValue": repr(one.high),
            "ScalingType": _SCALES[one.scale],
        }
        kind = "IntegerParameterRanges" if one.kind == "integer" else "ContinuousParameterRanges"
        found.setdefault(kind, []).append(entry)
    return dict(sorted(found.items()))


def _trial(job: Job) -> dict[str, Any]:
    """One training job, as the tuner starts it."""
    metric = metric_name(job)
    regex = f"cloud_nas_metric {re.escape(metric)}=([-+0-9.eE]+)"
    return {
        "StaticHyperParameters": dict(container.HYPERPARAMETERS),
        "AlgorithmSpecification": container.algorithm(job) | {"MetricDefinitions": [{"Name": metric, "Regex": regex}]},
        "RoleArn": job.place["role"],
        "InputDataConfig": container.channels(job),
        "OutputDataConfig": container.output(job),
        "ResourceConfig": container.resources(job.place),
        "StoppingCondition": container.stopping(job.place),
        **container.network(job.place),
        **container.spot(job.place),
        **(container.checkpoints(job, NAME) if job.place["spot"] else {}),
        "Environment": dict(container.ENVIRONMENT),
    }


def _warm_start(job: Job) -> dict[str, Any]:
    """The tuning job that this one learns from. TransferLearning, since data and image may have changed in between."""
    if job.parent is None:
        return {}
    parents = [{"HyperParameterTuningJobName": job.parent}]
    return {"WarmStartConfig": {"ParentHyperParameterTuningJobs": parents, "WarmStartType": "TransferLearning"}}


def _notes(job: Job) -> list[str]:
    found = [f"SageMaker gives the search up when {FAILURES} trials have failed and none has succeeded"]
    if job.place["max_runtime"] > USUAL_TRAINING_SECONDS:
        found.append(f"accounts begin with a quota of {USUAL_TRAINING_SECONDS} s for one training job; max_runtime is more")
    if job.definition.code.requirements:
        found.append("code.requirements are installed in each trial, from the index that the container reaches")
    return found
