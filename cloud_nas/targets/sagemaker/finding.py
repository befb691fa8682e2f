"""Our jobs at AWS, by their tags: on a machine that knows nothing of them, and those that somebody forgot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.errors import CloudNasError, CredentialsError, NotFoundError, UnreachableError
from cloud_nas.targets.remote import Found, Remote, State
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.jobs import KINDS, describe
from cloud_nas.targets.sagemaker.watching import refresh

_TYPES = {
    "sagemaker:autopilot": "automl-job",
    "sagemaker:tuning": "hyper-parameter-tuning-job",
    "sagemaker:engine": "training-job",
}
"""The type of resource of each target's jobs, as their ARNs have it."""

_PAGE = 100
_UNREACHABLE = "unreachable"
"""The note of a job that could not be looked at now; the next look tells its state."""


def find(place: Mapping[str, Any], *, owner: str | None, target: str) -> list[Found]:
    """The jobs of a target that carry our tags. A tuner's children carry them too, under names of their own; they are left out.

    Args:
        place: where to look: `region`, and `role`, whose account has to own the bucket.
        owner: whose jobs; None: everybody's.
        target: the target.
    """
    client = Client(place["region"])
    kind = target.partition(":")[2]
    remotes, known = [], []
    for arn, tags in _tagged(client, owner, target):
        told = {key.removeprefix(naming.TAG): value for key, value in tags.items() if key.startswith(naming.TAG)}
        name = arn.rpartition("/")[2]
        if told.get("target") != target or name.lower() != f"{told.get('run')}-{told.get('attempt')}":
            continue
        remote = Remote(told["run"], int(told["attempt"]), name, told.get("nonce", ""), {**place, "kind": kind})
        try:
            found = describe(client, remote)
        except NotFoundError:  # tags outlive the job that they were of
            continue
        of_job = {**place, **_place(found, kind, place, told)}
        remotes.append(Remote(remote.run_id, remote.attempt, name, remote.nonce, of_job))
        known.append((told, found))
    states = refresh(remotes) if remotes else []
    return [
        _found(remote, state, told, described, target)
        for remote, state, (told, described) in zip(remotes, states, known, strict=True)
    ]


def _found(
    remote: Remote, state: State | CloudNasError, told: Mapping[str, str], described: Mapping[str, Any], target: str
) -> Found:
    if isinstance(state, CloudNasError):
        state = State("running", note=_UNREACHABLE)
    return Found(
        remote=remote,
        target=target,
        name=told.get("name", remote.run_id),
        owner=told.get("owner", ""),
        spec_sha256=told.get("spec", ""),
        identity=told.get("identity", ""),
        created_at=described["CreationTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        state=state,
    )


def _tagged(client: Client, owner: str | None, target: str) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of what carries our tags; where the tagging service may not be asked, by lists and a call a job."""
    wanted = [{"Key": f"{naming.TAG}owner", **({} if owner is None else {"Values": [owner]})}]
    try:
        pages = client.pages(
            "resourcegroupstaggingapi",
            "GetResources",
            TagFilters=wanted,
            ResourceTypeFilters=[f"sagemaker:{_TYPES[target]}"],
            ResourcesPerPage=_PAGE,
        )
        found = [(one["ResourceARN"], _plain(one.get("Tags", ()))) for page in pages for one in page["ResourceTagMappingList"]]
    except UnreachableError:
        raise
    except (CredentialsError, ServiceError):
        yield from _listed(client, owner, target)
        return
    yield from ((arn, tags) for arn, tags in found if owner in (None, tags.get(f"{naming.TAG}owner")))


def _listed(client: Client, owner: str | None, target: str) -> Iterator[tuple[str, dict[str, str]]]:
    kind = KINDS[target.partition(":")[2]]
    arn_key = kind.named.removesuffix("Name") + "Arn"
    for page in client.pages("sagemaker", kind.listing, NameContains="r-", MaxResults=_PAGE):
        for one in page[kind.summaries]:
            pages = client.pages("sagemaker", "ListTags", ResourceArn=one[arn_key])
            tags = _plain(tag for each in pages for tag in each.get("Tags", ()))
            if f"{naming.TAG}nonce" in tags and owner in (None, tags.get(f"{naming.TAG}owner")):
                yield one[arn_key], tags


def _plain(tags: Any) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in tags}


def _place(found: Mapping[str, Any], kind: str, place: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    """What the plan's `place` was, as far as a description of the job and its tags tell."""
    definition = found.get("TrainingJobDefinition", found)
    output = definition.get("OutputDataConfig", {}).get("S3OutputPath", "")
    bucket, key = naming.split_uri(output)
    machine = definition.get("ResourceConfig", {})
    return {
        "kind": kind,
        "bucket": bucket or place.get("bucket"),
        "prefix": key.partition("runs/")[0],
        "role": definition.get("RoleArn", place.get("role")),
        "instance": machine.get("InstanceType", place.get("instance")),
        "volume": machine.get("VolumeSizeInGB", place.get("volume", 0)),
        "spot": bool(definition.get("EnableManagedSpotTraining", False)),
        **_objective(found, kind, told),
    }


def _objective(found: Mapping[str, Any], kind: str, told: Mapping[str, str]) -> dict[str, str]:
    """Goal and metric by the service's own name; an engine's job has none, and the tag tells those of the search."""
    if kind == "tuning":
        told = found["HyperParameterTuningJobConfig"].get("HyperParameterTuningJobObjective", {})
        return {"goal": told.get("Type", "Maximize").lower(), "metric": told.get("MetricName", "")}
    if kind == "autopilot":
        metric = found.get("AutoMLJobObjective", {}).get("MetricName", "")
        return {"goal": "minimize" if metric in ("MSE", "RMSE", "MAE") else "maximize", "metric": metric}
    goal, _, metric = told.get("objective", "maximize.").partition(".")
    return {"goal": goal, "metric": metric}
