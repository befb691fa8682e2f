"""`orphans` without --on asks every cloud that this machine is set up for, and says which it did not ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.operations.adopt import orphans
from cloud_nas.operations.plan import plan
from cloud_nas.runs.registry import Registry

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

GOOGLES = (
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "GOOGLE_CLOUD_REGION",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_APPLICATION_CREDENTIALS",
)


@pytest.fixture(autouse=True)
def no_google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of Google's is set up here."""
    for name in GOOGLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def test_a_cloud_that_is_not_set_up_is_left_out_and_told(spec: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    lost = cn.submit(plan(spec, on="sagemaker:engine", wheels=False))
    with Registry() as registry:
        registry.delete(lost.id)
    shown = screen("orphans", "--spec", str(spec))
    assert shown.status == 0, shown.stderr
    assert lost.id in shown.stdout
    assert "note: vertex was not asked" in shown.stderr


def test_where_no_cloud_is_set_up_the_first_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(cn.UsageError, match="region"):
        orphans()
