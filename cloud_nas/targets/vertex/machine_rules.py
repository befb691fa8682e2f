"""The rules and remarks that a job of ours has whoever starts it."""

from __future__ import annotations

from cloud_nas.spec.google_machines import gpu_problem, machine_problem
from cloud_nas.targets.job import Job
from cloud_nas.targets.refusing import refused
from cloud_nas.targets.vertex.images import TEMPLATE, training_image
from cloud_nas.targets.vertex.limits import SECONDS


def check_machine(job: Job, target: str) -> None:
    """Ends here where the service would refuse the machine, its image or its cap.

    Raises:
        UsageError: a rule is broken.
    """
    place = job.place
    training_image(place["image"], place["accelerator"], target)
    problem = machine_problem(place["machine"], place["accelerator"])
    if problem is None and place["accelerator"]:
        problem = gpu_problem(place["machine"], place["accelerator"], place["accelerators"])
    if problem is not None:
        raise refused(*problem, target)
    if place["max_runtime"] > SECONDS:
        hint = "targets: {vertex: {max_runtime: 7d}}"
        raise refused(f"a job may train for 7 days, not {place['max_runtime']:.0f} s", hint, target)


def machine_notes(job: Job) -> list[str]:
    """What the user should know of the machine."""
    place, found = job.place, []
    if place["accelerator"]:
        found.append(f"new projects have a quota of no {place['accelerator']}, or few; `cloud-nas doctor gcp` looks")
        if place["image"] is None:
            found.append(f"TensorFlow's GPU image may have too old a cuDNN, and the job then ends at once; {TEMPLATE} has not")
    if place["spot"]:
        found.append("a spot machine that is taken away is replaced up to six times; training goes on from its checkpoint")
    return found
