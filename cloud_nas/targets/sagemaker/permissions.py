"""What the caller and the role of the jobs have to be allowed: policies as IAM takes them, on no more than the spec names.

Written from AWS's service authorization reference and the developer guide's page of roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.targets.sagemaker.images import training_image

_KINDS = {
    "autopilot": ("automl-job", "AutoMLJob"),
    "tuning": ("hyper-parameter-tuning-job", "HyperParameterTuningJob"),
    "engine": ("training-job", "TrainingJob"),
}
_CREATES = {"autopilot": "CreateAutoMLJobV2", "tuning": "CreateHyperParameterTuningJob", "engine": "CreateTrainingJob"}
_DESCRIBES = {"autopilot": "DescribeAutoMLJobV2", "tuning": "DescribeHyperParameterTuningJob", "engine": "DescribeTrainingJob"}
_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z0-9.-]+/([^:@]+)(?:[:@].+)?")
_NAMES = "r-*"
"""What all our jobs are called."""


def policies(kind: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """The policies of one kind of job (`autopilot`, `tuning`, `engine`): `caller`, `role`, and the role's `trust`.

    Args:
        kind: of job.
        place: the settings of the place, whole.
    """
    return {
        "caller": _policy(_caller(kind, place)),
        "role": _policy(_role(kind, place)),
        "trust": _policy([trust()]),
    }


def trust() -> dict[str, Any]:
    """The statement that lets SageMaker take the role."""
    return {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _caller(kind: str, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    job, noun = _KINDS[kind]
    own = [_CREATES[kind], _DESCRIBES[kind], f"Stop{noun}", "AddTags", "ListTags"]
    if kind == "tuning":
        own.append("ListTrainingJobsForHyperParameterTuningJob")
    yield _allow("Jobs", [f"sagemaker:{name}" for name in own], _job_arns(place, job))
    lists = [f"List{noun}s", "ListAutoMLJobs", "ListTrainingJobs"]
    if kind == "autopilot":
        lists.append("ListCandidatesForAutoMLJob")  # no resource can be named for it
        scoring = ["CreateModel", "CreateTransformJob", "DescribeTransformJob", "AddTags"]
        yield _allow("Scoring", [f"sagemaker:{name}" for name in scoring], _job_arns(place, "model", "transform-job"))
    if kind != "engine":
        yield _allow("Trials", ["sagemaker:DescribeTrainingJob"], _job_arns(place, "training-job"))
    if kind != "engine":
        lists.append("Search")
    yield _allow("Find", [*(f"sagemaker:{name}" for name in lists), "tag:GetResources"], ["*"])
    yield from _bucket(place)
    groups = _arn(place, "logs", "log-group:/aws/sagemaker/*")
    yield _allow("ReadLogs", ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"], [groups])
    yield _pass_role(place)
    yield _allow("LookAtRole", ["iam:GetRole"], [place["role"]])
    yield _allow("LookAtQuotas", ["servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas"], ["*"])
    yield from _key(place)


def _role(kind: str, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from _bucket(place)
    write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    yield _allow("WriteLogs", write, [_arn(place, "logs", "log-group:/aws/sagemaker/*")])
    space = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    yield _allow("WriteMetrics", ["cloudwatch:PutMetricData"], ["*"]) | {"Condition": space}
    yield from _image(kind, place)
    if kind == "autopilot":
        jobs = ("ProcessingJob", "TrainingJob", "TransformJob", "HyperParameterTuningJob")
        verbs = [f"sagemaker:{verb}{job}" for job in jobs for verb in ("Create", "Describe", "Stop")]
        made = [*verbs, "sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DeleteModel", "sagemaker:DescribeModel"]
        yield _allow("OwnJobs", made, [_arn(place, "sagemaker", "*")])
        yield _pass_role(place)
    if place.get("subnets"):
        yield _allow("Network", list(_NETWORK), ["*"])
    yield from _key(place)


_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
"""What SageMaker does in a role's name to stand in a VPC; none of it can be told by the subnet."""


def _bucket(place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    bucket = f"arn:{_partition(place)}:s3:::{place['bucket']}"
    prefix = str(place["prefix"]).strip("/")
    yield _allow("Bucket", ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], [bucket])
    below = {"StringLike": {"s3:prefix": [f"{prefix}/*"]}} if prefix else None
    yield _allow("Prefix", ["s3:ListBucket"], [bucket]) | ({"Condition": below} if below else {})
    yield _allow("Objects", list(_OBJECTS), [f"{bucket}/{prefix}/*" if prefix else f"{bucket}/*"])


def _image(kind: str, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    yield _allow("ImageToken", ["ecr:GetAuthorizationToken"], ["*"])
    if kind == "autopilot":
        yield _allow("Image", pull, [f"arn:{_partition(place)}:ecr:{place['region']}:*:repository/*"])
        return
    found = _IMAGE.fullmatch(place.get("image") or training_image(place["region"], place["instance"]))
    if found:
        account, region, repository = found.groups()
        yield _allow("Image", pull, [f"arn:{_partition(place)}:ecr:{region}:{account}:repository/{repository}"])


def _pass_role(place: Mapping[str, Any]) -> dict[str, Any]:
    to = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return _allow("PassRole", ["iam:PassRole"], [place["role"]]) | {"Condition": to}


def _key(place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    key = place.get("kms_key")
    if not key:
        return
    actions = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
    alias = re.search(r"(?:^|:)(alias/.+)$", key)
    if alias:
        named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias[1]}}
        yield _allow("Key", actions, [_arn(place, "kms", "key/*")]) | {"Condition": named}
    else:
        yield _allow("Key", actions, [key if key.startswith("arn:") else _arn(place, "kms", f"key/{key}")])


def _job_arns(place: Mapping[str, Any], *kinds: str) -> list[str]:
    return [_arn(place, "sagemaker", f"{kind}/{_NAMES}") for kind in kinds]


def _arn(place: Mapping[str, Any], service: str, resource: str) -> str:
    return f"arn:{_partition(place)}:{service}:{place['region']}:{account_of(place['role'])}:{resource}"


def account_of(role: str) -> str:
    """The account that a role is of, from its ARN."""
    return role.split(":")[4]


def _partition(place: Mapping[str, Any]) -> str:
    return str(place["role"]).split(":")[1]


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(set(actions)), "Resource": resources}


def _policy(statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
