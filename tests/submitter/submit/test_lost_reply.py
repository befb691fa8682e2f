"""A job is made and nobody hears of it: the submission finds it, and makes no second one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

CREATES = {"sagemaker:tuning": "CreateHyperParameterTuningJob", "sagemaker:engine": "CreateTrainingJob"}


@pytest.mark.parametrize("on", CREATES)
def test_a_job_whose_reply_got_lost_is_the_runs(
    on: str, make_spec: Callable[..., Path], make_cloud: Callable[..., StandIn], screen: Callable[..., Any]
) -> None:
    cloud = make_cloud(run_jobs=False, faults=["lost-reply"])
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    spec = make_spec(targets=place)
    found = screen("submit", str(spec), "--on", on, "--yes", "--json")
    assert found.status == 0, found.stderr
    run = json.loads(found.stdout)
    assert [one.error for one in cloud.asked(CREATES[on])] == ["lost"]
    assert (run["state"], run["remote"]) == ("running", f"{run['run_id']}-1")
    (row,) = cn.status()
    assert (row.run_id, row.state, row.attempt) == (run["run_id"], "running", 1)
    assert cn.submit(spec, on=on).id == run["run_id"]
    assert len(cloud.asked(CREATES[on])) == 1
