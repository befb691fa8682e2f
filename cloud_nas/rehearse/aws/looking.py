"""Search, and resources by their tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.rehearse.aws.calls import TRAINING, TUNING, Body, Call
from cloud_nas.rehearse.aws.errors import invalid
from cloud_nas.rehearse.aws.listing import take
from cloud_nas.rehearse.aws.world import World

_RESOURCES = {"TrainingJob": TRAINING, "HyperParameterTuningJob": TUNING}


def search(world: World, region: str, body: Body) -> dict[str, Any]:
    """Search over training and tuning jobs: filters on tags, names, statuses and the tuning job's ARN, all of which must hold."""
    kind = body["Resource"]
    if kind not in _RESOURCES:
        raise invalid(f"the stand-in does not search {kind}")
    expression = body.get("SearchExpression", {})
    if set(expression) - {"Filters", "Operator"} or expression.get("Operator", "And") != "And":
        raise invalid("the stand-in knows Filters that must all hold, and no more")
    jobs = sorted(world.all(_RESOURCES[kind], region), key=lambda job: job.created, reverse=True)
    records = [_record(world, job) for job in jobs]
    found = [one for one in records if all(_holds(rule, one) for rule in expression.get("Filters", []))]
    cut, token = take(found, body, default=20)
    return {
        "Results": [{kind: one} for one in cut],
        "NextToken": token,
        "TotalHits": {"Value": len(found), "Relation": "EqualTo"},
    }


def get_resources(world: World, region: str, body: Body) -> dict[str, Any]:
    """GetResources of the tagging service; a resource that has lost its tags is still given, with none."""
    types = [one.removeprefix("sagemaker:") for one in body.get("ResourceTypeFilters", [])]
    found = []
    for arn, tags in sorted(world.tags.items()):
        _, _, _, there, _, rest = arn.split(":", 5)
        if there != region or (types and "sagemaker" not in types and rest.partition("/")[0] not in types):
            continue
        if world.by_arn(arn) is not None and all(_tagged(rule, tags) for rule in body.get("TagFilters", [])):
            listed = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
            found.append({"ResourceARN": arn, "Tags": listed})
    size = body.get("ResourcesPerPage", 100)
    cut, token = take(found, {"MaxResults": size, "NextToken": body.get("PaginationToken")})
    return {"ResourceTagMappingList": cut, "PaginationToken": token or ""}


def _record(world: World, job: Any) -> dict[str, Any]:
    described: dict[str, Any] = job.describe()
    described.pop("TuningJobCompletionDetails", None)
    tags = [{"Key": key, "Value": value} for key, value in sorted(world.tags[job.arn].items())]
    return described | {"Tags": tags}


def _holds(rule: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    name, operator, value = rule["Name"], rule.get("Operator", "Equals"), rule.get("Value")
    if name.startswith("Tags."):
        actual = next((one["Value"] for one in record["Tags"] if one["Key"] == name.removeprefix("Tags.")), None)
    else:
        actual = record.get(name)
    return {
        "Equals": actual is not None and str(actual) == value,
        "NotEquals": str(actual) != value,
        "Exists": actual is not None,
        "NotExists": actual is None,
        "Contains": actual is not None and str(value) in str(actual),
        "In": actual is not None and str(actual) in str(value).split(","),
    }.get(operator, False)


def _tagged(rule: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    return rule["Key"] in tags and (not rule.get("Values") or tags[rule["Key"]] in rule["Values"])


CALLS: dict[str, Call] = {"Search": search}
