"""Every operation that is ours, by service."""

from __future__ import annotations

from cloud_nas.rehearse.aws import automl_calls, calls, elsewhere, looking, scoring
from cloud_nas.rehearse.aws.calls import Call

OURS: dict[str, dict[str, Call]] = {
    "sagemaker": {**calls.CALLS, **automl_calls.CALLS, **scoring.CALLS, **looking.CALLS},
    "resourcegroupstaggingapi": {"GetResources": looking.get_resources},
    "service-quotas": elsewhere.CALLS,
}
