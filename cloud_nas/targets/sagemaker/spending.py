"""What AWS has billed a job for so far: the seconds of its training jobs, by `Search`, which tells them of a hundred at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.errors import CloudNasError
from cloud_nas.states import Money
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import cost
from cloud_nas.targets.sagemaker.client import Client

_PARENTS = {"tuning": ("TuningJobArn", "HyperParameterTuningJobArn"), "autopilot": ("AutoMLJobArn", "AutoMLJobArn")}
"""By kind: the key that a child names its parent by, and where the parent's description has it."""


def spent(client: Client, remote: Remote, described: Mapping[str, Any]) -> Money | None:
    """Billable seconds times price; None where a price is not known, or the service does not tell the seconds."""
    kind = str(remote.place["kind"])
    if kind == "engine":
        jobs: list[Mapping[str, Any]] = [described]
    else:
        try:
            jobs = _children(client, *_PARENTS[kind], described)
        except CloudNasError:
            return None
    seconds = {str(one["TrainingJobName"]): billed(one) for one in jobs}
    known = {name: value for name, value in seconds.items() if value is not None}
    if not known:
        return None
    instances = {str(one["TrainingJobName"]): _instance(one) for one in jobs} if kind == "autopilot" else None
    return cost.actual(remote.place, known, instances=instances)


def billed(job: Mapping[str, Any]) -> float | None:
    """What AWS bills a training job for, in seconds of a machine; None before it has said so.

    A job at work is billed from when its training began; a machine that is kept warm behind it is billed too.
    """
    seconds = job.get("BillableTimeInSeconds", job.get("TrainingTimeInSeconds"))
    if seconds is None:
        return None
    warm = (job.get("WarmPoolStatus") or {}).get("ResourceRetainedBillableTimeInSeconds") or 0
    return (float(seconds) + float(warm)) * int((job.get("ResourceConfig") or {}).get("InstanceCount", 1))


def _children(client: Client, parent: str, arn: str, described: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The records of all training jobs of this parent; others that an endpoint may send along are left out."""
    own = described[arn]
    expression = {"Filters": [{"Name": parent, "Operator": "Equals", "Value": own}]}
    pages = client.pages("sagemaker", "Search", Resource="TrainingJob", SearchExpression=expression, MaxResults=100)
    records = [one["TrainingJob"] for page in pages for one in page.get("Results", ()) if "TrainingJob" in one]
    return [record for record in records if record.get(parent) == own]


def _instance(job: Mapping[str, Any]) -> str:
    return str((job.get("ResourceConfig") or {}).get("InstanceType", ""))
