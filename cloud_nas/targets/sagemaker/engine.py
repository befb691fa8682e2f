"""From a search to CreateTrainingJob: the whole engine on one machine, with all its GPUs. The search is that of home."""

from __future__ import annotations

from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan, Remains, Request
from cloud_nas.targets.sagemaker import container, cost, naming, permissions, placement
from cloud_nas.targets.sagemaker.engine_losses import losses
from cloud_nas.targets.sagemaker.limits import USUAL_TRAINING_SECONDS
from cloud_nas.targets.sagemaker.tuning_rules import check_machine

NAME = "sagemaker:engine"


def plan(job: Job) -> Plan:
    """What would be made.

    Raises:
        UsageError: SageMaker would refuse it.
    """
    check_machine(job, NAME)
    uploads = container.uploads(job)
    place = placement.kept(job, "engine")
    request = Request("sagemaker", "CreateTrainingJob", body(job))
    return Plan(
        target=NAME,
        name=job.name,
        requests=(request,),
        uploads=uploads,
        losses=tuple(losses(job)),
        max_cost=cost.bound(place["region"], request),
        permissions=permissions.policies("engine", job.place),
        remains=(
            *cost.remains(job.place, uploads, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
            Remains("the study and the trials' checkpoints", naming.checkpoints_uri(job, NAME)),
        ),
        place=place,
        notes=tuple(_notes(job)),
    )


def body(job: Job) -> dict[str, Any]:
    """The request."""
    return {
        "TrainingJobName": job.name.remote,
        "HyperParameters": dict(container.HYPERPARAMETERS),
        "AlgorithmSpecification": container.algorithm(job),
        "RoleArn": job.place["role"],
        "InputDataConfig": container.channels(job),
        "OutputDataConfig": container.output(job),
        "ResourceConfig": container.resources(job.place),
        "StoppingCondition": container.stopping(job.place),
        **container.network(job.place),
        **container.spot(job.place),
        **container.checkpoints(job, NAME),
        "Environment": dict(container.ENVIRONMENT),
        "Tags": naming.tags(job, NAME),
    }


def _notes(job: Job) -> list[str]:
    found = []
    if job.place["parallel"] > 1:
        found.append("the engine trains as many trials at once as its one machine has room for; `parallel` is for tuning")
    if job.place["max_runtime"] > USUAL_TRAINING_SECONDS:
        found.append(f"accounts begin with a quota of {USUAL_TRAINING_SECONDS} s for one training job; max_runtime is more")
    if job.definition.code.requirements:
        found.append("code.requirements are installed in the container, from the index that it reaches")
    return found
