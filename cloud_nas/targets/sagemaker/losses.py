"""The losses that every training job of ours has at AWS."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import loss
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.sagemaker.limits import has_own_disk

PLACE = "targets.sagemaker"
"""Where the spec has the place."""


def of_machine(job: Job) -> Iterator[Loss]:
    """What the type of machine cannot be told."""
    place = job.place
    if not has_own_disk(place["instance"]):
        return
    why = f"{place['instance']} has disks of its own, which are used whole and encrypted by the machine"
    if f"{PLACE}.volume" in job.lines:
        yield loss(job, "CN335", f"{PLACE}.volume", f"the size of the disk, {place['volume']} GB", why, "dropped")
    if place["kms_key"]:
        yield loss(job, "CN335", f"{PLACE}.kms_key", "the key for the machine's disk", why, "approximated")
