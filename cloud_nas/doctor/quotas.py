"""What an account is allowed of a thing, by the name that Service Quotas has for it."""

from __future__ import annotations

from dataclasses import dataclass

from cloud_nas.errors import CloudNasError
from cloud_nas.targets.sagemaker.client import Client

CODES = {
    "ml.m5.large for training job usage": "L-611FA074",
    "ml.m5.xlarge for training job usage": "L-CCE2AFA6",
    "ml.m5.xlarge for spot training job usage": "L-4CEE6BA6",
    "ml.g4dn.xlarge for training job usage": "L-3F53BF0F",
    "ml.g4dn.xlarge for spot training job usage": "L-944F78BB",
    "ml.g5.xlarge for training job usage": "L-B6D80D9C",
}
"""Codes that are known, so that one call does; a code whose quota has another name counts for nothing."""


@dataclass(frozen=True)
class Quota:
    """A limit that applies to the account now."""

    code: str
    value: float


def quota(client: Client, name: str) -> Quota | None:
    """The quota of this name; None where there is none.

    Raises:
        CloudNasError: it cannot be asked for.
    """
    code = CODES.get(name)
    if code is not None:
        try:
            found = client.call("service-quotas", "GetServiceQuota", ServiceCode="sagemaker", QuotaCode=code)["Quota"]
        except CloudNasError:
            found = {}
        if found.get("QuotaName") == name:
            return Quota(code, float(found["Value"]))
    for page in client.pages("service-quotas", "ListServiceQuotas", ServiceCode="sagemaker", MaxResults=100):
        for one in page.get("Quotas", ()):
            if one.get("QuotaName") == name:
                return Quota(str(one["QuotaCode"]), float(one["Value"]))
    return None
