"""Jobs that no run here knows: what is told of them, by whom they are found, and how they are ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.errors import UnreachableError
from cloud_nas.runs.registry import Registry
from cloud_nas.targets.sagemaker.client import Client

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

LOOK = {"sagemaker:tuning": "DescribeHyperParameterTuningJob", "sagemaker:engine": "DescribeTrainingJob"}
STATUS = {"sagemaker:tuning": "HyperParameterTuningJobStatus", "sagemaker:engine": "TrainingJobStatus"}


@pytest.fixture
def look(spec: Path, screen: Callable[..., Any]) -> Callable[..., list[dict[str, Any]]]:
    """What `orphans` or `adopt` finds, with these options."""

    def ask(command: str, on: str, *options: str) -> list[dict[str, Any]]:
        found = screen(command, "--on", on, "--spec", str(spec), "--json", *options)
        assert found.status == 0, found.stderr
        jobs: list[dict[str, Any]] = json.loads(found.stdout)["jobs"]
        return jobs

    return ask


def forget(*run_ids: str) -> None:
    """Takes runs out of this machine's registry."""
    with Registry() as registry:
        for run_id in run_ids:
            registry.delete(run_id)


def state_at(cloud: StandIn, on: str, remote: str) -> str:
    key = STATUS[on].removesuffix("Status") + "Name"
    found: str = Client(cloud.region).call("sagemaker", LOOK[on], **{key: remote})[STATUS[on]]
    return found


@pytest.mark.parametrize("on", LOOK)
def test_orphans_are_ended_only_after_a_yes(
    on: str, spec: Path, cloud: StandIn, look: Callable[..., Any], screen: Callable[..., Any]
) -> None:
    lost, kept = cn.submit(spec, on=on), cn.submit(spec, on=on, fresh=True)
    forget(lost.id)
    assert [one["run_id"] for one in look("orphans", on)] == [lost.id]
    asked = screen("orphans", "--on", on, "--spec", str(spec), "--cancel")
    assert asked.status == 0 and f"{lost.id}-1" in asked.stderr
    assert state_at(cloud, on, f"{lost.id}-1") == "InProgress"
    (ended,) = look("orphans", on, "--cancel", "--yes")
    assert (ended["run_id"], ended["state"]) == (lost.id, "stopping")
    cloud.settle()
    assert state_at(cloud, on, f"{lost.id}-1") == "Stopped"
    assert kept.status().state == "succeeded"
    assert [one["state"] for one in look("orphans", on, "--cancel", "--yes")] == ["cancelled"]


def test_other_peoples_jobs_are_found_only_where_they_are_asked_for(
    spec: Path, cloud: StandIn, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            patch.setenv(name, "somebody-else")
        theirs = cn.submit(spec, on="sagemaker:engine")
    mine = cn.submit(spec, on="sagemaker:engine", fresh=True)
    forget(theirs.id, mine.id)
    assert [one["run_id"] for one in look("orphans", "sagemaker:engine")] == [mine.id]
    found = {one["run_id"]: one["owner"] for one in look("orphans", "sagemaker:engine", "--all-owners")}
    assert set(found) == {mine.id, theirs.id} and found[theirs.id] == "somebody-else" != found[mine.id]
    assert [one["run_id"] for one in look("adopt", "sagemaker:engine")] == [mine.id]
    assert {one.run_id for one in cn.status()} == {mine.id}


def test_a_tuners_training_jobs_are_neither_runs_nor_orphans(spec: Path, cloud: StandIn, look: Callable[..., Any]) -> None:
    run = cn.submit(spec, on="sagemaker:tuning")
    cloud.settle()
    children = Client(cloud.region).call("sagemaker", "ListTrainingJobs")["TrainingJobSummaries"]
    tags = Client(cloud.region).call("sagemaker", "ListTags", ResourceArn=children[0]["TrainingJobArn"])["Tags"]
    assert {"Key": "cloud-nas:run", "Value": run.id} in tags, "the service hands a tuning job's tags on to its training jobs"
    forget(run.id)
    assert look("orphans", "sagemaker:engine") == [] == look("adopt", "sagemaker:engine")
    assert [one["remote"] for one in look("orphans", "sagemaker:tuning")] == [f"{run.id}-1"]


@pytest.mark.parametrize("on", LOOK)
def test_they_are_found_without_the_tagging_service(
    on: str, spec: Path, cloud: StandIn, look: Callable[..., Any], refusing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cn.submit(spec, on=on)
    cloud.settle()
    forget(run.id)
    usual = look("orphans", on)
    refusing.says(400, "AccessDeniedException", "not authorized to perform: tag:GetResources")
    monkeypatch.setenv("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", refusing.endpoint)
    assert look("orphans", on) == usual
    assert [one["run_id"] for one in usual] == [run.id]
    assert refusing.asked == 1


def test_an_adopted_engine_knows_what_it_searches_for(make_spec: Callable[..., Path], cloud: StandIn, screen: Any) -> None:
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    spec = make_spec(targets=place, objective="{metric: loss, goal: minimize}")
    run = cn.submit(spec, on="sagemaker:engine")
    with Registry() as registry:
        before = registry.get(run.id)
    forget(run.id)
    assert screen("adopt", "--on", "sagemaker:engine", "--spec", str(spec)).status == 0
    with Registry() as registry:
        after = registry.get(run.id)
    assert (after.place["goal"], after.place["metric"]) == ("minimize", "loss")
    told = ("kind", "region", "bucket", "prefix", "role", "instance", "volume", "spot", "goal", "metric")
    assert {key: after.place[key] for key in told} == {key: before.place[key] for key in told}
    assert (after.identity, after.attempt, after.nonce) == (before.identity, before.attempt, before.nonce)


@pytest.mark.parametrize("silent", [0, 1, 2])
def test_one_job_that_does_not_answer_hides_no_other(
    silent: int, spec: Path, cloud: StandIn, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = sorted(cn.submit(spec, on="sagemaker:engine", fresh=True).id for _ in range(3))
    cloud.settle()
    forget(*runs)
    seen: list[str] = []
    real: Callable[..., Any] = Client.call

    def call(client: Client, service: str, operation: str, **body: Any) -> Any:
        if operation == "DescribeTrainingJob" and body["TrainingJobName"] == f"{runs[silent]}-1":
            seen.append(operation)
            if len(seen) == 2:
                raise UnreachableError("AWS did not answer")
        return real(client, service, operation, **body)

    monkeypatch.setattr(Client, "call", call)
    states = {one["run_id"]: one["state"] for one in look("adopt", "sagemaker:engine")}
    assert states == {**dict.fromkeys(runs, "succeeded"), runs[silent]: "running"}
    assert {one.run_id: one.state for one in cn.status()} == dict.fromkeys(runs, "succeeded")
