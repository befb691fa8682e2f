"""From a search to CreateHyperparameterTuningJob: Vertex AI's tuner proposes, each of its trials is our trainer.

What the service itself decides (space, strategy, objective, caps, place) stands in the request. How a trial is trained stands in
the definition, which travels with the code.
"""

from __future__ import annotations

from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.search_terms import metric_name
from cloud_nas.targets.vertex import container, cost, naming, permissions, placement
from cloud_nas.targets.vertex.limits import FAILURES, PER_PARAMETER
from cloud_nas.targets.vertex.machine_rules import machine_notes
from cloud_nas.targets.vertex.tuning_losses import losses
from cloud_nas.targets.vertex.tuning_rules import check
from cloud_nas.targets.vertex.tuning_space import jobs, parameters, sent, tree

NAME = "vertex:tuning"

ALGORITHMS = {"bayesian": None, "grid": "GRID_SEARCH", "random": "RANDOM_SEARCH"}
"""The service's name of each strategy; its own, which is bayesian, is the one that is not named."""

_STOPPING = {
    "median": "medianAutomatedStoppingSpec",
    "decay_curve": "decayCurveStoppingSpec",
    "convex": "convexAutomatedStoppingSpec",
}


def plan(job: Job) -> Plan:
    """What would be made.

    Args:
        job: with its space.

    Raises:
        UsageError: Vertex AI's tuner cannot search it.
    """
    check(job)
    uploads = container.uploads(job)
    place = placement.kept(job, "tuning", metric=metric_name(job))
    request = Request("aiplatform", "CreateHyperparameterTuningJob", body(job))
    return Plan(
        target=NAME,
        name=job.name,
        requests=(request,),
        uploads=uploads,
        losses=tuple(losses(job)),
        max_cost=cost.bound(place, request),
        permissions=permissions.policies("tuning", job.place),
        remains=cost.remains(job.place, uploads, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
        place=place,
        notes=tuple(_notes(job)),
    )


def body(job: Job) -> dict[str, Any]:
    """The request."""
    count = jobs(job)
    return {
        "parent": naming.parent(job.place),
        "hyperparameterTuningJob": {
            "displayName": job.name.remote,
            "studySpec": _study(job),
            "maxTrialCount": count,
            "parallelTrialCount": min(job.place["parallel"], count),
            "maxFailedTrialCount": failures(job, count),
            "trialJobSpec": container.job_spec(job, NAME),
            "labels": naming.labels(job, NAME),
            **container.encryption(job.place),
        },
    }


def failures(job: Job, trials: int) -> int:
    """How many trials may fail: never 0, which the service takes for none at all, nor more than there are."""
    return min(trials, job.place["tuning"]["failed_trials"] or max(FAILURES, trials - 1))


def _study(job: Job) -> dict[str, Any]:
    """How to search what, for what."""
    objective, own = job.definition.objective, job.place["tuning"]
    algorithm = ALGORITHMS[job.definition.search.strategy]
    found: dict[str, Any] = {
        "metrics": [{"metricId": metric_name(job), "goal": objective.goal.upper()}],
        "parameters": parameters(tree(job)),
        **({} if algorithm is None else {"algorithm": algorithm}),
        "measurementSelectionType": f"{own['measurement'].upper()}_MEASUREMENT",
    }
    if own["early_stopping"] != "none":
        # By epochs, which a slow machine does not change.
        steps = {"maxStepCount": job.definition.train.epochs} if own["early_stopping"] == "convex" else {}
        found[_STOPPING[own["early_stopping"]]] = {"useElapsedDuration": False, **steps}
    return found


def _notes(job: Job) -> list[str]:
    found = [f"Vertex AI gives the search up when {failures(job, jobs(job))} trials have failed", *machine_notes(job)]
    searched = len(sent(job))
    if job.definition.search.strategy == "bayesian" and jobs(job) < PER_PARAMETER * searched:
        found.append(
            f"Google advises {PER_PARAMETER} trials for each of the {searched} hyperparameters, and there are {jobs(job)}"
        )
    if job.definition.code.requirements:
        found.append("code.requirements are installed in each trial, from the index that the container reaches")
    return found
