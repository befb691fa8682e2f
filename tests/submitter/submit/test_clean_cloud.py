"""`clean --cloud` deletes what a run left in its bucket, after showing it, and nothing that is not the run's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloud_nas as cn

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn


def test_only_the_runs_own_objects_go(make_spec: Callable[..., Path], cloud: StandIn, screen: Callable[..., Any]) -> None:
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    run = cn.submit(make_spec(targets=place), on="sagemaker:engine")
    root = f"s3://{cloud.bucket}/cloud-nas"
    shared = set(cloud.storage.keys(f"{root}/"))
    at_work = screen("clean", "--cloud", run.id, "--yes")
    assert at_work.status == 9 and "at work" in at_work.stderr
    run.cancel()
    cloud.settle()
    for key in (f"{root}/runs/{run.id}/1/output/model.tar.gz", f"{root}/runs/{run.id}/checkpoints/x", f"{root}/runs/r-other/y"):
        cloud.storage.put(key, b"12345")
    listed = screen("clean", "--cloud", "--json")
    assert listed.status == 2 and "no terminal" in listed.stderr
    before = set(cloud.storage.keys(f"{root}/"))
    deleted = screen("clean", "--cloud", "--yes", "--json")
    assert deleted.status == 0, deleted.stderr
    (one,) = json.loads(deleted.stdout)["cloud"]
    assert one["run_id"] == run.id and {each["uri"] for each in one["objects"]} == before - shared - {f"{root}/runs/r-other/y"}
    assert set(cloud.storage.keys(f"{root}/")) == shared | {f"{root}/runs/r-other/y"}
    assert any(uri.startswith(f"{root}/data/") for uri in json.loads(deleted.stdout)["shared"])
    assert run.status().state == "cancelled"
