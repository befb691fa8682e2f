"""The stand-in's door: what it refuses, how it lists, and the faults that can be asked for. No kinder than the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.rehearse.aws import StandIn

from .asked import spot, training, tuning

pytest.importorskip("botocore")

Client = Callable[..., Any]
JOB = "r-7k2xq-1"


def refused(call: Callable[..., Any], **body: Any) -> str:
    """AWS's own word for why."""
    with pytest.raises(Exception) as error:
        call(**body)
    return str(error.value.response["Error"]["Code"])


def job_with(cloud: StandIn, path: str, value: Any) -> dict[str, Any]:
    body = training(cloud)
    *above, last = path.split(".")
    at: Any = body
    for key in above:
        at = at[key]
    at[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("TrainingJobName", "no_underscores"),
        ("TrainingJobName", "x" * 64),
        ("ResourceConfig.InstanceType", "ml.bogus"),
        ("AlgorithmSpecification.TrainingInputMode", "Files"),
        ("StoppingCondition.MaxRuntimeInSeconds", 0),
        ("StoppingCondition.MaxWaitTimeInSeconds", 900),
        ("RoleArn", "arn:aws:iam::123456789012:role/nobody"),
        ("OutputDataConfig.S3OutputPath", "s3://no-such-bucket-anywhere/out/"),
        ("Environment", {"AWS_ACCESS_KEY_ID": "x"}),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_and_makes_nothing(cloud: StandIn, path: str, value: Any) -> None:
    import boto3
    from botocore.config import Config

    client = boto3.client("sagemaker", config=Config(parameter_validation=False))
    assert refused(client.create_training_job, **job_with(cloud, path, value)) == "ValidationException"
    assert client.list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.parametrize(
    "config",
    [
        {"Strategy": "Grid"},
        {"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"},
        {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "val_loss"}},
        {"ParameterRanges": {"IntegerParameterRanges": [{"Name": f"p{n}", "MinValue": "1", "MaxValue": "2"} for n in range(31)]}},
        {"ParameterRanges": {"CategoricalParameterRanges": [{"Name": "p", "Values": [str(n) for n in range(31)]}]}},
        {
            "ParameterRanges": {
                "IntegerParameterRanges": [{"Name": "p", "MinValue": "0", "MaxValue": "2", "ScalingType": "Logarithmic"}]
            }
        },
    ],
)
def test_a_tuning_job_that_breaks_a_rule_is_refused(cloud: StandIn, aws: Client, config: dict[str, Any]) -> None:
    assert refused(aws("sagemaker").create_hyper_parameter_tuning_job, **tuning(cloud, **config)) == "ValidationException"


def test_a_quota_is_named_in_the_refusal(cloud: StandIn, aws: Client) -> None:
    cloud.world.quotas["ml.m5.xlarge for training job usage"] = 0
    with pytest.raises(Exception, match=r"account-level service limit 'ml\.m5\.xlarge for training job usage' is 0") as error:
        aws("sagemaker").create_training_job(**training(cloud))
    assert error.value.response["Error"]["Code"] == "ResourceLimitExceeded"  # type: ignore[attr-defined]
    aws("sagemaker").create_training_job(**spot(cloud))  # spot has a quota of its own


def test_pages_are_cut_before_they_are_filtered(cloud: StandIn, aws: Client) -> None:
    for number in range(4):
        aws("sagemaker").create_training_job(**training(cloud, TrainingJobName=f"a-{number}"))
        cloud.advance(1)
    first = aws("sagemaker").list_training_jobs(NameContains="a-0", MaxResults=2)
    assert first["TrainingJobSummaries"] == []
    second = aws("sagemaker").list_training_jobs(NameContains="a-0", MaxResults=2, NextToken=first["NextToken"])
    assert [one["TrainingJobName"] for one in second["TrainingJobSummaries"]] == ["a-0"]
    assert "NextToken" not in second


def test_resources_and_searches_by_tag_find_children_too(cloud: StandIn, aws: Client) -> None:
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud, jobs=2))
    wanted = [{"Key": "cloud-nas:run", "Values": ["r-7k2xq"]}]
    found = aws("resourcegroupstaggingapi").get_resources(TagFilters=wanted)["ResourceTagMappingList"]
    assert sorted(one["ResourceARN"].split(":")[5].partition("/")[0] for one in found) == [
        "hyper-parameter-tuning-job", "training-job", "training-job",
    ]  # fmt: skip
    rule = {"Name": "Tags.cloud-nas:run", "Operator": "Equals", "Value": "r-7k2xq"}
    results = aws("sagemaker").search(Resource="TrainingJob", SearchExpression={"Filters": [rule]})["Results"]
    assert all(one["TrainingJob"]["TuningJobArn"].endswith(JOB) for one in results)


def test_another_owner_and_another_region_are_refused_as_s3_does(cloud: StandIn, aws: Client) -> None:
    client = aws("s3")
    assert (
        refused(client.put_object, Bucket=cloud.bucket, Key="x", Body=b"", ExpectedBucketOwner="111122223333") == "AccessDenied"
    )
    cloud.storage.make_bucket("far-away", "us-west-2")
    assert client.list_objects_v2(Bucket="far-away")["KeyCount"] == 0  # boto3 goes where it is sent
    assert [(one.region, one.status) for one in cloud.asked("/far-away")] == [("eu-west-1", 301), ("us-west-2", 200)]


def test_a_lost_reply_leaves_the_job_made(make_cloud: Callable[..., StandIn], aws: Client) -> None:
    from botocore.config import Config
    from botocore.exceptions import ConnectionClosedError

    cloud = make_cloud(run_jobs=False, faults=["lost-reply"])
    with pytest.raises(ConnectionClosedError):
        aws("sagemaker", config=Config(retries={"total_max_attempts": 1})).create_training_job(**training(cloud))
    assert aws("sagemaker").describe_training_job(TrainingJobName=JOB)["TrainingJobStatus"] == "InProgress"
    assert cloud.faults.strikes["lost-reply"] == 1


def test_an_expired_token_is_refused_by_every_service_until_a_new_login(cloud: StandIn, aws: Client) -> None:
    cloud.expire()
    assert refused(aws("sagemaker").list_training_jobs) == "ExpiredTokenException"
    assert refused(aws("s3").list_objects_v2, Bucket=cloud.bucket) == "ExpiredToken"
    assert refused(aws("sts").get_caller_identity) == "ExpiredToken"
    assert refused(aws("logs").describe_log_groups) == "ExpiredTokenException"
    cloud.renew()
    assert aws("sts").get_caller_identity()["Account"] == cloud.account


def test_a_slow_list_begins_empty_and_learns_of_a_job_later(make_cloud: Callable[..., StandIn], aws: Client) -> None:
    cloud = make_cloud(run_jobs=False, faults=["slow-list"])
    aws("sagemaker").create_training_job(**training(cloud))
    first = aws("sagemaker").list_training_jobs()
    assert first["TrainingJobSummaries"] == []
    assert aws("sagemaker").list_training_jobs(NextToken=first["NextToken"])["TrainingJobSummaries"] == []
    cloud.advance(10)
    found = aws("sagemaker").list_training_jobs(NextToken=first["NextToken"])["TrainingJobSummaries"]
    assert [one["TrainingJobName"] for one in found] == [JOB]


def test_throttled_and_refused_for_a_quota_once(make_cloud: Callable[..., StandIn], aws: Client) -> None:
    from botocore.config import Config

    cloud = make_cloud(run_jobs=False, faults=["throttle", "quota"])
    create = aws("sagemaker", config=Config(retries={"total_max_attempts": 1})).create_training_job
    assert refused(create, **training(cloud)) == "ThrottlingException"
    assert refused(create, **training(cloud)) == "ResourceLimitExceeded"
    create(**training(cloud))


def test_lists_are_limited_to_the_accounts_rate_where_that_is_asked_for(make_cloud: Callable[..., StandIn], aws: Client) -> None:
    from botocore.config import Config

    make_cloud(run_jobs=False, list_rate=2)
    client = aws("sagemaker", config=Config(retries={"total_max_attempts": 1}))
    codes = []
    for _ in range(6):
        try:
            client.list_training_jobs()
        except client.exceptions.ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes
    assert set(codes) == {"ThrottlingException"}


def test_nothing_of_the_users_own_aws_is_seen_in_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from cloud_nas.rehearse.aws.environ import applied

    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://elsewhere")
    monkeypatch.delenv("AWS_REGION", raising=False)
    with applied({"AWS_REGION": "eu-west-1"}):
        assert {name for name in os.environ if name.startswith("AWS_")} - {"AWS_MAX_ATTEMPTS"} == {"AWS_REGION"}
    assert os.environ["AWS_PROFILE"] == "work"
    assert "AWS_REGION" not in os.environ
