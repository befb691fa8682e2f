"""The policies in a plan: no more than the spec names, and all that our own calls need."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.spec.places import SageMaker
from cloud_nas.targets.sagemaker.permissions import policies

ROLE = "arn:aws:iam::123456789012:role/team/cloud-nas"
KINDS = ("autopilot", "tuning", "engine")
SOURCES = Path(__file__).resolve().parents[3] / "cloud_nas" / "targets" / "sagemaker"

WITHOUT_RESOURCE = {
    "tag:GetResources",
    "ecr:GetAuthorizationToken",
    "cloudwatch:PutMetricData",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListServiceQuotas",
    "sagemaker:ListCandidatesForAutoMLJob",
    "sagemaker:Search",
}
"""Actions beside lists and those on networks for which IAM takes no resource."""


def place(**changes: Any) -> dict[str, Any]:
    return SageMaker(region="eu-west-1", role=ROLE, bucket="our-bucket", **changes).model_dump()


def statements(kind: str, whose: str, **changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policies(kind, place(**changes))[whose]["Statement"]
    return found


def actions(found: list[dict[str, Any]]) -> set[str]:
    return {action for one in found for action in one["Action"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whose", ["caller", "role"])
def test_only_what_iam_cannot_narrow_down_is_allowed_everywhere(kind: str, whose: str) -> None:
    for one in statements(kind, whose, subnets=["subnet-1"], security_groups=["sg-1"], kms_key="alias/key"):
        assert not any("*" in action.removesuffix("*") for action in one["Action"]), one
        if one["Resource"] == ["*"]:
            wide = {name for name in one["Action"] if not name.startswith(("sagemaker:List", "ec2:"))}
            assert wide <= WITHOUT_RESOURCE, one


@pytest.mark.parametrize("kind", KINDS)
def test_the_bucket_is_open_below_the_prefix_alone(kind: str) -> None:
    for whose in ("caller", "role"):
        found = {one["Sid"]: one for one in statements(kind, whose, prefix="team/nas/")}
        assert found["Objects"]["Resource"] == ["arn:aws:s3:::our-bucket/team/nas/*"]
        assert found["Prefix"]["Condition"] == {"StringLike": {"s3:prefix": ["team/nas/*"]}}
        assert not any(action.startswith("s3:") and "Bucket" in action for action in found["Objects"]["Action"])


def test_the_role_is_passed_to_sagemaker_alone_and_only_this_one() -> None:
    (passed,) = (one for one in statements("tuning", "caller") if "iam:PassRole" in one["Action"])
    assert passed["Resource"] == [ROLE]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert "iam:PassRole" not in actions(statements("tuning", "role"))
    (trust,) = statements("tuning", "trust")
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}


def test_jobs_are_those_with_names_of_ours_in_the_accounts_region() -> None:
    (jobs,) = (one for one in statements("engine", "caller") if one["Sid"] == "Jobs")
    assert jobs["Resource"] == ["arn:aws:sagemaker:eu-west-1:123456789012:training-job/r-*"]


def test_networks_and_keys_are_asked_for_only_where_the_spec_has_them() -> None:
    bare = actions(statements("tuning", "role"))
    assert not any(action.startswith(("ec2:", "kms:")) for action in bare)
    full = statements("tuning", "role", subnets=["subnet-1"], security_groups=["sg-1"], kms_key="1234")
    assert {"ec2:CreateNetworkInterface", "kms:GenerateDataKey*"} <= actions(full)
    (key,) = (one for one in full if one["Sid"] == "Key")
    assert key["Resource"] == ["arn:aws:kms:eu-west-1:123456789012:key/1234"]


def test_the_image_is_the_one_that_is_pulled() -> None:
    (image,) = (one for one in statements("tuning", "role") if one["Sid"] == "Image")
    assert image["Resource"] == ["arn:aws:ecr:eu-west-1:763104351884:repository/tensorflow-training"]
    own = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/tf:1"
    (image,) = (one for one in statements("tuning", "role", image=own) if one["Sid"] == "Image")
    assert image["Resource"] == ["arn:aws:ecr:eu-west-1:111122223333:repository/team/tf"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_no_longer_than_iam_takes(kind: str) -> None:
    made = policies(kind, place(subnets=["subnet-1"], security_groups=["sg-1"], kms_key="alias/key"))
    assert all(len(json.dumps(one, separators=(",", ":"))) < 6144 for one in made.values())
    for one in (*made["caller"]["Statement"], *made["role"]["Statement"]):
        assert one["Sid"].isalnum()


RENAMED = {
    "s3:HeadObject": "s3:GetObject",
    "s3:GetObjectAttributes": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "resourcegroupstaggingapi:GetResources": "tag:GetResources",
    "service-quotas:GetServiceQuota": "servicequotas:GetServiceQuota",
    "service-quotas:ListServiceQuotas": "servicequotas:ListServiceQuotas",
}
"""Calls whose action has another name."""

FREE = {"sts:GetCallerIdentity"}


def test_every_call_that_we_make_is_in_the_callers_policy() -> None:
    """Reads our own source: each `call("service", "Operation")` and `pages(...)` with its names written out."""
    made = set()
    for path in [*SOURCES.glob("*.py"), SOURCES.parents[1] / "doctor" / "aws.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("call", "pages"):
                names = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                if len(names) == 2:
                    made.add(":".join(names))
    needed = {RENAMED.get(one, one) for one in made} - FREE
    allowed = set().union(*(actions(statements(kind, "caller")) for kind in KINDS))
    assert len(needed) > 10
    assert needed - allowed == set()
