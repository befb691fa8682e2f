"""From a search to CreateCustomJob: the whole engine on one machine, with all its GPUs. The search is that of home."""

from __future__ import annotations

from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan, Remains, Request
from cloud_nas.targets.vertex import container, cost, naming, permissions, placement
from cloud_nas.targets.vertex.engine_losses import losses
from cloud_nas.targets.vertex.machine_rules import check_machine, machine_notes

NAME = "vertex:engine"


def plan(job: Job) -> Plan:
    """What would be made.

    Raises:
        UsageError: Vertex AI would refuse it.
    """
    check_machine(job, NAME)
    uploads = container.uploads(job)
    place = placement.kept(job, "engine")
    request = Request("aiplatform", "CreateCustomJob", body(job))
    return Plan(
        target=NAME,
        name=job.name,
        requests=(request,),
        uploads=uploads,
        losses=tuple(losses(job)),
        max_cost=cost.bound(place, request),
        permissions=permissions.policies("engine", job.place),
        remains=(
            *cost.remains(job.place, uploads, naming.run_uri(job.place, job.name.run_id, job.name.attempt)),
            Remains("the study and the trials' checkpoints", naming.study_uri(job.place, job.name.run_id)),
        ),
        place=place,
        notes=tuple(_notes(job)),
    )


def body(job: Job) -> dict[str, Any]:
    """The request."""
    return {
        "parent": naming.parent(job.place),
        "customJob": {
            "displayName": job.name.remote,
            "jobSpec": container.job_spec(job, NAME),
            "labels": naming.labels(job, NAME),
            **container.encryption(job.place),
        },
    }


def _notes(job: Job) -> list[str]:
    found = machine_notes(job)
    if job.place["parallel"] > 1:
        found.append("the engine trains as many trials at once as its one machine has room for; `parallel` is for tuning")
    if job.definition.code.requirements:
        found.append("code.requirements are installed in the container, from the index that it reaches")
    return found
