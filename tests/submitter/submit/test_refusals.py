"""What AWS says no to, and how: each refusal has its class, its exit status, its code, and a way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.errors import CredentialsError, RefusedError, UnreachableError, UsageError
from cloud_nas.targets.sagemaker.client import Client, ServiceError, default_region

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

LIST = ("sagemaker", "ListTrainingJobs", {})
CREATE = ("sagemaker", "CreateModel", {"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/trainer"})
HEAD = ("s3", "HeadBucket", {"Bucket": "bucket"})
WHERE = ("s3", "GetBucketLocation", {"Bucket": "bucket"})
OBJECTS = ("s3", "ListObjectsV2", {"Bucket": "bucket"})
OBJECT = ("s3", "GetObject", {"Bucket": "bucket", "Key": "key"})
UNSET = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SAGEMAKER",
)  # fmt: skip
QUOTA = (
    "The account-level service limit 'ml.g5.xlarge for training job usage' is 0 Instances, with current utilization of 0 "
    "Instances and a request delta of 1 Instances."
)

TABLE = [
    # the call, what AWS answers, and the error: class, exit status, code, words of its message, words of its hint
    (LIST, 400, "ExpiredTokenException", "expired", CredentialsError, 4, "CN501", "has expired", "aws sso login"),
    (OBJECT, 400, "ExpiredToken", "expired", CredentialsError, 4, "CN501", "has expired", "aws sso login"),
    (LIST, 400, "UnrecognizedClientException", "who?", CredentialsError, 4, "CN501", "does not know", "AWS_PROFILE"),
    (OBJECT, 403, "InvalidAccessKeyId", "who?", CredentialsError, 4, "CN501", "does not know", "AWS_PROFILE"),
    (OBJECT, 403, "SignatureDoesNotMatch", "who?", CredentialsError, 4, "CN501", "does not know", "AWS_PROFILE"),
    (CREATE, 400, "AccessDeniedException", "not yours", CredentialsError, 4, "CN506", "sagemaker:CreateModel", "doctor aws"),
    (OBJECT, 403, "AccessDenied", "not yours", CredentialsError, 4, "CN506", "s3:GetObject", "cloud-nas plan"),
    (HEAD, 403, "", "", CredentialsError, 4, "CN505", "may be another account's", "targets.sagemaker"),
    (WHERE, 403, "AccessDenied", "Access Denied", CredentialsError, 4, "CN505", "may be another account's", "doctor aws"),
    (OBJECTS, 403, "AccessDenied", "Access Denied", CredentialsError, 4, "CN505", "may be another account's", "doctor aws"),
    (LIST, 400, "ThrottlingException", "Rate exceeded", UnreachableError, 10, "CN502", "too busy", "try again"),
    (CREATE, 400, "ThrottlingException", "Rate exceeded", UnreachableError, 10, "CN502", "too busy", "try again"),
    (LIST, 503, "ServiceUnavailable", "later", UnreachableError, 10, "CN502", "too busy", "try again"),
    (OBJECT, 503, "SlowDown", "later", UnreachableError, 10, "CN502", "too busy", "try again"),
    (CREATE, 400, "ResourceLimitExceeded", QUOTA, RefusedError, 9, "CN507", "ml.g5.xlarge for training job usage' is 0",
     "servicequotas"),
    (CREATE, 400, "ResourceLimitExceeded", "no machines", RefusedError, 9, "CN507", "no machines", "another machine"),
    (WHERE, 404, "NoSuchBucket", "", RefusedError, 9, "CN505", "no such bucket", "aws s3 mb"),
    (HEAD, 404, "", "", RefusedError, 9, "CN505", "no such bucket", "bucket: NAME"),
    (OBJECT, 301, "PermanentRedirect", "", RefusedError, 9, "CN505", "not in eu-west-1", "another region"),
    (OBJECT, 400, "IllegalLocationConstraintException", "", RefusedError, 9, "CN505", "not in eu-west-1", "another region"),
    (CREATE, 400, "ValidationException", "a rule of theirs", ServiceError, 1, "CN503", "a rule of theirs", None),
    (OBJECT, 404, "NoSuchKey", "", ServiceError, 1, "CN503", "NoSuchKey", None),
]  # fmt: skip


@pytest.fixture(autouse=True)
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Credentials that are none, one try, nobody's configuration; gives the configuration's file, which is not there."""
    pytest.importorskip("boto3")
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "CLOUD_NAS_AWS_RATE": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "config"


def ask(call: tuple[str, str, dict[str, Any]], region: str | None = "eu-west-1") -> None:
    service, operation, body = call
    Client(region).call(service, operation, **body)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0][1]}-{row[2] or row[1]}-{row[3][:12]}")
def test_each_refusal_has_its_class_its_code_and_a_way_out(
    row: tuple[Any, ...], refusing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, status, answer, text, kind, exit_status, code, message, hint = row
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.endpoint)
    refusing.says(status, answer, text)
    with pytest.raises(cn.CloudNasError) as found:
        ask(call)
    error = found.value
    assert (type(error), error.exit_status, error.code) == (kind, exit_status, code)
    assert message in error.message
    assert error.hint is None if hint is None else hint in (error.hint or "")
    if kind is ServiceError:
        assert error.service_code == answer


def test_reads_are_tried_again_and_creates_are_not(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.endpoint)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    refusing.says(500, "InternalFailure")
    with pytest.raises(UnreachableError):
        ask(CREATE)
    assert refusing.asked == 1
    with pytest.raises(UnreachableError):
        ask(LIST)
    assert refusing.asked == 3


@pytest.mark.parametrize("missing", [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY",)])
def test_nobody_is_logged_in(missing: tuple[str, ...], refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.endpoint)
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(CredentialsError, match="nobody is logged in") as found:
        ask(LIST)
    assert found.value.exit_status == 4 and "aws sso login" in str(found.value.hint)
    assert not refusing.asked


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "research")
    with pytest.raises(CredentialsError, match="research") as found:
        ask(LIST)
    assert "AWS_PROFILE" in str(found.value.hint)


def test_a_login_by_sso_that_is_over(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.write_text(
        "[profile research]\nsso_session = us\nsso_account_id = 123456789012\nsso_role_name = searcher\n"
        "[sso-session us]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "research")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(CredentialsError, match="has expired") as found:
        ask(LIST)
    assert found.value.hint == "aws sso login"


@pytest.mark.parametrize("region", [None, "eu west"])
def test_no_region_or_none_that_could_be(region: str | None) -> None:
    assert default_region() is None
    with pytest.raises(UsageError, match="no AWS region") as found:
        ask(LIST, region)
    assert (found.value.exit_status, found.value.code) == (2, "CN504")
    assert "AWS_REGION" in str(found.value.hint)


def test_nobody_listens(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for call in (LIST, CREATE, OBJECT):
        with pytest.raises(UnreachableError, match="did not answer") as found:
            ask(call)
        assert (found.value.exit_status, found.value.code) == (10, "CN502")


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_MAX_ATTEMPTS", "many"), ("AWS_MAX_ATTEMPTS", "0"), ("CLOUD_NAS_AWS_RATE", "fast"),
                            ("CLOUD_NAS_AWS_RATE", "nan"), ("CLOUD_NAS_AWS_RATE", "-1")],
)  # fmt: skip
def test_a_setting_that_is_no_number_is_refused(
    variable: str, value: str, refusing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.endpoint)
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=variable) as found:
        ask(LIST)
    assert f"unset {variable}" in str(found.value.hint)
    assert not refusing.asked


def test_a_bucket_of_another_account_and_one_elsewhere(cloud: StandIn) -> None:
    from cloud_nas.targets.sagemaker.uploads import check_bucket

    place = {"region": cloud.region, "bucket": cloud.bucket}
    check_bucket(Client(cloud.region), place | {"role": cloud.role})
    with pytest.raises(CredentialsError, match="another account's"):
        check_bucket(Client(cloud.region), place | {"role": "arn:aws:iam::999999999999:role/trainer"})
    cloud.storage.make_bucket("in-ohio", "us-east-2")
    with pytest.raises(RefusedError, match="us-east-2") as found:
        check_bucket(Client(cloud.region), {"region": cloud.region, "bucket": "in-ohio", "role": cloud.role})
    assert found.value.code == "CN505"
