"""What things are called at AWS: keys in the bucket and tags. Whatever looks for them later reads it here."""

from __future__ import annotations

from cloud_nas.targets.job import Job
from cloud_nas.targets.layout import Layout

_LAYOUT = Layout("s3")
root, rows_uri, code_uri, split_uri = _LAYOUT.root, _LAYOUT.rows_uri, _LAYOUT.code_uri, _LAYOUT.split_uri
run_uri, own_uri, engine_checkpoints_uri = _LAYOUT.run_uri, _LAYOUT.own_uri, _LAYOUT.study_uri
"""Folders of the bucket. Below `run_uri` are `output/`, the service's, and `checkpoints/`, the container's."""

TAG = "cloud-nas:"
"""What our tags begin with."""


def checkpoints_uri(job: Job, target: str) -> str:
    """Where a container's checkpoints are kept. An engine's next attempt goes on from the last one's; a tuner starts anew."""
    if target == "sagemaker:engine":
        return engine_checkpoints_uri(job.place, job.name.run_id)
    return f"{run_uri(job.place, job.name.run_id, job.name.attempt)}checkpoints/"


def tags(job: Job, target: str) -> list[dict[str, str]]:
    """The user's tags and ours, as requests have them, ascending by key."""
    ours = {
        "run": job.name.run_id,
        "attempt": str(job.name.attempt),
        "nonce": job.name.nonce,
        "owner": job.name.owner,
        "target": target,
        **job.tags,  # name, spec, identity, objective
    }
    found = {**job.place.get("tags", {}), **{f"{TAG}{key}": value for key, value in ours.items()}}
    return [{"Key": key, "Value": found[key]} for key in sorted(found)]
