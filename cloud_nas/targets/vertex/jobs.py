"""The three kinds of jobs that are ours, and Google's words for what may be asked of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import NotFoundError
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client

ENDED = frozenset(
    f"{kind}_STATE_{word}"
    for kind in ("JOB", "PIPELINE")
    for word in ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PARTIALLY_SUCCEEDED")
)
"""States in which nobody works at a job any more."""

NONCE = f"{naming.LABEL}nonce"
"""The label that makes a job a plan's own."""

PAGE = 100


@dataclass(frozen=True)
class Kind:
    """Operations on a kind of job; `items` is the key of a page of them, and the last word but one of their names."""

    create: str
    get: str
    listing: str
    cancel: str
    items: str


def _kind(noun: str, items: str) -> Kind:
    return Kind(f"Create{noun}", f"Get{noun}", f"List{noun}s", f"Cancel{noun}", items)


KINDS: Mapping[str, Kind] = {
    "tuning": _kind("HyperparameterTuningJob", "hyperparameterTuningJobs"),
    "engine": _kind("CustomJob", "customJobs"),
    "automl": _kind("TrainingPipeline", "trainingPipelines"),
}


def kind_of(remote: Remote) -> Kind:
    """What may be asked of this job."""
    return KINDS[str(remote.place["kind"])]


def locate(client: Client, remote: Remote) -> dict[str, Any] | None:
    """All that Google knows of a job: by its resource's name where that is known, else by the label with its nonce.

    None: the project has no such job in this location. Lists may lag behind what was just made.
    """
    kind = kind_of(remote)
    if remote.name.startswith("projects/"):
        try:
            return client.call(kind.get, {"name": remote.name})
        except NotFoundError:
            return None
    found = list(labelled(client, kind, f"labels.{NONCE}={remote.nonce}"))
    ours = [one for one in found if one.get("labels", {}).get(NONCE) == remote.nonce]
    return min(ours, key=lambda one: str(one.get("createTime", "")), default=None)


def describe(client: Client, remote: Remote) -> dict[str, Any]:
    """All that Google knows of a job.

    Raises:
        NotFoundError: the project has no such job in this location.
    """
    found = locate(client, remote)
    if found is None:
        raise NotFoundError(
            f"there is no job {remote.name} in {client.parent}",
            hint="another project or location may have it: targets.vertex, GOOGLE_CLOUD_PROJECT",
        )
    return found


def labelled(client: Client, kind: Kind, condition: str) -> Iterator[dict[str, Any]]:
    """The jobs of a kind that meet a condition of Google's filters; `A AND B`, values as they are."""
    for page in client.pages(kind.listing, {"parent": client.parent, "filter": condition, "pageSize": PAGE}):
        yield from page.get(kind.items, ())
