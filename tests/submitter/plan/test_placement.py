"""The settings of the place: what is missing or wrong is told before anything else happens, with the key to add."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cloud_nas.errors import UsageError
from cloud_nas.targets.sagemaker.placement import settings

_WHOLE = {"region": "eu-west-1", "bucket": "my-bucket", "role": "arn:aws:iam::123456789012:role/search"}


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS's own configuration is an empty file of the test's."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "config"
    file.write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return file


def test_defaults_are_filled_in() -> None:
    found = settings(_WHOLE)
    assert (found["instance"], found["prefix"], found["spot"], found["max_runtime"]) == (
        "ml.m5.xlarge",
        "cloud-nas/",
        False,
        3600,
    )


@pytest.mark.parametrize("key", ["bucket", "role", "region"])
def test_what_is_missing_is_named_with_the_line_to_add(key: str) -> None:
    with pytest.raises(UsageError) as raised:
        settings({name: value for name, value in _WHOLE.items() if name != key} | {key: None})
    assert f"{key}:" in (raised.value.hint or "")
    assert raised.value.exit_status == 2


def test_the_region_comes_from_aws_own_configuration(no_configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_configuration.write_text("[default]\nregion = eu-north-1\n[profile work]\nregion = ap-south-1\n")
    without = {name: value for name, value in _WHOLE.items() if name != "region"}
    assert settings(without)["region"] == "eu-north-1"
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert settings(without)["region"] == "ap-south-1"
    assert settings(_WHOLE)["region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"region": "eu-wst-1"}, "eu-wst-1", "eu-west-1"),
        ({"region": "us-moon-9"}, "us-moon-9", ""),
        ({"subnets": ["subnet-1"]}, "go together", "security_groups"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        settings(_WHOLE | changed)
    assert hint in (raised.value.hint or "")


def test_a_region_newer_than_this_version_is_taken_with_an_image_of_ones_own() -> None:
    assert settings(_WHOLE | {"region": "us-moon-9", "image": "mine"})["region"] == "us-moon-9"
