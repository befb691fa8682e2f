"""Where jobs run: the section `targets.vertex`, filled up, and what of it finds and prices a job later."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.spec.google_machines import LOCATIONS, gpus
from cloud_nas.targets import search_terms
from cloud_nas.targets.job import Job

_KEPT = (
    "project", "location", "bucket", "prefix", "machine", "accelerator", "accelerators", "parallel", "max_runtime", "spot",
    "retries", "volume", "service_account", "network", "kms_key", "labels",
)  # fmt: skip


def settings(place: Mapping[str, Any]) -> dict[str, Any]:
    """The section whole: each default filled in, project and location from Google's own configuration where the spec has none.

    `accelerator` and `accelerators` are those of the machine: None and 0 where it has no GPU.

    Args:
        place: the section as the spec has it, all of it or a part.

    Raises:
        UsageError: a bucket, a project or a location is missing, the location is none of Google's, or the key is not there.
    """
    from cloud_nas.spec.places import Vertex

    found = Vertex().model_dump() | {key: value for key, value in place.items() if value is not None}
    if not found["bucket"]:
        raise _missing("a bucket for uploads and results", "targets: {vertex: {bucket: my-bucket}}")
    found["project"] = found["project"] or _configured_project()
    found["location"] = found["location"] or _configured_location()
    _check_location(found["location"])
    _check_key(found["kms_key"], found["location"])
    there = gpus(found["machine"], found["accelerator"], found["accelerators"])
    found["accelerator"], found["accelerators"] = (None, 0) if there is None else there
    return found


def kept(job: Job, kind: str, *, goal: str | None = None, metric: str | None = None, **own: Any) -> dict[str, Any]:
    """What finds and prices the job again: of `kind` automl, tuning or engine; `search_terms.kept` has the rest."""
    return search_terms.kept(job, _KEPT, kind, goal=goal, metric=metric, **own)


def _configured_project() -> str:
    from cloud_nas.targets.vertex.client import default_project

    project = default_project()
    if project is None:
        raise _missing("a project", "targets: {vertex: {project: my-project}}, or `export GOOGLE_CLOUD_PROJECT=my-project`")
    return project


def _configured_location() -> str:
    from cloud_nas.targets.vertex.client import default_location

    location = default_location()
    if location is None:
        raise _missing("a location", "targets: {vertex: {location: europe-west4}}, or `export GOOGLE_CLOUD_REGION=europe-west4`")
    return location


def _check_location(location: str) -> None:
    if location in LOCATIONS:
        return
    near = difflib.get_close_matches(location, LOCATIONS, n=1)
    hint = f"did you mean {near[0]}?" if near else "take one like europe-west4; jobs run in one region, not in `global`"
    raise UsageError(f"{location} is no Google Cloud region that is known here", hint=hint, code="CN511")


def _check_key(key: str | None, location: str) -> None:
    if key is None:
        return
    where = key.split("/")[3]
    if where != location:
        hint = f"take a key of projects/P/locations/{location}/keyRings/R/cryptoKeys/K"
        raise UsageError(f"the KMS key is in {where}, and the jobs are in {location}", hint=hint, code="CN511")


def _missing(what: str, hint: str) -> UsageError:
    return UsageError(f"Vertex AI needs {what}", hint=hint, code="CN511")
