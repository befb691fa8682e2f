"""Where what is in a bucket: the same folders in every cloud, below the user's prefix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.targets.job import Job
from cloud_nas.targets.remote import Remote


@dataclass(frozen=True)
class Layout:
    """The folders of a bucket, each with a slash at its end.

    Attributes:
        scheme: what its URIs begin with: `s3`, `gs`.
    """

    scheme: str

    def root(self, place: Mapping[str, Any]) -> str:
        """`SCHEME://BUCKET/PREFIX`."""
        prefix = str(place["prefix"]).strip("/")
        return f"{self.scheme}://{place['bucket']}/{prefix}/" if prefix else f"{self.scheme}://{place['bucket']}/"

    def rows_uri(self, job: Job) -> str:
        """The rows' parcel; by content, so that runs share it."""
        return f"{self.root(job.place)}data/{job.parcels['rows'].sha256}/"

    def code_uri(self, job: Job) -> str:
        """The code's parcel, likewise."""
        return f"{self.root(job.place)}code/{job.parcels['code'].sha256}/"

    def run_uri(self, place: Mapping[str, Any], run_id: str, attempt: int) -> str:
        """One attempt's own things."""
        return f"{self.root(place)}runs/{run_id}/{attempt}/"

    def own_uri(self, remote: Remote) -> str:
        """A job's own things."""
        return self.run_uri(remote.place, remote.run_id, remote.attempt)

    def study_uri(self, place: Mapping[str, Any], run_id: str) -> str:
        """Where an engine keeps its study, over all attempts of a run."""
        return f"{self.root(place)}runs/{run_id}/checkpoints/"

    def split_uri(self, uri: str) -> tuple[str, str]:
        """Bucket and name of `SCHEME://bucket/name`."""
        bucket, _, name = uri.removeprefix(f"{self.scheme}://").partition("/")
        return bucket, name
