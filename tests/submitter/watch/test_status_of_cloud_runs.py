"""`status` of runs in a cloud: few calls, the last known state where nobody answers, and nothing asked twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.rehearse.aws import Script
from cloud_nas.runs.registry import Registry

Submitted = Callable[..., Any]

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

LISTS = {"tuning": "ListHyperParameterTuningJobs", "engine": "ListTrainingJobs", "autopilot": "ListAutoMLJobs"}
PROGRESS = {
    "schema": 1,
    "counts": {"done": 2, "failed": 1, "pruned": 0, "total": 5},
    "best": {"trial": 1, "value": 0.9, "params": {"units": 16}},
    "seconds": 12.5,
    "reason": None,
    "trials": [
        {"number": 1, "state": "done", "value": 0.9, "params": {"units": 16}, "epochs": 2, "seconds": 3.0, "reason": None},
        {"number": 0, "state": "failed", "value": None, "params": {}, "epochs": 0, "seconds": 1.0, "reason": "it broke"},
    ],
}


@pytest.mark.parametrize("kind", ["tuning", "engine", "autopilot"])
def test_a_job_is_followed_from_its_start_to_its_end(kind: str, submitted: Submitted, cloud: StandIn) -> None:
    submitted(kind)
    (found,) = cn.status()
    assert (found.state, found.source, found.trouble) == ("running", "cloud", None)
    cloud.settle()
    (found,) = cn.status()
    assert (found.state, found.reason) == ("succeeded", None)
    if kind != "engine":
        assert found.best is not None and found.trials.done > 0
        assert found.best.value == max(one.value or 0.0 for one in cn.trials(found.run_id))
    if kind != "autopilot":
        assert found.cost is not None and found.cost.amount > 0
    asked = len(cloud.requests)
    assert cn.status()[0].source == "cache"
    assert len(cloud.requests) == asked


def test_the_bill_of_a_tuning_job_is_that_of_its_training_jobs(submitted: Submitted, cloud: StandIn) -> None:
    from cloud_nas.targets.sagemaker import cost
    from cloud_nas.targets.sagemaker.client import Client

    row = submitted("tuning")
    cloud.settle()
    (found,) = cn.status()
    listed = Client(cloud.region).call("sagemaker", "ListTrainingJobs", MaxResults=100)["TrainingJobSummaries"]
    ask = Client(cloud.region)
    jobs = [ask.call("sagemaker", "DescribeTrainingJob", TrainingJobName=one["TrainingJobName"]) for one in listed]
    seconds = {one["TrainingJobName"]: one["BillableTimeInSeconds"] for one in jobs if "BillableTimeInSeconds" in one}
    assert found.cost == cost.actual(row.place, seconds)


def test_an_engines_study_is_read_from_its_checkpoints(submit: Submitted, make_cloud: Callable[..., StandIn]) -> None:
    cloud = make_cloud(run_jobs=False, script=Script(checkpoints={"progress.json": json.dumps(PROGRESS).encode()}))
    submit(cloud, "engine", "r-7k2xq")
    cloud.advance(90)
    (found,) = cn.status()
    assert (found.trials.done, found.trials.failed, found.trials.total) == (2, 1, 5)
    assert found.best is not None and found.best.to_json() == PROGRESS["best"]
    assert found.seconds == 12.5
    assert [(one.number, one.state, one.value) for one in cn.trials("r-7k2xq")] == [(0, "failed", None), (1, "done", 0.9)]
    owners = {one.headers.get("x-amz-expected-bucket-owner") for one in cloud.asked(f"/{cloud.bucket}/")}
    assert owners == {cloud.account}


def test_a_failed_job_tells_the_services_reason_and_its_last_words(
    submit: Submitted, make_cloud: Callable[..., StandIn], screen: Any
) -> None:
    cloud = make_cloud(run_jobs=False, script=Script(failure="cloud-nas: the rows are gone", lines=("begun", "no rows here")))
    submit(cloud, "engine", "r-7k2xq")
    cloud.settle()
    shown = screen("wait", "r-7k2xq")
    assert shown.status == 1
    assert "the rows are gone" in shown.stderr and "no rows here" in shown.stderr
    cloud.expire()
    assert "no rows here" in screen("wait", "r-7k2xq").stderr


def test_many_jobs_are_looked_up_in_lists(submit: Submitted, cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        for kind in LISTS:
            submit(cloud, kind, f"r-{kind[0]}{number}aaa")
    before = len(cloud.requests)
    assert {one.state for one in cn.status()} == {"running"}
    asked = [one.operation for one in cloud.requests[before:]]
    assert not [name for name in asked if name.startswith("Describe")]
    assert {asked.count(name) for name in LISTS.values()} == {1}
    cloud.settle()
    assert {one.state for one in cn.status()} == {"succeeded"}


def test_a_thousand_runs_take_few_lists_and_little_time(submit: Submitted, cloud: StandIn) -> None:
    """900 that have ended, and 102 at work, a third of each kind."""
    first = submit(cloud, "tuning", "r-zzzzz", make=False, state="cancelled")
    rows = [submit(cloud, kind, f"r-{kind[0]}{number:04}"[:7]) for number in range(34) for kind in LISTS]
    _ended(first, 900)
    before, begun = len(cloud.requests), time.monotonic()
    found = cn.status()
    seconds = time.monotonic() - begun
    lists = [one.operation for one in cloud.requests[before:] if one.operation in LISTS.values()]
    assert sum(one.source == "cloud" for one in found) == len(rows) == 102
    assert all(lists.count(name) <= 10 for name in LISTS.values())
    assert seconds < 3.0, seconds


def _ended(first: Any, count: int) -> None:
    import dataclasses

    with Registry() as registry, registry.transaction():
        for number in range(count):
            registry.create(dataclasses.replace(first, run_id=f"r-x{number:04}", state="succeeded"))


def test_an_expired_login_is_a_note_beside_what_was_known(submitted: Submitted, cloud: StandIn, screen: Any) -> None:
    submitted("tuning")
    cloud.advance(200)
    known = json.loads(screen("status", "--json").stdout)["runs"][0]
    cloud.expire()
    shown = screen("status", "--json")
    assert shown.status == 4
    run = json.loads(shown.stdout)["runs"][0]
    assert (run["note"], run["source"], run["state"]) == ("unreachable", "cache", "running")
    assert {key: run[key] for key in ("trials", "best", "cost")} == {key: known[key] for key in ("trials", "best", "cost")}
    assert "expired" in shown.stderr and "aws sso login" in shown.stderr
    assert screen("status", "--cached").status == 0
    cloud.renew()
    assert screen("status").status == 0


def test_a_lost_network_is_unreachable_and_not_a_failure(
    submitted: Submitted, monkeypatch: pytest.MonkeyPatch, screen: Any
) -> None:
    submitted("engine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    shown = screen("status", "r-7k2xq", "--json")
    assert shown.status == 10
    assert json.loads(shown.stdout)["runs"][0]["note"] == "unreachable"


def test_a_job_that_this_account_does_not_have_is_not_called_failed(submitted: Submitted) -> None:
    submitted("tuning", make=False)
    (found,) = cn.status()
    assert found.state == "running" and found.note is not None and "no job r-7k2xq-1" in found.note


def test_a_run_that_was_never_submitted_says_so_and_can_be_cancelled(submitted: Submitted) -> None:
    submitted("engine", make=False, state="pending", remote=None)
    (found,) = cn.status()
    assert (found.state, found.note) == ("interrupted", "not submitted yet; submit it again to go on")
    assert cn.Run("r-7k2xq").wait().state == "interrupted"  # nobody works at it, so there is nothing to wait for
    assert cn.Run("r-7k2xq").cancel().state == "cancelled"


def test_a_rehearsed_run_is_never_asked_for(submitted: Submitted, cloud: StandIn) -> None:
    submitted("tuning", make=False, rehearsed=True, state="succeeded")
    assert cn.status()[0].state == "succeeded"
    assert cn.trials("r-7k2xq") == [] and not cloud.requests
    with pytest.raises(cn.NotFoundError, match="rehearsal"):
        list(cn.Run("r-7k2xq").logs())


def test_a_tuning_job_without_a_good_trial_has_failed(submit: Submitted, make_cloud: Callable[..., StandIn]) -> None:
    cloud = make_cloud(run_jobs=False, script=Script(failure="cloud-nas: it broke"))
    submit(cloud, "tuning", "r-7k2xq")
    cloud.settle()
    (found,) = cn.status()
    assert found.state == "failed" and found.reason
    trials = cn.trials("r-7k2xq")
    assert "done" not in {one.state for one in trials}
    assert trials[0].state == "failed" and "it broke" in (trials[0].reason or "")


def test_a_slow_list_with_empty_pages_is_read_to_its_end(submit: Submitted, make_cloud: Callable[..., StandIn]) -> None:
    cloud = make_cloud(run_jobs=False, faults=["slow-list"])
    for number in range(6):
        submit(cloud, "tuning", f"r-t{number}aaa")
    assert {one.source for one in cn.status()} == {"cloud"}
