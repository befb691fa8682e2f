"""Whether jobs can be sent to AWS: the login, the bucket, the role, the quotas. Looks, and makes nothing.

What somebody may not look at is no problem in itself: the job may be allowed what its submitter is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from cloud_nas.doctor.finding import Finding
from cloud_nas.doctor.quotas import quota
from cloud_nas.errors import CloudNasError, CredentialsError, MissingExtraError
from cloud_nas.targets.sagemaker import cost, permissions, prices
from cloud_nas.targets.sagemaker.client import Client, default_region
from cloud_nas.targets.sagemaker.images import ACCOUNTS, training_image
from cloud_nas.targets.sagemaker.uploads import located

_SPEC = "cloud-nas doctor aws --spec SPEC looks at the bucket, the role and the quotas of a spec"


def look(place: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """All there is to say of AWS.

    Args:
        place: `targets.sagemaker` of a spec; None: only the login and the region are looked at.
    """
    return tuple(_look({} if place is None else place))


def _look(place: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        region = place.get("region") or default_region()
        client = Client(region)
    except MissingExtraError as error:
        yield Finding("boto3", False, "not installed", error.hint)
        return
    except CloudNasError as error:
        yield Finding("region", False, error.message, error.hint)
        return
    yield Finding("boto3", True, _version())
    if region is None:
        yield Finding(
            "region", False, "none is named", "targets: {sagemaker: {region: eu-west-1}}, or export AWS_REGION=eu-west-1"
        )
        return
    known = region in ACCOUNTS
    yield Finding(
        "region", known, region if known else f"{region} is no region that is known here", None if known else "--spec SPEC"
    )
    try:
        caller = client.call("sts", "GetCallerIdentity")
    except CloudNasError as error:
        yield Finding("login", False, error.message, error.hint)
        return
    yield Finding("login", True, str(caller["Arn"]))
    yield _reached(client)
    if not place.get("bucket") and not place.get("role"):
        yield Finding("spec", None, "no bucket and no role are named", _SPEC)
        return
    account = permissions.account_of(place["role"]) if place.get("role") else str(caller["Account"])
    yield _bucket(client, place.get("bucket"), region, account)
    yield from _role(client, place.get("role"), str(caller["Account"]))
    yield _image(place, region)
    yield from _quotas(client, place)
    yield _price(place, region)


def _reached(client: Client) -> Finding:
    """Whether SageMaker, and Autopilot with it, answers in this region; it is not everywhere."""
    try:
        client.call("sagemaker", "ListAutoMLJobs", MaxResults=1)
    except CredentialsError as error:
        return Finding("sagemaker", False, error.message, error.hint)
    except CloudNasError as error:
        return Finding("sagemaker", False, error.message, error.hint or "choose another region")
    return Finding("sagemaker", True, "it answers, Autopilot too")


def _bucket(client: Client, bucket: str | None, region: str, account: str) -> Finding:
    if not bucket:
        return Finding("bucket", False, "none is named", "targets: {sagemaker: {bucket: my-bucket}}")
    try:
        found = client.call("s3", "GetBucketLocation", Bucket=bucket, ExpectedBucketOwner=account)
    except CloudNasError as error:
        return Finding("bucket", False, f"{bucket}: {error.message}", error.hint)
    there = located(found)
    if there != region:
        hint = "name another bucket, or another region, under targets.sagemaker"
        return Finding("bucket", False, f"{bucket} is in {there}, and the jobs are to be in {region}", hint)
    return Finding("bucket", True, f"{bucket} is in {region}, and of account {account}")


def _role(client: Client, role: str | None, account: str) -> Iterator[Finding]:
    """Whether the role is there and whether SageMaker may take it; whether it may do enough is not asked."""
    if not role:
        yield Finding("role", False, "none is named", "targets: {sagemaker: {role: arn:aws:iam::123456789012:role/NAME}}")
        return
    if permissions.account_of(role) != account:
        yield Finding("role", False, f"{role} is not of account {account}", "log in at the role's account, or name another role")
        return
    name = role.rpartition("/")[2]
    try:
        found = client.call("iam", "GetRole", RoleName=name)["Role"]
    except CredentialsError:
        yield Finding("role", None, f"{name}: you may not look at it", "iam:GetRole is what it takes")
        return
    except CloudNasError as error:
        yield Finding(
            "role", False, f"{name}: {error.message}", "make it; cloud-nas plan SPEC --on sagemaker:tuning has its policies"
        )
        return
    if found["Arn"] != role:
        yield Finding("role", False, f"{name} is {found['Arn']}", "write its whole ARN")
        return
    if not trusts_sagemaker(found.get("AssumeRolePolicyDocument", {})):
        hint = f"add to its trust policy: {json.dumps(permissions.trust())}"
        yield Finding("role", False, f"{name}: SageMaker may not take it", hint)
        return
    yield Finding("role", True, f"{name}: SageMaker may take it")


def trusts_sagemaker(document: Any) -> bool:
    """Whether a trust policy, as IAM gives it (text of JSON, quoted, or read already), lets SageMaker take the role."""
    policy = json.loads(unquote(document)) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    for one in [statements] if isinstance(statements, dict) else statements:
        principal = one.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        named = [services] if isinstance(services, str) else services
        actions = [one["Action"]] if isinstance(one.get("Action"), str) else one.get("Action", [])
        takes = any(action in ("sts:AssumeRole", "sts:*", "*") for action in actions)
        if one.get("Effect") == "Allow" and "sagemaker.amazonaws.com" in named and takes:
            return True
    return False


def _image(place: Mapping[str, Any], region: str) -> Finding:
    if place.get("image"):
        return Finding("image", None, f"your own: {place['image']}")
    try:
        return Finding("image", True, training_image(region, place["instance"]))
    except CloudNasError as error:
        return Finding("image", False, error.message, error.hint)


def _quotas(client: Client, place: Mapping[str, Any]) -> Iterator[Finding]:
    """How many machines of the type may train at once; new accounts begin with none of most."""
    instance, wanted = str(place["instance"]), int(place["parallel"])
    name = f"{instance} for {'spot ' if place['spot'] else ''}training job usage"
    try:
        found = quota(client, name)
    except CloudNasError as error:
        yield Finding("quota", None, f"{name}: not known ({error.message})", "servicequotas:ListServiceQuotas is what it takes")
        return
    if found is None:
        yield Finding("quota", None, f"{name}: this account has no quota of that name")
    elif found.value < wanted:
        ask = "aws service-quotas request-service-quota-increase --service-code sagemaker"
        hint = f"{ask} --quota-code {found.code} --desired-value {wanted}"
        yield Finding("quota", False, f"{name}: {found.value:g}, and {wanted} are to train at once", hint)
    else:
        yield Finding("quota", True, f"{name}: {found.value:g}, of which {wanted} are to train at once")


def _price(place: Mapping[str, Any], region: str) -> Finding:
    try:
        what = cost.missing({**place, "region": region})
        known = None if what else prices.find(region, str(place["instance"]))
    except CloudNasError as error:
        return Finding("price", False, error.message, error.hint)
    if known is None:
        return Finding("price", None, f"of {what} in {region}: not known", prices.way_out(region, str(what)))
    return Finding("price", True, f"{place['instance']}: {known.words()}")


def _version() -> str:
    import importlib.metadata

    return importlib.metadata.version("boto3")
