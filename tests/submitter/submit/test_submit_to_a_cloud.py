"""Submitting: the job is made once, under the run's name, as the plan shows it, whatever happens on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.runs.registry import Registry

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

CREATES = {
    "sagemaker:tuning": "CreateHyperParameterTuningJob",
    "sagemaker:engine": "CreateTrainingJob",
    "sagemaker:autopilot": "CreateAutoMLJobV2",
}


def made(cloud: StandIn, on: str) -> list[Any]:
    return [one for one in cloud.asked(CREATES[on]) if one.error is None]


@pytest.mark.parametrize("on", ["sagemaker:tuning", "sagemaker:engine", "sagemaker:autopilot"])
def test_a_job_is_made_once_and_attached_to_afterwards(
    on: str, request: pytest.FixtureRequest, cloud: StandIn, screen: Callable[..., Any]
) -> None:
    spec = request.getfixturevalue("table" if on == "sagemaker:autopilot" else "spec")
    first = screen("submit", str(spec), "--on", on, "--yes", "--json")
    assert first.status == 0, first.stderr
    run = json.loads(first.stdout)
    assert run["remote"] == f"{run['run_id']}-1" and run["state"] in ("pending", "running")
    again = screen("submit", str(spec), "--on", on, "--yes", "--json")
    assert again.status == 0, again.stderr
    assert json.loads(again.stdout)["run_id"] == run["run_id"]
    assert f"{run['run_id']} is at work" in again.stderr
    (create,) = made(cloud, on)
    assert run["remote"] in json.dumps(create.body)


def test_the_request_is_the_one_that_the_plan_shows(
    spec: Path, cloud: StandIn, screen: Callable[..., Any], tmp_path: Path
) -> None:
    shown = screen("plan", str(spec), "--on", "sagemaker:tuning", "--out", "plan.json", "--json")
    assert shown.status == 0, shown.stderr
    assert screen("submit", "plan.json", "--yes").status == 0
    (create,) = made(cloud, "sagemaker:tuning")
    assert create.body == json.loads(shown.stdout)["requests"][0]["body"]
    uploads = {one["to"] for one in json.loads(shown.stdout)["uploads"]}
    assert set(cloud.storage.keys(f"s3://{cloud.bucket}/")) >= uploads


def test_a_plan_that_no_longer_holds_is_refused(spec: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    assert screen("plan", str(spec), "--on", "sagemaker:tuning", "--out", "plan.json").status == 0
    spec.write_text(spec.read_text().replace("epochs: 2", "epochs: 3"))
    found = screen("submit", "plan.json", "--yes")
    assert found.status == 9 and "no longer holds" in found.stderr
    assert not made(cloud, "sagemaker:tuning")


def test_nothing_is_made_without_a_yes(spec: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    found = screen("submit", str(spec), "--on", "sagemaker:tuning")
    assert found.status == 9 and "not confirmed" in found.stderr
    assert not cloud.requests
    assert screen("status").stdout.count("r-") == 0


def test_a_job_that_could_cost_more_than_it_may_is_not_made(spec: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    found = screen("submit", str(spec), "--on", "sagemaker:tuning", "--yes", "--max-cost", "0.01")
    assert found.status == 9 and "could cost" in found.stderr
    assert not cloud.requests


def test_after_a_failure_comes_the_next_attempt(spec: Path, cloud: StandIn) -> None:
    run = cn.submit(spec, on="sagemaker:engine")
    run.cancel()
    cloud.settle()
    assert run.status().state == "cancelled"
    again = cn.submit(spec, on="sagemaker:engine")
    assert again.id == run.id and again.status().attempt == 2
    assert [one.body["TrainingJobName"] for one in made(cloud, "sagemaker:engine")] == [f"{run.id}-1", f"{run.id}-2"]
    assert cn.submit(spec, on="sagemaker:engine", fresh=True).id != run.id


def test_a_name_that_is_somebody_elses_job_is_not_taken_for_ours(spec: Path, cloud: StandIn) -> None:
    plan = cn.plan(spec, on="sagemaker:engine")
    cn.submit(plan)
    with Registry() as registry:
        registry.delete(plan.plan.name.run_id)
    import dataclasses

    name = dataclasses.replace(plan.plan.name, nonce="another")
    with pytest.raises(cn.RefusedError, match="not this run's"):
        cn.submit(cn.plan(spec, on="sagemaker:engine", name=name))


def test_what_is_there_is_not_sent_again(spec: Path, cloud: StandIn) -> None:
    cn.submit(spec, on="sagemaker:tuning")
    sent = len(cloud.asked(f"PUT /{cloud.bucket}"))
    assert sent
    cn.submit(spec, on="sagemaker:tuning", fresh=True)
    assert len(cloud.asked(f"PUT /{cloud.bucket}")) == sent


def test_every_call_to_the_bucket_names_its_owner(spec: Path, cloud: StandIn) -> None:
    cn.submit(spec, on="sagemaker:tuning")
    calls = [one for one in cloud.requests if one.service == "s3"]
    assert calls and all(one.headers.get("x-amz-expected-bucket-owner") == cloud.account for one in calls)


def test_a_run_is_found_again_on_a_machine_that_knows_nothing(spec: Path, cloud: StandIn, screen: Callable[..., Any]) -> None:
    run = cn.submit(spec, on="sagemaker:tuning")
    with Registry() as registry:
        registry.delete(run.id)
    listed = screen("orphans", "--on", "sagemaker:tuning", "--spec", str(spec))
    assert listed.status == 0 and run.id in listed.stdout, listed.stderr
    adopted = screen("adopt", "--on", "sagemaker:tuning", "--spec", str(spec))
    assert adopted.status == 0, adopted.stderr
    assert run.status().state == "running"
    assert run.id not in screen("orphans", "--on", "sagemaker:tuning", "--spec", str(spec)).stdout
    assert cn.submit(spec, on="sagemaker:tuning").id == run.id
    assert len(made(cloud, "sagemaker:tuning")) == 1
