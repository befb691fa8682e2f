"""Where jobs run: the section `targets.sagemaker`, filled up, and what of it finds and prices a job later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.targets import search_terms
from cloud_nas.targets.job import Job
from cloud_nas.targets.sagemaker.images import ACCOUNTS

_NEEDED = {
    "bucket": ("a bucket for uploads and results", "my-bucket"),
    "role": ("the role that the jobs run as", "arn:aws:iam::123456789012:role/NAME"),
}
_KEPT = (
    "region", "bucket", "prefix", "role", "instance", "parallel", "max_runtime", "spot", "volume", "kms_key", "tags",
    "subnets", "security_groups",
)  # fmt: skip


def settings(place: Mapping[str, Any]) -> dict[str, Any]:
    """The section whole: each default filled in, the region from AWS's own configuration where the spec has none.

    Args:
        place: the section as the spec has it, all of it or a part.

    Raises:
        UsageError: a bucket, a role or a region is missing, the region is none of AWS's, or two keys do not go together.
    """
    from cloud_nas.spec.places import SageMaker

    found = SageMaker().model_dump() | {key: value for key, value in place.items() if value is not None}
    for key, (what, example) in _NEEDED.items():
        if not found[key]:
            raise UsageError(f"SageMaker needs {what}", hint=f"targets: {{sagemaker: {{{key}: {example}}}}}", code="CN511")
    found["region"] = found["region"] or _configured_region()
    if found["region"] not in ACCOUNTS and not found["image"]:
        import difflib

        near = difflib.get_close_matches(found["region"], ACCOUNTS, n=1)
        hint = f"did you mean {near[0]}?" if near else "take one like eu-west-1; one newer than this version needs an `image`"
        raise UsageError(f"{found['region']} is no AWS region that is known here", hint=hint, code="CN511")
    if bool(found["subnets"]) != bool(found["security_groups"]):
        raise UsageError(
            "`subnets` and `security_groups` go together",
            hint="targets: {sagemaker: {subnets: [subnet-1], security_groups: [sg-1]}}",
            code="CN511",
        )
    return found


def kept(job: Job, kind: str, *, goal: str | None = None, metric: str | None = None) -> dict[str, Any]:
    """What finds and prices the job again: of `kind` autopilot, tuning or engine; `search_terms.kept` has the rest."""
    return search_terms.kept(job, _KEPT, kind, goal=goal, metric=metric)


def _configured_region() -> str:
    from cloud_nas.targets.sagemaker.client import default_region

    region = default_region()
    if region is None:
        hint = "targets: {sagemaker: {region: eu-west-1}}, or `export AWS_REGION=eu-west-1`"
        raise UsageError("SageMaker needs a region", hint=hint, code="CN511")
    return region
