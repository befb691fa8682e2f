"""What things are called at AWS: keys in the bucket and tags. Whatever looks for them later reads it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.remote import Remote

TAG = "cloud-nas:"
"""What our tags begin with."""


def rows_uri(job: Job) -> str:
    """The folder of the rows' parcel, with a slash at its end; by content, so that runs share it."""
    return f"{root(job.place)}data/{job.parcels['rows'].sha256}/"


def code_uri(job: Job) -> str:
    """The folder of the code's parcel, likewise."""
    return f"{root(job.place)}code/{job.parcels['code'].sha256}/"


def run_uri(place: Mapping[str, Any], run_id: str, attempt: int) -> str:
    """The folder of one attempt's own things: `output/` below it is the service's, `checkpoints/` the container's."""
    return f"{root(place)}runs/{run_id}/{attempt}/"


def checkpoints_uri(job: Job, target: str) -> str:
    """Where a container's checkpoints are kept. An engine's next attempt goes on from the last one's; a tuner starts anew."""
    if target == "sagemaker:engine":
        return engine_checkpoints_uri(job.place, job.name.run_id)
    return f"{run_uri(job.place, job.name.run_id, job.name.attempt)}checkpoints/"


def engine_checkpoints_uri(place: Mapping[str, Any], run_id: str) -> str:
    """Where the engine keeps its study, over all attempts of a run."""
    return f"{root(place)}runs/{run_id}/checkpoints/"


def own_uri(remote: Remote) -> str:
    """The folder of a job's own things."""
    return run_uri(remote.place, remote.run_id, remote.attempt)


def root(place: Mapping[str, Any]) -> str:
    """`s3://BUCKET/PREFIX`, with a slash at its end."""
    prefix = str(place["prefix"]).strip("/")
    return f"s3://{place['bucket']}/{prefix}/" if prefix else f"s3://{place['bucket']}/"


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


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
