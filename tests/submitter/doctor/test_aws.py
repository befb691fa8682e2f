"""`doctor aws` against AWS on loopback: what stands, and each thing that does not, with its way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.doctor.aws import look, trusts_sagemaker
from cloud_nas.doctor.finding import Finding
from cloud_nas.spec.places import SageMaker
from cloud_nas.targets.sagemaker.permissions import policies

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_nas.rehearse.aws import StandIn

QUOTA = "ml.m5.xlarge for training job usage"


def place(cloud: StandIn, **changes: Any) -> dict[str, Any]:
    given = {"region": cloud.region, "role": cloud.role, "bucket": cloud.bucket} | changes
    return SageMaker(**given).model_dump()


def found(cloud: StandIn, **changes: Any) -> dict[str, Finding]:
    return {one.name: one for one in look(place(cloud, **changes))}


def test_all_stands_where_everything_is_there(cloud: StandIn) -> None:
    told = found(cloud)
    assert {name: one.ok for name, one in told.items()} == dict.fromkeys(
        ("boto3", "region", "login", "sagemaker", "bucket", "role", "image", "quota", "price"), True
    )
    assert told["quota"].text == f"{QUOTA}: 4, of which 1 are to train at once"


def test_without_a_spec_the_login_and_the_region_are_looked_at(cloud: StandIn) -> None:
    told = look()
    assert [one.name for one in told] == ["boto3", "region", "login", "sagemaker", "spec"]
    assert told[-1].ok is None


def test_a_quota_below_what_trains_at_once_is_told_with_the_command_that_asks_for_more(
    make_cloud: Callable[..., StandIn],
) -> None:
    cloud = make_cloud(run_jobs=False, quotas={QUOTA: 0, "ml.c5.9xlarge for spot training job usage": 2})
    told = found(cloud)["quota"]
    assert (told.ok, told.text) == (False, f"{QUOTA}: 0, and 1 are to train at once")
    assert told.hint is not None
    assert told.hint.endswith("--quota-code L-CCE2AFA6 --desired-value 1")
    spot = found(cloud, instance="ml.c5.9xlarge", spot=True, parallel=2)["quota"]
    assert spot.ok, "a quota whose code nobody knows is found by its name"
    unknown = found(cloud, instance="ml.zz.large")["quota"]
    assert unknown.ok is None


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"bucket": "nobody-has-this-bucket"}, "bucket", "nobody-has-this-bucket"),
        ({"bucket": None}, "bucket", "none is named"),
        ({"role": None}, "role", "none is named"),
        ({"role": "arn:aws:iam::999999999999:role/theirs"}, "role", "is not of account"),
        ({"instance": "ml.trn1.2xlarge"}, "image", "does not run on ml.trn1.2xlarge"),
    ],
)
def test_what_does_not_stand_is_told_with_its_way_out(cloud: StandIn, changes: dict[str, Any], name: str, said: str) -> None:
    told = found(cloud, **changes)[name]
    assert told.ok is False
    assert said in told.text
    assert told.hint


def test_a_role_that_is_not_there_is_told(cloud: StandIn) -> None:
    told = found(cloud, role=f"arn:aws:iam::{cloud.account}:role/forgotten")["role"]
    assert told.ok is False
    assert told.text.startswith("forgotten: ")


def test_a_bucket_in_another_region_is_told(cloud: StandIn) -> None:
    told = found(cloud, region="us-east-1")["bucket"]
    assert told.ok is False
    assert f"is in {cloud.region}, and the jobs are to be in us-east-1" in told.text


def test_an_unknown_price_is_no_problem_but_has_its_way_out(cloud: StandIn) -> None:
    told = found(cloud, instance="ml.m5.24xlarge")["price"]
    assert told.ok is None
    assert told.hint is not None
    assert "prices refresh" in told.hint


def test_nobody_logged_in_ends_it_there(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    told = look(place(cloud))
    assert told[-1].name == "login"
    assert told[-1].ok is False
    assert told[-1].hint


def test_no_region_ends_it_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    told = look()
    assert told[-1].name == "region"
    assert told[-1].ok is False


@pytest.mark.parametrize(
    ("statement", "trusted"),
    [
        ({"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}, True),
        (
            {"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]}, "Action": ["sts:*"]},
            True,
        ),
        ({"Effect": "Deny", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:TagSession"}, False),
    ],
)
def test_a_trust_policy_is_read_as_iam_reads_it(statement: dict[str, Any], trusted: bool) -> None:
    assert trusts_sagemaker({"Statement": [statement]}) is trusted
    assert trusts_sagemaker({"Statement": statement}) is trusted
    assert trusts_sagemaker(json.dumps({"Statement": [statement]}).replace('"', "%22")) is trusted


def test_the_trust_policy_that_a_plan_shows_is_one_that_is_good(cloud: StandIn) -> None:
    assert trusts_sagemaker(policies("tuning", place(cloud))["trust"])


def test_the_command_takes_the_place_from_a_spec(
    cloud: StandIn, make_spec: Callable[..., Path], screen: Callable[..., Any]
) -> None:
    targets = f"{{sagemaker: {{region: {cloud.region}, role: '{cloud.role}', bucket: {cloud.bucket}}}}}"
    spec = make_spec(targets=targets)
    done = screen("doctor", "aws", "--spec", str(spec), "--json")
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)["areas"]["aws"][-1]["name"] == "price"
    assert screen("doctor", "local", "--spec", str(spec)).status == 2
