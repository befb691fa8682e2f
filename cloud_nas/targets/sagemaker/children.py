"""The training jobs of a tuning job: one a trial, called `NAME-NNN-XXXXXXXX`, of which trial NNN-1 is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker.client import Client

_CHILD = re.compile(r"-(\d{3,})-[0-9a-f]{8}")


def number_of(parent: str, child: str) -> int | None:
    """The trial that a training job is; None where it is none of this tuning job."""
    found = _CHILD.fullmatch(child.removeprefix(parent)) if child.startswith(parent) else None
    return None if found is None else int(found[1]) - 1


def prefix_of(parent: str, trial: int) -> str:
    """What the name of the training job of a trial begins with."""
    return f"{parent}-{trial + 1:03}-"


def children(client: Client, remote: Remote) -> dict[int, Mapping[str, Any]]:
    """The summary of each training job, by its trial's number, ascending.

    Sorted by name, since the service leaves out those without a metric where it sorts by that.
    """
    found: dict[int, Mapping[str, Any]] = {}
    pages = client.pages(
        "sagemaker",
        "ListTrainingJobsForHyperParameterTuningJob",
        HyperParameterTuningJobName=remote.name,
        SortBy="Name",
        SortOrder="Ascending",
        MaxResults=100,
    )
    for page in pages:
        for one in page["TrainingJobSummaries"]:
            number = number_of(remote.name, one["TrainingJobName"])
            if number is not None:
                found[number] = one
    return dict(sorted(found.items()))
